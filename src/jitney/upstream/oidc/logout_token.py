"""The claims of a back-channel logout token, checked one by one (OIDC Back-Channel Logout 2.6, R-056)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast

from jitney.jose.claims_checks import (
    check_audience,
    check_expiry,
    check_issued_at,
    check_issuer,
    check_not_before,
    get_time,
)
from jitney.jose.verifying import VerifiedToken
from jitney.model.connection import OIDCConnection
from jitney.ports import EndedUpstream
from jitney.upstream.faults import flaws_of, refusal
from jitney.upstream.oidc.id_token import check_subject_claim, skew_of
from jitney.upstream.tenants import issuer_of, subject_of, verify_tenant_of_issuer

LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_MAX_AGE_SECONDS: Final = 300
_WORD_MAX_CHARACTERS: Final = 255

_Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Expected:
    connection: OIDCConnection
    now: float

    @property
    def skew(self) -> int:
        return skew_of(self.connection)


def _check_issuer(claims: _Claims, expected: _Expected) -> None:
    tenant = verify_tenant_of_issuer(claims, expected.connection)
    check_issuer(claims, expected=issuer_of(expected.connection, tenant))


def _check_audience(claims: _Claims, expected: _Expected) -> None:
    connection = expected.connection
    check_audience(claims, expected=connection.client_id, also_trusted=connection.trusted_audiences)


def _check_times(claims: _Claims, expected: _Expected) -> None:
    """Refuse old tokens.

    ``exp`` came into the specification late: its absence is borne, an old ``iat`` is not.
    """
    now, skew = expected.now, expected.skew
    check_issued_at(claims, now=now, skew=skew, max_age=LOGOUT_MAX_AGE_SECONDS)
    check_not_before(claims, now=now, skew=skew)
    if "exp" in claims:
        check_expiry(claims, now=now, skew=skew)


def _check_whom(claims: _Claims, _expected: _Expected) -> None:
    """(4) "a sub Claim, a sid Claim, or both"."""
    if claims.get("sub") is None and claims.get("sid") is None:
        raise refusal("logout_token_names_nobody")
    if claims.get("sub") is not None:
        check_subject_claim(claims, "logout_token")
    if claims.get("sid") is not None and not _is_word(claims["sid"]):
        raise refusal("logout_token_session_malformed")


def _check_event(claims: _Claims, _expected: _Expected) -> None:
    """(5) Only a token that says "log out" is a logout token, whoever signed it (R-074)."""
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(cast("_Claims", events).get(LOGOUT_EVENT), dict):
        raise refusal("logout_token_event_missing")


def _check_no_nonce(claims: _Claims, _expected: _Expected) -> None:
    """(6) An ID token has one; it must not end sessions, nor a logout token begin them."""
    if "nonce" in claims:
        raise refusal("logout_token_has_nonce")


def _check_id(claims: _Claims, _expected: _Expected) -> None:
    """(7) Without an id of its own a token cannot be spent."""
    if not _is_word(claims.get("jti")):
        raise refusal("logout_token_jti_malformed")


LOGOUT_TOKEN_CHECKS: Final[tuple[Callable[[_Claims, _Expected], None], ...]] = (
    _check_issuer,
    _check_audience,
    _check_times,
    _check_whom,
    _check_event,
    _check_no_nonce,
    _check_id,
)


def verify_logout_claims(token: VerifiedToken, connection: OIDCConnection, *, now: float) -> EndedUpstream:
    """Return what the token ends, or raise ``UpstreamRejected`` (``logout_token_…``).

    ``now`` is in seconds since 1970 UTC.
    From ``expires`` on, the token is refused for its age: nobody needs to remember its ``jti`` longer.
    """
    expected = _Expected(connection, now)
    with flaws_of("logout_token"):
        for check in LOGOUT_TOKEN_CHECKS:
            check(token.claims, expected)
        too_old = get_time(token.claims, "iat") + LOGOUT_MAX_AGE_SECONDS + expected.skew + 1
    tenant = verify_tenant_of_issuer(token.claims, connection)
    subject = cast("str | None", token.claims.get("sub"))
    return EndedUpstream(
        jti=str(token.claims["jti"]),
        expires=datetime.fromtimestamp(too_old, UTC),
        subject=None if subject is None else subject_of(tenant, subject),
        upstream_session=cast("str | None", token.claims.get("sid")),
    )


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _WORD_MAX_CHARACTERS
