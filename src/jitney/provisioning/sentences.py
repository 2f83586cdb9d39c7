"""A sentence for the person for each reason to refuse or to ask again: safe for strangers."""

from collections.abc import Mapping
from types import MappingProxyType

_ASK = "Please ask the administrator of this service, and give the reference below."
_BAD_DATA = "Your identity provider sent data that cannot be accepted. Please tell its administrator."
_STORE = f"The place where your account belongs cannot be used now. {_ASK}"

SENTENCES: Mapping[str, str] = MappingProxyType({
    "facts_disagree": f"This sign-in could not be matched to you. Please start again. {_ASK}",
    "identity_provider_disabled": "Signing in this way is switched off. Please choose another way.",
    "identity_locked": f"Your account is locked. {_ASK}",
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
    "user_leaving": f"Your account is being removed. {_ASK}",
    "user_gone": f"Your account is not there any more. {_ASK}",
    "entry_gone": f"Your account is not there any more. {_ASK}",
    "user_store_unknown": _STORE,
    "user_store_disabled": _STORE,
    "user_store_read_only": f"No new accounts can be made there now. {_ASK}",
    "user_store_unreachable": "Your account cannot be looked up now. Please try again in a few minutes.",
    "user_store_permission_denied": _STORE,
    "user_store_refuses_writes": _STORE,
    "user_store_full": _STORE,
    "user_store_rejects_entry": f"Your account could not be made with the data that was sent. {_ASK}",
    "user_store_rejects_password": f"Your password does not fit the rules of this service. {_ASK}",
    "local_account_required": f"You need an account here to use this application. {_ASK}",
    "anchor_changed": f"Your identity provider now says something else about who you are than before. {_ASK}",
    "matches_not_looked_up": f"Whether you have an account here could not be looked up. {_ASK}",
    "link_ambiguous": f"More than one account fits you, so none was chosen. {_ASK}",
    "link_to_privileged": f"Your sign-in cannot be joined to an account in this way. {_ASK}",
    "link_proof_of_other_account":
        "The account that you signed in to is not the one that fits you. Please start again with the other one.",
    "link_not_proven": f"You seem to have an account here already, and cannot join it in this way. {_ASK}",
    "link_cannot_be_proven":
        f"You seem to have an account here, but there is no way to show that it is yours. {_ASK}",
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
    "consent_declined": "Without your consent no account can be made. Nothing was stored. You may start again.",
    "refused_by_sign_in_policy": f"This application does not let you in in this way. {_ASK}",
    "second_factor_needs_account":
        f"This application asks for a second step, for which you would need an account here. {_ASK}",
    "second_factor_unavailable": f"A second step is asked for, and you have none and cannot set one up. {_ASK}",
    "factors_contradict": f"More than one kind of second step is asked for, and none would do for all. {_ASK}",
})  # fmt: skip
"""Reason code → sentence; every code in which a refusal can end is here."""

_OTHER_NAME = "Please choose another one."

PROBLEMS: Mapping[str, str] = MappingProxyType({
    "user_name_missing": "Please choose a user name.",
    "user_name_forbidden_characters": f"This user name holds characters that cannot be used. {_OTHER_NAME}",
    "user_name_length": f"This user name is too long or empty. {_OTHER_NAME}",
    "user_name_reserved": f"This user name cannot be used. {_OTHER_NAME}",
    "user_name_breaks_pattern": f"This user name does not fit the rules of this service. {_OTHER_NAME}",
    "user_name_is_unverified_email":
        "A user name can only be an e-mail address that your identity provider has verified as yours. "
        "Please choose another one.",
    "user_name_names_a_store": f"This user name cannot be used. {_OTHER_NAME}",
    "domain_reserved": f"This user name cannot be used. {_OTHER_NAME}",
    "domain_unknown": f"This user name asks for a place that does not exist here. {_OTHER_NAME}",
    "name_taken": "This user name is not available.",
    "password_missing": "Please choose a password.",
    "password_blank": "Please choose a password that is more than spaces.",
    "password_too_long": "This password is too long. Please choose a shorter one.",
    "password_breaks_pattern": "This password does not fit the rules of this service. Please choose another one.",
    "user_store_rejects_password":
        "This password does not fit the rules of this service. Please choose another one.",
    "password_is_user_name": "A password must not be the user name. Please choose another one.",
    "passwords_differ": "The two passwords are not the same. Please type them again.",
    "attribute_missing": "Please fill this in.",
    "attribute_not_agreed": "Please tick below what this may be used for, or leave it empty.",
    "attribute_too_long": "This is too long. Please shorten it.",
    "attribute_forbidden_characters": "This holds characters that cannot be used. Please type it again.",
    "email_malformed": "This is not an e-mail address. Please type it again.",
    "purpose_changed": "What you are asked to agree to has changed meanwhile. Please read it again.",
})  # fmt: skip
"""Reason code → sentence beside a field of a form; every code that a form can show is here."""
