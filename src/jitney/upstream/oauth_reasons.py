"""Every reason for which OpenID Connect and OAuth 2.0 answers are refused: code → which fault, and the sentence."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from jitney.upstream.sentences import LATER, NOT_PROVEN, SAID_NO, SET_UP, START_AGAIN, Fault

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

OAUTH_REASONS: Mapping[str, tuple[Fault, str]] = MappingProxyType(
    {
        # Documents that cannot be used at all.
        **{f"discovery_{flaw}": LATER for flaw in (*_DOCUMENT_FLAWS, "incomplete")},
        **{f"key_set_{flaw}": LATER for flaw in _DOCUMENT_FLAWS},
        **{f"token_answer_{flaw}": LATER for flaw in _DOCUMENT_FLAWS},
        **{f"userinfo_{flaw}": LATER for flaw in _DOCUMENT_FLAWS},
        **{f"emails_{flaw}": LATER for flaw in _DOCUMENT_FLAWS},
        # Documents that are readable and not to be believed.
        "discovery_issuer_differs": NOT_PROVEN,
        "discovery_endpoint_refused": NOT_PROVEN,
        "key_set_symmetric_key": NOT_PROVEN,
        "key_set_duplicate_kid": NOT_PROVEN,
        # What the browser brought.
        "callback_of_another_provider": START_AGAIN,
        "callback_state_differs": START_AGAIN,
        "callback_carries_token": START_AGAIN,
        "callback_mode_differs": START_AGAIN,
        "callback_issuer_missing": START_AGAIN,
        "callback_issuer_differs": START_AGAIN,
        "callback_code_missing": START_AGAIN,
        "callback_code_malformed": START_AGAIN,
        "upstream_access_denied": SAID_NO,
        "upstream_interaction_required": SAID_NO,
        "upstream_error": SAID_NO,
        "upstream_out_of_order": LATER,
        # What the application demands and plain OAuth 2.0 cannot give.
        "upstream_freshness_unprovable": SAID_NO,
        # The token request.
        "client_credentials_unusable": SET_UP,
        "token_request_client_refused": SET_UP,
        "token_request_code_refused": START_AGAIN,
        "token_request_refused": SAID_NO,
        "token_answer_type_differs": NOT_PROVEN,
        "token_answer_access_token_missing": NOT_PROVEN,
        "token_answer_id_token_missing": NOT_PROVEN,
        # Signed tokens.
        **{
            f"{token}_{flaw}": NOT_PROVEN
            for token in ("id_token", "logout_token")
            for flaw in (*_SIGNATURE_FLAWS, *_CLAIM_FLAWS)
        },
        **{
            f"userinfo_{flaw}": NOT_PROVEN
            for flaw in (*_SIGNATURE_FLAWS, *_CLAIM_FLAWS, "subject_differs", "refused")
            if flaw not in _DOCUMENT_FLAWS
        },
        "userinfo_root_missing": NOT_PROVEN,
        "emails_refused": NOT_PROVEN,
        "groups_overage_unanswered": SET_UP,
        "id_token_tenant_missing": NOT_PROVEN,
        "id_token_tenant_differs": NOT_PROVEN,
        "logout_token_tenant_differs": NOT_PROVEN,
        "logout_token_not_spoken": NOT_PROVEN,
        "id_token_key_of_another_issuer": NOT_PROVEN,
        "id_token_azp_missing": NOT_PROVEN,
        "id_token_azp_differs": NOT_PROVEN,
        "id_token_nonce_missing": NOT_PROVEN,
        "id_token_nonce_differs": NOT_PROVEN,
        "id_token_at_hash_differs": NOT_PROVEN,
        "id_token_c_hash_differs": NOT_PROVEN,
        "id_token_auth_time_missing": NOT_PROVEN,
        "id_token_auth_time_too_old": NOT_PROVEN,
        "logout_token_jti_malformed": NOT_PROVEN,
        "logout_token_event_missing": NOT_PROVEN,
        "logout_token_names_nobody": NOT_PROVEN,
        "logout_token_session_malformed": NOT_PROVEN,
        "logout_token_has_nonce": NOT_PROVEN,
    }
)
