"""How the fake provider's ID tokens and logout tokens are composed, honestly or with lies.

An honest token is signed with no detour.
A lie is a function: the claims' lies change the claims, the wording's lies change the JSON text, and the
signature's lies sign in a way of their own.
"""

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import orjson

from jitney.testing.fake_oidc.lies import Lie
from jitney.testing.fake_oidc.signing_keys import ProviderKeys, SigningKey, b64url, hmac_sha256

HOUR = 3600
DAY = 24 * HOUR
LONG_SUBJECT = "s" * 300
FOREIGN_TENANT = "a-tenant-of-their-own"
WRONG_TYPES: dict[str, Any] = {
    "email": {"address": ["nobody@acme.example"]},
    "email_verified": "yes",
    "given_name": 17,
    "family_name": ["Alder", None],
    "groups": 7,
}
"""Claims whose types OIDC Core 5.1 does not allow."""

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a token is made with: the keys, the key of choice, the client's secret, and the token's kind."""

    keys: ProviderKeys
    key: SigningKey
    client_secret: str
    typ: str = "JWT"

    def sign(self, payload: bytes, key: SigningKey | None = None, **header: Any) -> str:
        """A compact token, signed by our key or another one."""
        return (key or self.key).token(payload, **{"typ": self.typ, **header})


def half_hash(access_token: str) -> str:
    """``at_hash``: the left half of the token's SHA-256 (OIDC Core 3.1.3.6)."""
    return b64url(hashlib.sha256(access_token.encode("ascii")).digest()[:16])


def _set(**changes: Any) -> Callable[[Claims], Any]:
    return lambda claims: claims.update(changes)


def _drop(*names: str) -> Callable[[Claims], Any]:
    return lambda claims: [claims.pop(name, None) for name in names]


def _shift(seconds: int, *names: str) -> Callable[[Claims], Any]:
    """Move points in time; one that is missing is made from ``iat``."""
    return lambda claims: claims.update({name: claims.get(name, claims["iat"]) + seconds for name in names})


def _strings(*names: str) -> Callable[[Claims], Any]:
    return lambda claims: claims.update({name: str(claims[name]) for name in names})


def _second_audience() -> Callable[[Claims], Any]:
    return lambda claims: claims.update(aud=[claims["aud"], "another-client"], azp=claims["aud"])


CLAIM_LIES: dict[Lie, Callable[[Claims], Any]] = {
    Lie.WRONG_NONCE: _set(nonce="a-nonce-of-another-sign-in"),
    Lie.MISSING_NONCE: _drop("nonce"),
    Lie.WRONG_ISSUER: _set(iss="https://elsewhere.acme.example"),
    Lie.ISSUER_WITH_SLASH: lambda claims: claims.update(iss=claims["iss"] + "/"),
    Lie.WRONG_AUDIENCE: _set(aud="another-client"),
    Lie.EXTRA_AUDIENCE: _second_audience(),
    Lie.MISSING_AUDIENCE: _drop("aud"),
    Lie.WRONG_AZP: _set(azp="another-client"),
    Lie.MISSING_AZP: lambda claims: claims.update(aud=[claims["aud"], "another-client"]),
    Lie.EXPIRED: _shift(-2 * HOUR, "iat", "exp"),
    Lie.MISSING_EXP: _drop("exp"),
    Lie.ISSUED_IN_FUTURE: _shift(HOUR, "iat", "exp"),
    Lie.NOT_YET_VALID: _shift(HOUR, "nbf"),
    Lie.MISSING_IAT: _drop("iat"),
    Lie.STRING_TIMES: _strings("iat", "exp"),
    Lie.EMPTY_SUBJECT: _set(sub=""),
    Lie.MISSING_SUBJECT: _drop("sub"),
    Lie.NUMERIC_SUBJECT: _set(sub=42),
    Lie.LONG_SUBJECT: _set(sub=LONG_SUBJECT),
    Lie.WRONG_AT_HASH: _set(at_hash=half_hash("another-access-token")),
    Lie.MISSING_AUTH_TIME: _drop("auth_time"),
    Lie.OLD_AUTH_TIME: _shift(-DAY, "auth_time"),
    Lie.WRONG_CLAIM_TYPES: _set(**WRONG_TYPES),
    Lie.OVERSIZED_ID_TOKEN: _set(padding="x" * 48 * 1024),
    Lie.REFRESHED_OTHER_SUBJECT: _set(sub="somebody-else"),
    Lie.REFRESHED_OTHER_ISSUER: _set(iss="https://elsewhere.acme.example"),
    Lie.REFRESHED_OTHER_AUDIENCE: _set(aud="another-client"),
    Lie.FOREIGN_TENANT: lambda claims: claims.update(
        iss=claims["iss"].replace(claims["tid"], FOREIGN_TENANT), tid=FOREIGN_TENANT
    ),
    Lie.TENANT_OF_ANOTHER_ISSUER: lambda claims: claims.update(
        iss=claims["iss"].replace(claims["tid"], FOREIGN_TENANT)
    ),
    Lie.TENANT_MISSING: _drop("tid"),
    Lie.ISSUER_NOT_FILLED_IN: lambda claims: claims.update(
        iss=claims["iss"].replace(claims["tid"], "{tenantid}")
    ),
    Lie.LOGOUT_WRONG_AUDIENCE: _set(aud="another-client"),
    Lie.LOGOUT_WRONG_ISSUER: _set(iss="https://elsewhere.acme.example"),
    Lie.LOGOUT_WITH_NONCE: _set(nonce="a-nonce"),
    Lie.LOGOUT_WITHOUT_EVENTS: _drop("events"),
    Lie.LOGOUT_WITHOUT_WHO: _drop("sub", "sid"),
    Lie.LOGOUT_OLD_IAT: lambda claims: (_shift(-DAY, "iat")(claims), claims.pop("exp")),
}


