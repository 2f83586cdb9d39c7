"""What to do next about each reason code: one sentence, and the place where it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from jitney.administration.records.next_places import Place
from jitney.administration.records.outcome_words import family_of


@dataclass(frozen=True, slots=True)
class Advice:
    """``todo`` is what to do next, ``place`` where; none where it is done elsewhere."""

    todo: str
    place: Place | None = None


_PROVIDER_DATA: Final = (
    "Rehearse it to see what came. Then ask the provider's administrator to send less, or map the "
    "claim elsewhere."
)
_STORE: Final = "Test the user store and read what it says."
_NAME: Final = (
    "Ask the person for another name at their provider, map another claim to the user name, use a "
    "template for the name, or let people choose one."
)
_CLOCKS: Final = "Compare the clocks of both servers; let the person start again."
_FRESH: Final = (
    "Let the person start again from the application, in one browser window, within a few minutes."
)
_SETTINGS: Final = (
    "Test the identity provider: what it has registered for us and what stands here must be the same."
)
_TEST: Final = "Test the identity provider."
_CERTIFICATE: Final = "The provider may have a new certificate: fetch its metadata again."
_BY_HAND: Final = "If it is theirs, link it by hand."
_SECRET: Final = "Type the client secret again as the provider shows it."
_IN_STORE: Final = "Look in the store who removed it, and remove or restore the person there."

ADVICE: Final[Mapping[str, Advice]] = MappingProxyType({
    # who it is
    "user_locked": Advice("If the reason for the lock is gone, unlock the account.", Place.PERSON),
    "user_disabled": Advice("Switch it on again if the person may come back.", Place.PERSON),
    "user_pending": Advice("Wait a minute. If it stays so, look at the user store.", Place.USER_STORES),
    "user_leaving": Advice("Wait until the removal is through; then the person can come anew.", Place.PERSON),
    "user_gone": Advice(_IN_STORE, Place.PERSON),
    "entry_gone": Advice(_IN_STORE, Place.PERSON),
    "identity_locked": Advice("If the reason for the lock is gone, unlock the identity.", Place.PROVIDER),
    "anchor_changed": Advice(
        "Ask the provider whether the subject was given to somebody else. Only then unlink the "
        "person.", Place.PERSON,
    ),
    "facts_disagree": Advice(
        "Let the person start again. If it happens again, rehearse the sign-in.", Place.REHEARSAL,
    ),
    # the provider and what it sent
    "identity_provider_disabled": Advice(
        "Switch it on, or take it from the applications that name it.", Place.PROVIDER,
    ),
    "claims_too_many": Advice(_PROVIDER_DATA, Place.REHEARSAL),
    "claims_too_large": Advice(_PROVIDER_DATA, Place.REHEARSAL),
    "claim_wrong_type": Advice(_PROVIDER_DATA, Place.REHEARSAL),
    "claim_too_many_values": Advice(_PROVIDER_DATA, Place.REHEARSAL),
    "claim_too_long": Advice(_PROVIDER_DATA, Place.REHEARSAL),
    "claim_forbidden_characters": Advice(_PROVIDER_DATA, Place.REHEARSAL),
    "claim_not_single": Advice(_PROVIDER_DATA, Place.REHEARSAL),
    "upstream_access_denied": Advice(
        "Ask at the provider whether the person may use this application of theirs.", Place.PROVIDER,
    ),
    "upstream_interaction_required": Advice(_FRESH),
    "upstream_error": Advice(_SETTINGS, Place.CONNECTION),
    "upstream_freshness_unprovable": Advice(
        "Ask whether the provider can tell when somebody signed in: the application asks.", Place.APPLICATION,
    ),
    "upstream_out_of_order": Advice(_TEST, Place.CONNECTION),
    "token_request_client_refused": Advice(_SECRET, Place.CONNECTION),
    "token_request_code_refused": Advice(_FRESH),
    "token_request_refused": Advice(_SETTINGS, Place.CONNECTION),
    "client_credentials_unusable": Advice(_SECRET, Place.CONNECTION),
    "callback_state_differs": Advice(_FRESH),
    "saml_response_denied": Advice(
        "Ask at the provider whether the person may use this service.", Place.PROVIDER,
    ),
    "saml_response_unsolicited": Advice(
        "Let people start from the application, or allow sign-ins that the provider begins.", Place.CONNECTION,
    ),
    "saml_response_bad_signature": Advice(_CERTIFICATE, Place.CONNECTION),
    "saml_assertion_bad_signature": Advice(_CERTIFICATE, Place.CONNECTION),
    "saml_response_metadata_expired": Advice("Fetch them again.", Place.CONNECTION),
    "saml_assertion_audience_differs": Advice(
        "At the provider, our entity id must stand exactly as it does here.", Place.CONNECTION,
    ),
    "saml_assertion_expired": Advice(_CLOCKS),
    "saml_assertion_not_yet_valid": Advice(_CLOCKS),
    "saml_name_id_transient": Advice(
        "Ask for a lasting NameID, or name an attribute that holds a lasting subject.", Place.CONNECTION,
    ),
    "id_token_expired": Advice(_CLOCKS),
    "id_token_issued_in_future": Advice(_CLOCKS),
    "id_token_audience_differs": Advice(
        "The client id must stand here exactly as at the provider.", Place.CONNECTION,
    ),
    "id_token_issuer_differs": Advice(
        "The issuer must stand here exactly as in the provider's discovery document.", Place.CONNECTION,
    ),
    "id_token_bad_signature": Advice(_SETTINGS, Place.CONNECTION),
    "id_token_unknown_key": Advice(
        "Test the identity provider; its keys may have changed a moment ago.", Place.CONNECTION,
    ),
    # where the account lives
    "user_store_unknown": Advice(
        "Choose another store in the provisioning of the provider.", Place.PROVISIONING,
    ),
    "user_store_disabled": Advice(
        "Switch it on, or choose another store in the provisioning.", Place.USER_STORES,
    ),
    "user_store_read_only": Advice(
        "Let it take writes, or choose another store in the provisioning.", Place.USER_STORES,
    ),
    "user_store_unreachable": Advice(_STORE, Place.USER_STORES),
    "user_store_permission_denied": Advice(_STORE, Place.USER_STORES),
    "user_store_refuses_writes": Advice(_STORE, Place.USER_STORES),
    "user_store_full": Advice(_STORE, Place.USER_STORES),
    "user_store_rejects_entry": Advice(
        "Rehearse it to see what would be written, and compare it with what the store demands.", Place.REHEARSAL,
    ),
    "user_store_rejects_password": Advice(
        "Make the password rule here as strict as the store's own.", Place.USER_STORES,
    ),
    # whether they may have one
    "local_account_required": Advice(
        "The reasons above say why none could be made. Or let the application do without.", Place.APPLICATION,
    ),
    "matches_not_looked_up": Advice(_STORE, Place.USER_STORES),
    "link_ambiguous": Advice("Look which account is theirs, and link it by hand.", Place.PEOPLE),
    "link_to_privileged": Advice(_BY_HAND, Place.PEOPLE),
    "link_proof_of_other_account": Advice(
        "Let them start again with the other one, or link it by hand.", Place.PEOPLE,
    ),
    "link_not_proven": Advice("Link it by hand, or let people prove it.", Place.LINKING),
    "link_cannot_be_proven": Advice("Give the account a password, or link it by hand.", Place.PEOPLE),
    "domain_reserved": Advice(_NAME, Place.CLAIMS),
    "domain_unknown": Advice(
        "Add the store, or say in the provisioning where such people go.", Place.PROVISIONING,
    ),
    "user_name_names_a_store": Advice(_NAME, Place.CLAIMS),
    "user_name_forbidden_characters": Advice(_NAME, Place.CLAIMS),
    "user_name_length": Advice(_NAME, Place.CLAIMS),
    "user_name_reserved": Advice(_NAME, Place.CLAIMS),
    "user_name_breaks_pattern": Advice(
        "Change the rule of the store, or map another claim to the user name.", Place.USER_STORES,
    ),
    "user_name_is_unverified_email": Advice(
        "Let the person verify it at the provider, or map another claim to the user name.", Place.CLAIMS,
    ),
    "name_taken": Advice(
        "Is it the same person? Link the account to them. If not, let people choose a name, or add "
        "a number to it.", Place.PROVISIONING,
    ),
    "consent_declined": Advice("Nothing, unless they meant to: they may start again.", Place.PURPOSES),
    # whether the application lets them in
    "refused_by_sign_in_policy": Advice(
        "Look at the application's rules: the reasons name the one that fitted.", Place.APPLICATION,
    ),
    "second_factor_needs_account": Advice(
        "Switch provisioning on for the provider, or drop the rule that asks.", Place.APPLICATION,
    ),
    "second_factor_unavailable": Advice(
        "Let them enrol one in “my account”, or drop the rule that asks.", Place.PERSON,
    ),
    "factors_contradict": Advice("Let both rules allow the same kind.", Place.APPLICATION),
    "unsolicited_leads_nowhere": Advice(
        "Name a default application for sign-ins that the provider begins.", Place.CONNECTION,
    ),
    "application_disabled": Advice("Switch it on if people may use it.", Place.APPLICATION),
    "provisioning_off": Advice("Switch provisioning on if people shall get accounts.", Place.PROVISIONING),
})  # fmt: skip
"""Reason code → advice; a code that is not here has the advice of its family, or none."""

FAMILY_ADVICE: Final[Mapping[str, Advice]] = MappingProxyType({
    "id_token_": Advice(_SETTINGS, Place.CONNECTION),
    "userinfo_": Advice(_SETTINGS, Place.CONNECTION),
    "emails_": Advice(_SETTINGS, Place.CONNECTION),
    "key_set_": Advice(_TEST, Place.CONNECTION),
    "discovery_": Advice(_TEST, Place.CONNECTION),
    "token_answer_": Advice(_TEST, Place.CONNECTION),
    "token_request_": Advice(_SETTINGS, Place.CONNECTION),
    "callback_": Advice(_FRESH),
    "saml_assertion_": Advice(_SETTINGS, Place.CONNECTION),
    "saml_response_": Advice(_SETTINGS, Place.CONNECTION),
    "saml_name_id_": Advice(_SETTINGS, Place.CONNECTION),
    "saml_attribute_": Advice(_SETTINGS, Place.CONNECTION),
    "saml_": Advice(_SETTINGS, Place.CONNECTION),
    "upstream_": Advice(_TEST, Place.CONNECTION),
    "user_store_": Advice(_STORE, Place.USER_STORES),
})  # fmt: skip
"""Beginning of codes, as in ``FAMILIES`` → advice."""


def find_advice(code: str) -> Advice | None:
    """Return what to do about a code; ``None`` where nothing is to be done, or known."""
    return ADVICE.get(code) or FAMILY_ADVICE.get(family_of(code) or "")
