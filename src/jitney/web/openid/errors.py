"""The one table from our faults to the error words of RFC 6749, RFC 6750 and OpenID Connect."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

import orjson
import structlog
from starlette.responses import Response

from jitney.errors import InvalidInput, JitneyError, Misconfigured, Overloaded, UserStoreUnavailable

log = structlog.get_logger("jitney.openid")


class Place(Enum):
    """Where a fault is told: its value is the word for "understood, and refused" there."""

    AUTHORIZE = "access_denied"
    TOKEN = "invalid_grant"
    BEARER = "invalid_token"


WORDS: Final[Mapping[str, str]] = {
    # the authorization endpoint (RFC 6749 4.1.2.1, OIDC Core 3.1.2.6)
    "request_not_supported": "request_not_supported",
    "request_uri_not_supported": "request_uri_not_supported",
    "registration_not_supported": "registration_not_supported",
    "response_type_not_supported": "unsupported_response_type",
    "scope_without_openid": "invalid_scope",
    "scope_not_allowed": "invalid_scope",
    "authentication_too_old": "login_required",
    "authentication_of_another": "login_required",
    "authentication_class_unmet": "unmet_authentication_requirements",
    # the token endpoint (RFC 6749 5.2)
    "client_refused": "invalid_client",
    "grant_type_unknown": "unsupported_grant_type",
    "code_unknown": "invalid_grant",
    "code_replayed": "invalid_grant",
    "code_expired": "invalid_grant",
    "code_of_another_application": "invalid_grant",
    "code_redirect_uri_differs": "invalid_grant",
    "pkce_not_begun": "invalid_grant",
    "pkce_verifier_missing": "invalid_grant",
    "pkce_verifier_malformed": "invalid_grant",
    "pkce_verifier_wrong": "invalid_grant",
    "session_ended": "invalid_grant",
    "refresh_token_unknown": "invalid_grant",
    "refresh_token_replayed": "invalid_grant",
    "refresh_token_revoked": "invalid_grant",
    "refresh_token_expired": "invalid_grant",
    "refresh_not_allowed": "unauthorized_client",
    "scope_grows": "invalid_scope",
    # bearer tokens (RFC 6750 3.1)
    "bearer_malformed": "invalid_request",
    "userinfo_scope_missing": "insufficient_scope",
}
"""Reason code → error word; what is not named goes by its kind, see ``error_word``."""

STATUS: Final[Mapping[str, int]] = {
    "invalid_client": 401,
    "invalid_token": 401,
    "insufficient_scope": 403,
    "server_error": 500,
    "temporarily_unavailable": 503,
}
"""Error word → status; everything else is 400."""

NO_STORE: Final[Mapping[str, str]] = {"cache-control": "no-store", "pragma": "no-cache"}


def error_word(fault: JitneyError, place: Place) -> str:
    """Return the error word for a fault that is told in this place."""
    if isinstance(fault, Overloaded | UserStoreUnavailable):
        return "temporarily_unavailable"
    if isinstance(fault, Misconfigured):
        return "server_error"
    if fault.code in WORDS:
        return WORDS[fault.code]
    if isinstance(fault, InvalidInput) and place is not Place.BEARER:
        return "invalid_request"
    return place.value


def error_response(fault: JitneyError, place: Place, *, challenge: str | None = None) -> Response:
    """Return the JSON answer of RFC 6749 section 5.2; the reason goes to the log, with the operator's details.

    ``challenge`` is the scheme for ``WWW-Authenticate`` where the answer is 401 or 403.
    """
    word = error_word(fault, place)
    status = STATUS.get(word, 400)
    log.warning("refused", code=fault.code, **{f"about_{k}": str(v)[:200] for k, v in fault.details.items()})
    headers = dict(NO_STORE) | {"jitney-reason": fault.code}
    if challenge is not None and status in (401, 403):
        headers["www-authenticate"] = f'{challenge} realm="jitney"' + f', error="{word}"' * (
            challenge == "Bearer"
        )
    if status == 503:
        headers["retry-after"] = "5"
    body = {"error": word, "error_description": fault.sentence}
    return json_response(body, status=status, headers=headers)


def json_response(
    body: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] = NO_STORE
) -> Response:  # fmt: skip
    """Return a JSON answer that nobody may keep, unless ``headers`` say otherwise."""
    return Response(
        orjson.dumps(body), status_code=status, headers=dict(headers), media_type="application/json"
    )
