"""Every reason for which SAML messages are refused: code → which fault, and the sentence."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from jitney.upstream.sentences import LATER, NOT_PROVEN, SAID_NO, SET_UP, START_AGAIN, Fault

_MESSAGES: Final = ("response", "logout_request", "logout_response")
_DOCUMENTS: Final = (*_MESSAGES, "assertion", "metadata")

_PARSING_FLAWS: Final = (
    "malformed", "too_large", "doctype", "processing_instruction", "comment", "schema_invalid", "wrong_root",
)  # fmt: skip
_SIGNATURE_FLAWS: Final = (
    "unsigned", "signature_misplaced", "signature_malformed", "algorithm_not_allowed", "id_repeated",
    "bad_signature",
)  # fmt: skip
_ENVELOPE_FLAWS: Final = (
    "version_differs", "issuer_missing", "issuer_differs", "issued_in_future", "time_malformed", "not_text",
)  # fmt: skip
_ENCRYPTION_FLAWS: Final = (
    "encryption_malformed", "encryption_algorithm_not_allowed", "decryption_failed",
)  # fmt: skip
_ASSERTION_FLAWS: Final = (
    "assertion_nested", "not_encrypted", "conditions_missing", "condition_unknown", "times_missing",
    "not_yet_valid", "expired", "audience_missing", "audience_differs", "bearer_missing", "recipient_missing",
    "recipient_differs", "authn_statement_missing", "session_over", "authn_instant_in_future",
    "authn_instant_too_old", "authn_context_differs",
)  # fmt: skip

SAML_REASONS: Mapping[str, tuple[Fault, str]] = MappingProxyType(
    {
        # Documents of every kind.
        **{f"saml_{document}_{flaw}": NOT_PROVEN for document in _DOCUMENTS for flaw in _PARSING_FLAWS},
        **{f"saml_{document}_{flaw}": NOT_PROVEN for document in _DOCUMENTS for flaw in _SIGNATURE_FLAWS},
        **{
            f"saml_{document}_{flaw}": NOT_PROVEN
            for document in (*_MESSAGES, "assertion")
            for flaw in _ENVELOPE_FLAWS
        },
        **{f"saml_{document}_certificate_missing": SET_UP for document in _DOCUMENTS},
        # What the browser brought.
        "saml_response_missing": START_AGAIN,
        "saml_response_not_posted": START_AGAIN,
        "saml_response_relay_state_too_long": START_AGAIN,
        "saml_response_metadata_expired": SET_UP,
        # What the provider says instead of a name.
        "saml_response_denied": SAID_NO,
        "saml_response_status_error": SAID_NO,
        # The response, and the assertion in it.
        "saml_response_assertion_missing": NOT_PROVEN,
        "saml_response_assertion_repeated": NOT_PROVEN,
        "saml_response_assertion_misplaced": NOT_PROVEN,
        "saml_response_response_nested": NOT_PROVEN,
        "saml_response_destination_differs": NOT_PROVEN,
        **{
            f"saml_{document}_in_response_to_{flaw}": START_AGAIN
            for document in ("response", "assertion")
            for flaw in ("missing", "differs", "unasked")
        },
        **{f"saml_assertion_{flaw}": NOT_PROVEN for flaw in _ASSERTION_FLAWS},
        # What is encrypted: whatever fails, one sentence.
        **{
            f"saml_{part}_{flaw}": NOT_PROVEN
            for part in ("assertion", "name_id")
            for flaw in _ENCRYPTION_FLAWS
        },
        **{f"saml_{part}_credential_missing": SET_UP for part in ("assertion", "name_id")},
        # The name and the attributes.
        **{f"saml_name_id_{flaw}": NOT_PROVEN for flaw in _PARSING_FLAWS},
        "saml_name_id_missing": NOT_PROVEN,
        "saml_name_id_not_text": NOT_PROVEN,
        "saml_name_id_transient": SET_UP,
        "saml_name_id_format_differs": SET_UP,
        "saml_name_id_mutable": SET_UP,
        "saml_attribute_not_text": NOT_PROVEN,
        "saml_attribute_encrypted": SET_UP,
        "saml_attribute_subject_missing": SET_UP,
        "saml_attribute_subject_malformed": NOT_PROVEN,
        # What we say, and what comes back from a single logout.
        "saml_endpoint_missing": SET_UP,
        "saml_credential_unusable": SET_UP,
        "saml_response_unsolicited": START_AGAIN,
        "saml_response_relay_state_unknown": START_AGAIN,
        **{
            f"saml_{document}_{flaw}": NOT_PROVEN
            for document in ("logout_request", "logout_response")
            for flaw in ("destination_differs", "too_old")
        },
        **{f"saml_{document}_metadata_expired": SET_UP for document in ("logout_request", "logout_response")},
        **{
            f"saml_logout_request_{flaw}": NOT_PROVEN
            for flaw in (
                *_ENCRYPTION_FLAWS,
                "expired",
                "name_missing",
                "too_many_sessions",
                "relay_state_too_long",
            )
        },
        "saml_logout_request_credential_missing": SET_UP,
        "saml_logout_response_in_response_to_differs": START_AGAIN,
        "saml_logout_response_status_error": SAID_NO,
        # Metadata; an operator is told of it as of any bad input.
        "saml_metadata_failed": LATER,
        "saml_metadata_time_malformed": NOT_PROVEN,
        "saml_metadata_not_text": NOT_PROVEN,
    }
)
