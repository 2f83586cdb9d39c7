"""The fields of what a provider is called, how people find it, and what their account is bound to."""

from typing import Final

from jitney.web.console.record_forms import Choice, Field, Kind

BASIC: Final = (
    Field(
        "display_name", "Display name", required=True,
        sentence="What people read on the sign-in page and on every page that speaks of this provider.",
    ),
    Field(
        "home_realm.is_shown", "Offer it on the sign-in page", Kind.SWITCH,
        sentence="Off: people find it by the domain of their address, or an application names it; "
        "nobody reads on the sign-in page who your customers are.",
    ),
    Field(
        "home_realm.domains", "E-mail domains", Kind.LINES, placeholder="acme.example",
        sentence="People with these addresses are sent straight here. One on each line; "
        "*.acme.example stands for all below it.",
    ),
    Field(
        "home_realm.identifier", "Home realm identifier",
        sentence="What an application may send as fidp to send people straight here. No other provider has it.",
    ),
)  # fmt: skip

KINDS_OF_FACTOR: Final = (
    Choice("totp", "Authenticator app"),
    Choice("email_otp", "Code by e-mail"),
    Choice("passkey", "Passkey"),
)

SECOND_FACTOR: Final = (
    Field(
        "second_factor.required", "Ask its people for a second factor", Kind.SWITCH,
        sentence="On: whoever comes from here proves a second factor here too, whatever the application says.",
    ),
    Field(
        "second_factor.kinds", "Kinds that count", Kind.CHECKS, choices=KINDS_OF_FACTOR,
        sentence="One of these must be proven. None chosen: any kind counts.",
    ),
    Field(
        "second_factor.trusted_acr", "Classes that are trusted (acr)", Kind.LINES,
        sentence="If the provider's signed token names one of these, nothing is asked here. One on each line.",
        warning="Whoever administers the provider decides by this who proves only one factor.",
    ),
    Field(
        "second_factor.trusted_amr", "Methods that are trusted (amr)", Kind.LINES, placeholder="mfa",
        sentence="The same for the methods that its token lists. One on each line.",
    ),
)  # fmt: skip


def _part(name: str, label: str, sentence: str) -> Field:
    return Field(f"enhanced.{name}", label, Kind.TRISTATE, sentence=sentence)


ENHANCED: Final = (
    _part(
        "federated_unique_user_id", "Federated unique user id as the user name",
        "New people get a random id as their user name, and are shown by their display name.",
    ),
    _part(
        "second_factors", "Second factors for its people",
        "They may enrol second factors here, and can so be asked for one.",
    ),
    _part(
        "delete_users_with_provider", "Delete its people with it",
        "When the provider is deleted, so is everybody whom it brought and who has no other way in.",
    ),
    _part(
        "refuse_edits", "Refuse edits of what it masters",
        "Values that came from the provider are changed there, and nowhere here.",
    ),
    _part(
        "lock_social_identity", "Lock by social identity",
        "A lock stands on who the person is at the provider, and outlives the account.",
    ),
)  # fmt: skip
