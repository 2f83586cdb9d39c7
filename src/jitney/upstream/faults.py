"""Every reason for which this room refuses, as one table: code → which fault, and what a person is told.

The sentences say nothing about what was wrong in detail: whoever forged it would learn from them.
The code stands in the log, in the outcome and in the tests.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from jitney.errors import InvalidInput, Overloaded, UpstreamRejected, UpstreamUnavailable

Fault = type[UpstreamRejected] | type[UpstreamUnavailable]

_LATER: Final = (
    UpstreamUnavailable,
    "The identity provider is not answering as it should. Please try again in a few minutes.",
)
_SET_UP: Final = (
    UpstreamUnavailable,
    "Signing in with this identity provider is not set up correctly. Please tell your administrator.",
)
_NOT_PROVEN: Final = (
    UpstreamRejected,
    "The identity provider's answer could not be verified, so you were not signed in. "
    "Please start again, and tell your administrator if it keeps happening.",
)
_START_AGAIN: Final = (
    UpstreamRejected,
    "The answer that came back does not belong to this sign-in. Please start again.",
)
_SAID_NO: Final = (
    UpstreamRejected,
    "The identity provider did not sign you in. Please start again, or choose another way to sign in.",
)

_DOCUMENT_FLAWS: Final = (
    "failed", "malformed", "too_large", "too_deep", "too_many_keys", "duplicate_json_key",
)  # fmt: skip
_SIGNATURE_FLAWS: Final = (
    "malformed", "too_large", "too_deep", "too_many_keys", "duplicate_json_key", "crit_unknown", "b64_false",
    "algorithm_not_allowed", "type_not_allowed", "unknown_key", "ambiguous_key", "key_unfit", "bad_signature",
)  # fmt: skip
_CLAIM_FLAWS: Final = (
    "claim_missing", "claim_malformed", "expired", "not_yet_valid", "issued_in_future", "too_old",
    "issuer_differs", "audience_differs", "audience_foreign", "subject_missing", "subject_malformed",
)  # fmt: skip

REASONS: Mapping[str, tuple[Fault, str]] = MappingProxyType(
    {
        # Documents that cannot be used at all.
        **{f"discovery_{flaw}": _LATER for flaw in (*_DOCUMENT_FLAWS, "incomplete")},
        **{f"key_set_{flaw}": _LATER for flaw in _DOCUMENT_FLAWS},
        **{f"token_answer_{flaw}": _LATER for flaw in _DOCUMENT_FLAWS},
        **{f"userinfo_{flaw}": _LATER for flaw in _DOCUMENT_FLAWS},
        # Documents that are readable and not to be believed.
        "discovery_issuer_differs": _NOT_PROVEN,
        "discovery_endpoint_refused": _NOT_PROVEN,
        "key_set_symmetric_key": _NOT_PROVEN,
        "key_set_duplicate_kid": _NOT_PROVEN,
        # What the browser brought.
        "callback_of_another_provider": _START_AGAIN,
        "callback_state_differs": _START_AGAIN,
        "callback_carries_token": _START_AGAIN,
        "callback_issuer_missing": _START_AGAIN,
        "callback_issuer_differs": _START_AGAIN,
        "callback_code_missing": _START_AGAIN,
        "callback_code_malformed": _START_AGAIN,
        "upstream_access_denied": _SAID_NO,
        "upstream_interaction_required": _SAID_NO,
        "upstream_error": _SAID_NO,
        "upstream_out_of_order": _LATER,
        # The token request.
        "client_credentials_unusable": _SET_UP,
        "token_request_client_refused": _SET_UP,
        "token_request_code_refused": _START_AGAIN,
        "token_request_refused": _SAID_NO,
        "token_answer_type_differs": _NOT_PROVEN,
        "token_answer_access_token_missing": _NOT_PROVEN,
        "token_answer_id_token_missing": _NOT_PROVEN,
        # Signed tokens.
        **{
            f"{token}_{flaw}": _NOT_PROVEN
            for token in ("id_token", "logout_token")
            for flaw in (*_SIGNATURE_FLAWS, *_CLAIM_FLAWS)
        },
        **{
            f"userinfo_{flaw}": _NOT_PROVEN
            for flaw in (*_SIGNATURE_FLAWS, *_CLAIM_FLAWS, "subject_differs", "refused")
            if flaw not in _DOCUMENT_FLAWS
        },
        "id_token_azp_missing": _NOT_PROVEN,
        "id_token_azp_differs": _NOT_PROVEN,
        "id_token_nonce_missing": _NOT_PROVEN,
        "id_token_nonce_differs": _NOT_PROVEN,
        "id_token_at_hash_differs": _NOT_PROVEN,
        "id_token_c_hash_differs": _NOT_PROVEN,
        "id_token_auth_time_missing": _NOT_PROVEN,
        "id_token_auth_time_too_old": _NOT_PROVEN,
        "logout_token_jti_malformed": _NOT_PROVEN,
        "logout_token_event_missing": _NOT_PROVEN,
        "logout_token_names_nobody": _NOT_PROVEN,
        "logout_token_session_malformed": _NOT_PROVEN,
        "logout_token_has_nonce": _NOT_PROVEN,
    }
)

_CLAIM_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "jwt_wrong_issuer": "issuer_differs",
        "jwt_wrong_audience": "audience_differs",
        "jwt_foreign_audience": "audience_foreign",
    }
)
_ERROR_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


def refusal(code: str, **details: object) -> UpstreamRejected | UpstreamUnavailable:
    """Return the fault for ``code``, a key of ``REASONS``.

    ``details`` are for the operator's log: never a token, a code, a secret or a claim's value.
    """
    fault, sentence = REASONS[code]
    return fault(code, sentence, **details)


@contextmanager
def flaws_of(subject: str) -> Iterator[None]:
    """Say JOSE's refusals inside this block as refusals of ``subject`` (``id_token``, ``key_set`` …)."""
    try:
        yield
    except InvalidInput as flaw:
        word = _CLAIM_WORDS.get(flaw.code) or flaw.code.partition("_")[2]
        raise refusal(f"{subject}_{word}", **flaw.details) from flaw


@contextmanager
def call_to(place: str) -> Iterator[None]:
    """Let a failed call keep its code (``upstream_timeout`` …), and tell the person what to do about it."""
    try:
        yield
    except (UpstreamUnavailable, Overloaded) as fault:
        raise UpstreamUnavailable(fault.code, _LATER[1], **{**fault.details, "place": place}) from fault


def bounded_error_code(unverified: object) -> str:
    """Return a provider's error code if it looks like one, else ``unreadable`` (R-055).

    Its description is read by nobody: it is a stranger's prose,
    and may be a script or a lie to our operators.
    """
    return unverified if isinstance(unverified, str) and _ERROR_CODE.fullmatch(unverified) else "unreadable"
