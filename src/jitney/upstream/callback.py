"""What the browser brought back, checked in order, before anything of it is used."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import UpstreamAttempt
from jitney.upstream.faults import bounded_error_code, refusal

CODE_MAX_CHARACTERS: Final = 4096

_ERRORS: Mapping[str, str] = {
    "access_denied": "upstream_access_denied",
    # Words of their own for a person who went back: Apple, and LinkedIn.
    "user_cancelled_authorize": "upstream_access_denied",
    "user_cancelled_login": "upstream_access_denied",
    "login_required": "upstream_interaction_required",
    "interaction_required": "upstream_interaction_required",
    "consent_required": "upstream_interaction_required",
    "account_selection_required": "upstream_interaction_required",
    "temporarily_unavailable": "upstream_out_of_order",
    "server_error": "upstream_out_of_order",
}


@dataclass(frozen=True, slots=True)
class ReturnedCode:
    """A code that came back to the attempt it belongs to; made by ``verify_code`` alone."""

    text: str = field(repr=False)


def check_belongs(unverified: Mapping[str, str], attempt: UpstreamAttempt, *, idp: str) -> None:
    """Refuse an answer to another trip: before anything else of it is read (R-049, R-050).

    An attacker sends his own answer to somebody else's browser, who is then signed in as the attacker;
    or he lets an honest provider's answer arrive at the callback of a provider that he controls.
    Raises ``callback_of_another_provider``, ``callback_state_differs``.
    """
    if attempt.idp != idp:
        raise refusal("callback_of_another_provider")
    if hash_secret(unverified.get("state", "")) != attempt.state_hash:
        raise refusal("callback_state_differs")


def check_no_token(unverified: Mapping[str, str]) -> None:
    """Refuse an answer that brings tokens along (R-053): ``callback_carries_token``.

    A token that a browser posts may have been issued to another application and to anybody;
    only one that our server obtained in this trip's exchange says who is here.
    """
    if "id_token" in unverified or "access_token" in unverified:
        raise refusal("callback_carries_token")


def check_no_error(unverified: Mapping[str, str]) -> None:
    """Refuse an error answer (RFC 6749 section 4.1.2.1), whatever stands beside it.

    Raises ``upstream_access_denied``, ``upstream_interaction_required``, ``upstream_out_of_order``,
    ``upstream_error``; the provider's own words go nowhere but for a bounded code (R-055).
    """
    error = unverified.get("error")
    if error is not None:
        raise refusal(_ERRORS.get(error, "upstream_error"), upstream_code=bounded_error_code(error))


def check_mode(unverified: UnverifiedResponse, *, is_posted: bool) -> None:
    """Refuse an answer that came another way than we asked for: ``callback_mode_differs``.

    A form that another site posts comes without our ``Lax`` cookie; only where the settings ask for one may an
    answer be found by the cookie that such a form brings (R-102).
    """
    if unverified.is_posted is not is_posted:
        raise refusal("callback_mode_differs")


def check_answering_issuer(
    unverified: Mapping[str, str], *, issuers: Collection[str], is_promised: bool
) -> None:
    """Refuse an answer from another issuer than the one that was asked (RFC 9207 section 2.4, R-050).

    The mix-up: a provider of bad faith sends the browser on to an honest one,
    whose code then arrives here as if it were the first one's, and is handed to the first one's token endpoint.
    ``issuers`` is one, or of a multi-tenant provider one for each tenant.
    Raises ``callback_issuer_missing`` (where it was promised), ``callback_issuer_differs``.
    """
    answering = unverified.get("iss")
    if answering is None:
        if is_promised:
            raise refusal("callback_issuer_missing")
    elif answering not in issuers:
        raise refusal("callback_issuer_differs")


def verify_code(unverified: Mapping[str, str]) -> ReturnedCode:
    """Return the code, or refuse: ``callback_code_missing``, ``callback_code_malformed``."""
    code = unverified.get("code")
    if not code:
        raise refusal("callback_code_missing")
    if len(code) > CODE_MAX_CHARACTERS or not (code.isascii() and code.isprintable()):
        raise refusal("callback_code_malformed", characters=len(code))
    return ReturnedCode(code)
