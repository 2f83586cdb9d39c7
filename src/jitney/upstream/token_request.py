"""Exchange a code for tokens at the provider's token endpoint (RFC 6749 4.1.3, OIDC Core 3.1.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from jitney.errors import InvalidInput, UpstreamRejected, UpstreamUnavailable
from jitney.jose.limits import parse_json_object
from jitney.model.sign_in import UpstreamAttempt
from jitney.outgoing.client import OutgoingClient, OutgoingResponse
from jitney.upstream.callback import ReturnedCode
from jitney.upstream.client_authentication import ClientProof
from jitney.upstream.faults import bounded_error_code, call_to, flaws_of, refusal

TOKEN_ANSWER_MAX_BYTES: Final = 256 * 1024
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_REFUSED: Final = frozenset({400, 401, 403})
_ERRORS: Final[Mapping[str, str]] = {
    "invalid_client": "token_request_client_refused",
    "invalid_grant": "token_request_code_refused",
    # Words of GitHub's own for the same two.
    "incorrect_client_credentials": "token_request_client_refused",
    "bad_verification_code": "token_request_code_refused",
}


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """Tokens that our server got for this trip's code; the ID token is still unverified."""

    access_token: str = field(repr=False)
    unverified_id_token: str = field(repr=False)


async def redeem_code(
    outgoing: OutgoingClient,
    token_endpoint: str,
    *,
    code: ReturnedCode,
    attempt: UpstreamAttempt,
    proof: ClientProof,
) -> Mapping[str, object]:
    """Redeem the code, and return the answer's unverified members, among which there is no error.

    It is sent once only, since a code that is sent twice looks stolen (RFC 6749 4.1.2).
    Raises ``UpstreamUnavailable`` and ``UpstreamRejected`` (``token_request_…``, ``token_answer_…``).
    """
    fields = {
        "grant_type": "authorization_code",
        "code": code.text,
        "redirect_uri": attempt.redirect_uri,
        **({"code_verifier": attempt.code_verifier} if attempt.code_verifier else {}),
        **proof.fields,
    }
    with call_to("token_endpoint"):
        answer = await outgoing.post_form(token_endpoint, fields, headers=proof.headers)
    if answer.status != 200:
        raise _refusal_of(answer)
    with flaws_of("token_answer"):
        document = parse_json_object(answer.body, max_bytes=TOKEN_ANSWER_MAX_BYTES)
    if "error" in document:  # GitHub refuses with status 200.
        raise _refused(document, answer.status)
    return document


def parse_tokens(unverified_document: Mapping[str, object]) -> TokenAnswer:
    """Return access token and ID token (OIDC Core 3.1.3.3); raises ``token_answer_…``."""
    token_type = unverified_document.get("token_type")
    if not isinstance(token_type, str):
        raise refusal("token_answer_type_differs")
    access_token = parse_access_token(unverified_document)
    id_token = unverified_document.get("id_token")
    if not isinstance(id_token, str) or not id_token:
        raise refusal("token_answer_id_token_missing")
    return TokenAnswer(access_token, id_token)


def parse_access_token(unverified_document: Mapping[str, object]) -> str:
    """Return the access token; raises ``token_answer_type_differs``, ``token_answer_access_token_missing``.

    A type that is given is ``Bearer``; some providers of plain OAuth 2.0 give none, against RFC 6749 5.1.
    """
    token_type = unverified_document.get("token_type", "bearer")
    if not isinstance(token_type, str) or token_type.lower() != "bearer":
        raise refusal("token_answer_type_differs")
    access_token = unverified_document.get("access_token")
    if not isinstance(access_token, str) or not access_token:
        raise refusal("token_answer_access_token_missing")
    return access_token


def _refusal_of(answer: OutgoingResponse) -> UpstreamRejected | UpstreamUnavailable:
    """Tell a refusal (RFC 6749 section 5.2) from a breakdown."""
    is_page = answer.content_type in _PAGES
    if answer.status not in _REFUSED:
        return refusal("token_answer_failed", status=answer.status, is_page=is_page)
    try:
        document = parse_json_object(answer.body, max_bytes=TOKEN_ANSWER_MAX_BYTES)
    except InvalidInput:
        nothing = bounded_error_code(None)
        return refusal("token_request_refused", status=answer.status, upstream_code=nothing, is_page=is_page)
    return _refused(document, answer.status)


def _refused(
    unverified_document: Mapping[str, object], status: int
) -> UpstreamRejected | UpstreamUnavailable:
    error = unverified_document.get("error")
    if isinstance(error, dict):  # Facebook's error is an object, whose "type" is the word.
        error = cast("Mapping[str, object]", error).get("type")
    upstream_code = bounded_error_code(error)
    return refusal(
        _ERRORS.get(upstream_code, "token_request_refused"), status=status, upstream_code=upstream_code
    )
