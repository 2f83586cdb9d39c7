"""Sign tokens with our own keys, and keep those keys as bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Self, cast

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from jitney.jose import base64url
from jitney.jose.algorithms import KEY_KINDS, SigningName, SymmetricName
from jitney.jose.faults import refusal
from jitney.jose.limits import parse_json_object
from jitney.jose.shared_secret import hmac_of
from jitney.jose.verification_key import UnusableKeyError, parse_verification_key

_Material = RSAKey | ECKey | OKPKey

RSA_BITS: Final = 2048
_SIGNING_NAMES: Final = ("ES256", "RS256", "EdDSA")
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its name and its one algorithm.

    Neither ``repr`` nor a comparison shows the private part.
    """

    kid: str
    alg: SigningName
    _material: _Material = field(repr=False, compare=False)

    @classmethod
    def generate(cls, alg: SigningName) -> Self:
        """Return a fresh key from the system's randomness, named by its thumbprint (RFC 7638)."""
        material = _generated(alg)
        return cls(material.thumbprint(), alg, material)

    @classmethod
    def from_private_bytes(cls, private: bytes) -> Self:
        """Return the key that ``to_private_bytes`` wrote.

        Raises ``InvalidInput``: ``signing_key_malformed``, ``signing_key_unfit``.
        """
        jwk = parse_json_object(private)
        alg, kid = jwk.get("alg"), jwk.get("kid")
        if alg not in _SIGNING_NAMES or not isinstance(kid, str):
            raise refusal("signing_key_malformed")
        return cls._checked(jwk, alg, kid)

    @classmethod
    def from_pem(cls, pem: bytes, *, alg: SigningName, kid: str | None = None) -> Self:
        """Return an operator's key (PKCS#8 or traditional PEM, unencrypted).

        Without ``kid`` it is named by its thumbprint.
        Raises ``InvalidInput``: ``signing_key_malformed``, ``signing_key_unfit``.
        """
        try:
            material = JWKRegistry.import_key(pem, KEY_KINDS[alg].kty)
            jwk = dict(material.as_dict(private=True))
        except (ValueError, TypeError, JoseError, UnsupportedAlgorithm) as fault:
            raise refusal("signing_key_malformed") from fault
        return cls._checked(jwk, alg, kid or material.thumbprint())

    @classmethod
    def _checked(cls, jwk: Mapping[str, object], alg: SigningName, kid: str) -> Self:
        """Hold our own keys to the very rules that we hold other people's to: size, exponent, curve."""
        public = {name: value for name, value in jwk.items() if name in ("kty", "crv", "x", "y", "n", "e")}
        try:
            parse_verification_key({**public, "alg": alg})
            material = JWKRegistry.import_key(cast("dict[str, str | list[str]]", dict(jwk)))
        except UnusableKeyError as fault:
            raise refusal("signing_key_unfit", reason=str(fault)) from fault
        except (ValueError, TypeError, JoseError, UnsupportedAlgorithm) as fault:
            raise refusal("signing_key_malformed") from fault
        if not isinstance(material, RSAKey | ECKey | OKPKey) or not material.is_private:
            raise refusal("signing_key_malformed")
        return cls(kid, alg, material)

    def to_private_bytes(self) -> bytes:
        """Return the whole key as a JWK in JSON, for a store that encrypts it (R-125); never log it."""
        private = self._material.as_dict(private=True)
        return _ENCODER.encode({**private, "kid": self.kid, "alg": self.alg}).encode()

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half, ready to be published (RFC 7517)."""
        public = cast("dict[str, str]", self._material.as_dict(private=False))
        kind = KEY_KINDS[self.alg]
        members = ("crv", "x", "y", "n", "e")
        material = {name: public[name] for name in members if name in public}
        return {"kty": kind.kty, **material, "kid": self.kid, "alg": self.alg, "use": "sig"}

    def signature(self, signing_input: bytes) -> bytes:
        """Return this key's signature over ``signing_input``."""
        return JWSRegistry.algorithms[self.alg].sign(signing_input, self._material)


def sign(key: SigningKey, claims: Mapping[str, object], *, typ: str) -> str:
    """Return ``claims`` as a compact token; its header holds ``alg``, ``kid`` and ``typ`` (``at+jwt`` …)."""
    signing_input = _header_part(key.alg, key.kid, typ) + b"." + _payload_part(claims)
    return (signing_input + b"." + base64url.encode(key.signature(signing_input))).decode("ascii")


def sign_hmac(
    secret: bytes, claims: Mapping[str, object], *, algorithm: SymmetricName = "HS256", typ: str = "JWT"
) -> str:
    """Return ``claims`` as a compact token under a shared secret (``client_secret_jwt``, OIDC Core 9).

    Raises ``InvalidInput``: ``jws_secret_too_short``, ``jws_key_unfit``.
    """
    signing_input = _header_part(algorithm, None, typ) + b"." + _payload_part(claims)
    code = hmac_of(signing_input, secret=secret, algorithm=algorithm)
    return (signing_input + b"." + base64url.encode(code)).decode("ascii")


# A server signs with a handful of keys and types: the same few headers, over and over.
@lru_cache(maxsize=64)
def _header_part(alg: str, kid: str | None, typ: str) -> bytes:
    header = {"alg": alg, "typ": typ} if kid is None else {"alg": alg, "kid": kid, "typ": typ}
    return base64url.encode(_ENCODER.encode(header).encode())


def _payload_part(claims: Mapping[str, object]) -> bytes:
    return base64url.encode(_ENCODER.encode(dict(claims)).encode())


def _generated(alg: SigningName) -> _Material:
    if alg == "ES256":
        return ECKey.generate_key("P-256")
    if alg == "EdDSA":
        return OKPKey.generate_key("Ed25519")
    return RSAKey.generate_key(RSA_BITS)
