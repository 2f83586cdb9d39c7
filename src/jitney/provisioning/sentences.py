"""A sentence for the person for each reason to refuse: safe for strangers, and with the next step."""

from collections.abc import Mapping
from types import MappingProxyType

_ASK = "Please ask the administrator of this service, and give the reference below."
_BAD_DATA = "Your identity provider sent data that cannot be accepted. Please tell its administrator."
_STORE = f"The place where your account belongs cannot be used now. {_ASK}"

SENTENCES: Mapping[str, str] = MappingProxyType({
    "facts_disagree": f"This sign-in could not be matched to you. Please start again. {_ASK}",
    "identity_provider_disabled": "Signing in this way is switched off. Please choose another way.",
    "claims_too_many": _BAD_DATA,
    "claims_too_large": _BAD_DATA,
    "claim_wrong_type": _BAD_DATA,
    "claim_too_many_values": _BAD_DATA,
    "claim_too_long": _BAD_DATA,
    "claim_forbidden_characters": _BAD_DATA,
    "claim_not_single": _BAD_DATA,
    "user_locked": f"Your account is locked. {_ASK}",
    "user_disabled": f"Your account is switched off. {_ASK}",
    "user_pending": f"Your account is not ready yet. {_ASK}",
    "user_store_unknown": _STORE,
    "user_store_disabled": _STORE,
    "user_store_read_only": f"No new accounts can be made there now. {_ASK}",
    "user_store_unreachable": "Your account cannot be looked up now. Please try again in a few minutes.",
    "local_account_required": f"You need an account here to use this application. {_ASK}",
    "linking_not_available": f"Your sign-in cannot be joined to an existing account yet. {_ASK}",
    "link_ambiguous": f"More than one account fits you, so none was chosen. {_ASK}",
    "domain_reserved": f"Your user name cannot be used here. {_ASK}",
    "domain_unknown": f"Your user name asks for a place that does not exist here. {_ASK}",
    "user_name_names_a_store": f"Your user name cannot be used here. {_ASK}",
    "user_name_forbidden_characters": f"Your user name holds characters that cannot be used. {_ASK}",
    "user_name_length": f"Your user name is too long or empty. {_ASK}",
    "user_name_reserved": f"Your user name is reserved. {_ASK}",
    "user_name_breaks_pattern": f"Your user name does not fit the rules of this service. {_ASK}",
    "user_name_is_unverified_email":
        "Your user name is an e-mail address that your identity provider has not verified as yours. "
        "Please verify it there, and sign in again.",
    "name_taken": f"Your user name belongs to somebody else here. {_ASK}",
    "prompting_not_available": f"Your account needs details that cannot be asked for yet. {_ASK}",
    "consent_declined": "Without your consent no account can be made. Nothing was stored.",
})  # fmt: skip
"""Reason code → sentence; every code in which a refusal can end is here."""
