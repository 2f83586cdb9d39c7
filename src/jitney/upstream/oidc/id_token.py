"""The ID token's claims, checked one by one in the order of OIDC Core 3.1.3.7 (R-051)."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from jitney.jose import base64url
from jitney.jose.claims_checks import (
    check_audience,
    check_expiry,
    check_issued_at,
    check_issuer,
    check_not_before,
    get_audience,
    get_time,
)
from jitney.jose.verifying import VerifiedToken
from jitney.model.connection import OIDCConnection
from jitney.model.sign_in import UpstreamAttempt
from jitney.upstream.faults import flaws_of, refusal
from jitney.upstream.tenants import check_key_issuer, issuer_of, subject_of, verify_tenant

SUBJECT_MAX_CHARACTERS: Final = 255
SKEW_MAX_SECONDS: Final = 60

_SEAL: Final = object()


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token is held against: our settings, this trip, and what came with the token.

    ``now`` is in seconds since 1970 UTC.
    """

    connection: OIDCConnection
    attempt: UpstreamAttempt
    code: str = field(repr=False)
    access_token: str = field(repr=False)
    now: float

    @property
    def skew(self) -> int:
        """The tolerance for the provider's clock in seconds; the settings may lessen it, never widen it."""
        return skew_of(self.connection)


def skew_of(connection: OIDCConnection) -> int:
    """Return the tolerated difference of clocks in seconds: 0 to 60 (R-051)."""
    return max(0, min(connection.clock_skew, SKEW_MAX_SECONDS))


@dataclass(frozen=True, slots=True)
class ProvenIDToken:
    """The claims of an ID token that passed every check; made by ``verify_id_token`` alone.

    ``subject`` is the key of the person here: ``sub``, and before it the tenant where the issuer has many (R-003).
    """

    subject: str
    claims: Mapping[str, object]
    _seal: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("ProvenIDToken is made by verify_id_token alone")


def check_token_issuer(token: VerifiedToken, expected: Expected) -> None:
    """(2) "The Issuer Identifier … MUST exactly match the value of the iss (issuer) Claim".

    Of a multi-tenant issuer, it is the one of the tenant that the token names and the settings list (R-003).
    """
    tenant = verify_tenant(token.claims, expected.connection)
    check_issuer(token.claims, expected=issuer_of(expected.connection, tenant))
    check_key_issuer(token.key_issuer, expected.connection, tenant)


def check_token_audience(token: VerifiedToken, expected: Expected) -> None:
    """(3) ``aud`` holds our client id, and no audience that we do not trust.

    A token for another application of the same provider is genuine in all else:
    its maker would be anybody here.
    """
    connection = expected.connection
    check_audience(token.claims, expected=connection.client_id, also_trusted=connection.trusted_audiences)


def check_authorized_party(token: VerifiedToken, expected: Expected) -> None:
    """(4, 5) ``azp``, if present, is us; with several audiences it must be present."""
    authorized = token.claims.get("azp")
    if authorized is None:
        if len(get_audience(token.claims)) > 1:
            raise refusal("id_token_azp_missing")
    elif authorized != expected.connection.client_id:
        raise refusal("id_token_azp_differs")


def check_token_expiry(token: VerifiedToken, expected: Expected) -> None:
    """(9) "The current time MUST be before the time represented by the exp Claim"."""
    check_expiry(token.claims, now=expected.now, skew=expected.skew)


def check_token_begins(token: VerifiedToken, expected: Expected) -> None:
    """RFC 7519 4.1.5: ``nbf``, if present, is past."""
    check_not_before(token.claims, now=expected.now, skew=expected.skew)


def check_token_issued(token: VerifiedToken, expected: Expected) -> None:
    """(10) ``iat`` is there, and not in the future."""
    check_issued_at(token.claims, now=expected.now, skew=expected.skew)