def nested(depth: int) -> bytes:
    """A JSON list that holds a list, and so on."""
    return b"[" * depth + b"]" * depth


def with_raw_member(document: bytes, name: str, value: bytes) -> bytes:
    """The JSON object with one more member in front, as text: no check, no order, no uniqueness."""
    return b'{"%s":%s,%s' % (name.encode(), value, document[1:])


WORDING_LIES: dict[Lie, Callable[[bytes], bytes]] = {
    Lie.DEEP_ID_TOKEN: lambda text: with_raw_member(text, "deep", nested(2_000)),
    Lie.DUPLICATE_CLAIMS: lambda text: with_raw_member(text, "sub", b'"somebody-else"'),
}


def _unsigned(_shop: Workshop, payload: bytes) -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{b64url(payload)}."


def _hs256(secret: bytes, kid: str, payload: bytes) -> str:
    head = _part({"alg": "HS256", "typ": "JWT", "kid": kid})
    signing_input = f"{head}.{b64url(payload)}"
    return f"{signing_input}.{b64url(hmac_sha256(secret, signing_input.encode('ascii')))}"


def _part(value: Claims) -> str:
    return b64url(json.dumps(value, separators=(",", ":")).encode())


def _foreign(shop: Workshop, payload: bytes, *, bring_key: bool = False) -> str:
    stranger = shop.keys.foreign(like=shop.key)
    header = {"jwk": dict(stranger.jwk)} if bring_key else {}
    return shop.sign(payload, stranger, **header)


def _unknown(shop: Workshop, payload: bytes) -> str:
    return shop.sign(payload, SigningKey.make(shop.key.alg, kid="nobody-knows-me"))


def _withdrawn(shop: Workshop, payload: bytes) -> str:
    """Signed by a key that was withdrawn; when none was yet, our own keys are rotated out for it."""
    if not shop.keys.withdrawn:
        shop.keys.rotate(withdraw=True)
    withdrawn = next(key for key in reversed(shop.keys.withdrawn) if key.alg == shop.key.alg)
    return shop.sign(payload, withdrawn)


def _tampered(shop: Workshop, payload: bytes) -> str:
    """The last byte of the signature is turned over; its last letter alone may hold unused bits."""
    head, body, _ = shop.sign(payload).split(".")
    signature = shop.key.sign(f"{head}.{body}".encode("ascii"))
    return f"{head}.{body}.{b64url(signature[:-1] + bytes([signature[-1] ^ 0xFF]))}"


SIGNATURE_LIES: dict[Lie, Callable[[Workshop, bytes], str]] = {
    Lie.ALG_NONE: _unsigned,
    Lie.LOGOUT_UNSIGNED: _unsigned,
    Lie.HS256_WITH_PUBLIC_KEY: lambda shop, payload: _hs256(shop.key.public_pem, shop.key.kid, payload),
    Lie.HS256_WITH_CLIENT_SECRET: lambda shop, payload: _hs256(
        shop.client_secret.encode(), shop.key.kid, payload
    ),
    Lie.FOREIGN_KEY: _foreign,
    Lie.LOGOUT_FOREIGN_KEY: _foreign,
    Lie.EMBEDDED_JWK: lambda shop, payload: _foreign(shop, payload, bring_key=True),
    Lie.UNKNOWN_KID: lambda shop, payload: SigningKey.make(shop.key.alg, kid="nobody-knows-me").token(
        payload
    ),
    Lie.WITHDRAWN_KEY: _withdrawn,
    Lie.BAD_SIGNATURE: _tampered,
    Lie.STRIPPED_SIGNATURE: lambda shop, payload: shop.sign(payload).rpartition(".")[0] + ".",
    Lie.CRITICAL_HEADER: lambda shop, payload: shop.sign(payload, crit=["acme"], acme=True),
    Lie.ACCESS_TOKEN_AS_ID_TOKEN: lambda shop, payload: shop.sign(payload, typ="at+jwt"),
    Lie.JWKS_SHORT_RSA_KEY: lambda shop, payload: shop.sign(payload, shop.keys.short),
    Lie.JWKS_SYMMETRIC_KEY: lambda shop, payload: shop.sign(payload, shop.keys.shared),
}


def compose_token(claims: Claims, lies: Collection[Lie], shop: Workshop) -> str:
    """A signed compact token of these claims, with those lies among ``lies`` that concern tokens.

    ``claims`` is changed in place.
    Several lies may be told in one token; of those about the signature the first one counts.
    """
    for lie in lies:
        CLAIM_LIES.get(lie, _honest)(claims)
    payload = orjson.dumps(claims)
    for lie in lies:
        payload = WORDING_LIES.get(lie, bytes)(payload)
    for lie in lies:
        if lie in SIGNATURE_LIES:
            return SIGNATURE_LIES[lie](shop, payload)
    return shop.sign(payload)


def _honest(claims: Claims) -> None:
    """No lie about the claims."""