def check_nonce(token: VerifiedToken, expected: Expected) -> None:
    """(11) ``nonce`` is the one of this trip.

    A stolen code, slipped into the thief's own sign-in, brings a token with its owner's nonce.
    """
    nonce = token.claims.get("nonce")
    if nonce is None:
        raise refusal("id_token_nonce_missing")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.attempt.nonce.encode()):
        raise refusal("id_token_nonce_differs")


def check_authentication_time(token: VerifiedToken, expected: Expected) -> None:
    """(13) Where a fresh sign-in was demanded, ``auth_time`` proves it (R-089).

    ``prompt=login`` travels through the browser, and whoever sits there may strike it out.
    """
    since, max_age = expected.attempt.fresh_since, expected.attempt.max_age
    if since is None and max_age is None:
        return
    if token.claims.get("auth_time") is None:
        raise refusal("id_token_auth_time_missing")
    authenticated = get_time(token.claims, "auth_time") + expected.skew
    if since is not None and authenticated < int(since.timestamp()):
        raise refusal("id_token_auth_time_too_old")
    if max_age is not None and authenticated < expected.now - max_age:
        raise refusal("id_token_auth_time_too_old")


def check_subject(token: VerifiedToken, _expected: Expected) -> None:
    """OIDC Core 2: ``sub`` is a string of 1 to 255 characters; a number is no string (R-002)."""
    check_subject_claim(token.claims, "id_token")


def check_access_token_hash(token: VerifiedToken, expected: Expected) -> None:
    """OIDC Core 3.1.3.8: ``at_hash``, if present, is of the access token that came along."""
    _check_half_hash(token, "at_hash", expected.access_token)


def check_code_hash(token: VerifiedToken, expected: Expected) -> None:
    """OIDC Core 3.3.2.11: ``c_hash``, if present, is of the code that was redeemed."""
    _check_half_hash(token, "c_hash", expected.code)


ID_TOKEN_CHECKS: Final[tuple[Callable[[VerifiedToken, Expected], None], ...]] = (
    check_token_issuer,
    check_token_audience,
    check_authorized_party,
    check_token_expiry,
    check_token_begins,
    check_token_issued,
    check_nonce,
    check_authentication_time,
    check_subject,
    check_access_token_hash,
    check_code_hash,
)
"""All checks in their order; (6) to (8), the signature and its algorithm, go before them in ``keys``.

(1) is for encrypted tokens, which we take none of; (12), ``acr``, is for the policy that asked for it.
"""


def verify_id_token(token: VerifiedToken, expected: Expected) -> ProvenIDToken:
    """Return the proof, or raise ``UpstreamRejected`` with the code of the first check that fails."""
    with flaws_of("id_token"):
        for check in ID_TOKEN_CHECKS:
            check(token, expected)
    tenant = verify_tenant(token.claims, expected.connection)
    return ProvenIDToken(subject_of(tenant, str(token.claims["sub"])), token.claims, _SEAL)


def check_subject_claim(claims: Mapping[str, object], subject_of: str) -> None:
    """Refuse claims without a usable ``sub``: ``…_subject_missing``, ``…_subject_malformed``."""
    subject = claims.get("sub")
    if subject is None:
        raise refusal(f"{subject_of}_subject_missing")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX_CHARACTERS:
        raise refusal(f"{subject_of}_subject_malformed")


def _check_half_hash(token: VerifiedToken, name: str, value: str) -> None:
    stated = token.claims.get(name)
    if stated is None:
        return
    digest = _HASHES[str(token.header["alg"])](value.encode()).digest()
    half = base64url.encode(digest[: len(digest) // 2])
    if not isinstance(stated, str) or not hmac.compare_digest(stated.encode(), half):
        raise refusal(f"id_token_{name}_differs")


_SHA = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
# OIDC Core 3.1.3.6 takes the hash from the algorithm's name; Ed25519 is built on SHA-512.
_HASHES: Final = {
    **{f"{family}{size}": _SHA[size] for family in ("RS", "PS", "ES") for size in _SHA},
    "EdDSA": hashlib.sha512,
    "Ed25519": hashlib.sha512,
}
