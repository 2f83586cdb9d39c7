"""The fields of the Just-In-Time Provisioning section, in the guide's words; placement has inputs of its own."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from jitney.model.policy import AsInUsername, FixedPlacement, Placement, ProvisioningPolicy
from jitney.model.user import PRIMARY
from jitney.model.user_store import UserStoreDescription
from jitney.web.console.doorways import Fields
from jitney.web.console.record_forms import Choice, Column, Field, Kind

SWITCH: Final = "provisioning"
STORE: Final = "store"
NO_PROVISIONING: Final = "none"
ALWAYS: Final = "always"
AS_IN_USERNAME: Final = "As in username"

PROVISIONING: Final = Field(
    SWITCH, "Just-In-Time Provisioning", Kind.CHOICE,
    choices=(
        Choice(
            NO_PROVISIONING, "No Provisioning",
            "No account is made for whoever is new: they pass through to the application. People who are known "
            "sign in as before, and nothing of theirs is refreshed.",
        ),
        Choice(
            ALWAYS, "Always provision to User Store Domain",
            "Whoever is new gets an account in the user store below.",
        ),
    ),
)  # fmt: skip

CHOSEN_BESIDE: Final = (PROVISIONING, Field(STORE, "User Store Domain", Kind.SELECT))
"""What has inputs of its own beside the fields of the policy."""

PROMPTS: Final = Field(
    "policy.prompt_mode", "What new people are asked", Kind.CHOICE,
    choices=(
        Choice(
            "username_password_and_consent", "Prompt for username, password and consent",
            "They choose a user name and a password, and agree to what is stored.",
        ),
        Choice(
            "password_and_consent", "Prompt for password and consent",
            "Their user name is fixed; they choose a password, and agree to what is stored.",
        ),
        Choice(
            "consent", "Prompt for consent",
            "Everything is fixed and shown; they agree to what is stored, and get no password.",
        ),
        Choice(
            "silent", "Provision silently",
            "They are asked nothing, and get no password.",
        ),
    ),
    sentence="Only people without an account are asked; later they come in without a question.",
)  # fmt: skip

SYNC: Final = (
    Field(
        "policy.attribute_sync", "Attributes of returning people", Kind.CHOICE,
        choices=(
            Choice(
                "preserve_local", "Refresh what the provider sends",
                "What it sends is written, and what was added here stays.",
            ),
            Choice(
                "override_all", "Override all",
                "Afterwards the profile is what the provider sent.",
                "Values that were added here, and that the provider does not send, are removed.",
            ),
            Choice("none", "Never", "What was written when the account was made stays as it is."),
        ),
    ),
    Field(
        "policy.role_sync", "Roles of returning people", Kind.CHOICE,
        choices=(
            Choice(
                "merge_with_existing", "Only add",
                "A role that the provider no longer sends stays.",
                "Who loses a role at the provider keeps it here.",
            ),
            Choice(
                "override_all", "Add and take away",
                "A role that this provider gave and no longer sends is taken away; a role given here stays.",
            ),
        ),
    ),
)  # fmt: skip

LINKING: Final = (
    Field(
        "policy.linking.enabled", "Let people join an account that exists", Kind.SWITCH,
        sentence="Somebody new may come into an account of theirs, on proof; off, nobody ever does.",
        warning="Whoever wrongly counts as proven opens somebody else's account.",
    ),
    Field(
        "policy.linking.lookups", "Look for the account by", Kind.ROWS,
        columns=(Column("federated", "Claim or mapped attribute"), Column("local", "Attribute of our users")),
        sentence="At most two, tried in order until one finds somebody.",
    ),
    Field(
        "policy.linking.trusted_email_domains", "Trusted e-mail domains", Kind.LINES, placeholder="acme.example",
        sentence="For these the provider's verified address is proof enough; one on each line.",
        warning="* believes this provider about every address in the world: whoever administers it can open any "
        "account whose address they claim.",
    ),
    Field(
        "policy.linking.on_unproven_match", "Somebody matches, and nothing proves it", Kind.CHOICE,
        choices=(
            Choice("ask", "Ask for proof", "The person signs in to the account that exists, and it is joined."),
            Choice("refuse", "Refuse", "The person does not come in."),
        ),
    ),
    Field(
        "policy.linking.skip_provisioning_if_nobody_matches", "Make no account if nobody matches", Kind.SWITCH,
        sentence="Whom no lookup finds passes through to the application without an account.",
    ),
)  # fmt: skip

NAMES: Final = (
    Field(
        "policy.username_template", "User name template", placeholder="{given_name}.{family_name}",
        sentence="How the wanted name is made where no user id claim gives one. Attributes stand in braces.",
    ),
    Field(
        "policy.on_name_taken", "The user name is taken", Kind.SELECT,
        choices=(
            Choice("", "Ask if the person may choose a name, else refuse"),
            Choice("ask", "Ask for another name"),
            Choice("suffix", "Add a number to it"),
            Choice("refuse", "Refuse"),
        ),
        sentence="Nobody ever gets the account of another because the names are equal.",
    ),
    Field(
        "policy.on_unknown_domain", "The user name asks for a store that there is not", Kind.SELECT,
        choices=(Choice("primary", "Use PRIMARY"), Choice("refuse", "Refuse")),
        sentence="Only where the store is as in the user name.",
    ),
    Field(
        "policy.on_provisioning_failure", "No account can be made", Kind.CHOICE,
        choices=(
            Choice("refuse", "Refuse", "The person does not come in, and the reason is kept."),
            Choice(
                "continue", "Continue without an account",
                "The person passes through to the application for this session.",
                "Nobody may notice that accounts are missing.",
            ),
        ),
    ),
    Field(
        "policy.anchor_claim", "Anchor claim", placeholder="tid",
        sentence="A claim that must stay the same for a person, such as the tenant; who comes with another value "
        "is refused.",
    ),
)  # fmt: skip


def store_field(stores: Iterable[UserStoreDescription]) -> Field:
    """Return the select of the stores: PRIMARY first, as ``stores`` come, and “As in username” last."""
    choices = [Choice(one.domain, f"{one.domain}{_state_of(one)}") for one in stores]
    return Field(
        STORE, "User Store Domain", Kind.SELECT,
        choices=(*choices, Choice(AS_IN_USERNAME, AS_IN_USERNAME)),
        sentence="As in username: ENG/alice goes into ENG, and a name without a store into PRIMARY.",
    )  # fmt: skip


def typed_policy(policy: ProvisioningPolicy) -> dict[str, str]:
    """Return what the switch and the store show."""
    return {SWITCH: ALWAYS if policy.enabled else NO_PROVISIONING, STORE: store_text(policy.placement)}


def store_text(placement: Placement) -> str:
    """Return a placement as the guide calls it."""
    return placement.domain.upper() if isinstance(placement, FixedPlacement) else AS_IN_USERNAME


def read_policy(policy: ProvisioningPolicy, typed: Fields) -> ProvisioningPolicy:
    """Return the policy with the switch and the store that were typed; a verb says whether the store exists."""
    chosen = typed.get(STORE, "").strip() or PRIMARY
    placement = AsInUsername() if chosen == AS_IN_USERNAME else FixedPlacement(chosen.upper())
    if store_text(placement) == store_text(policy.placement):
        placement = policy.placement  # domains compare without case
    return replace(policy, enabled=typed.get(SWITCH) == ALWAYS, placement=placement)


def _state_of(store: UserStoreDescription) -> str:
    if not store.enabled:
        return " (disabled)"
    return " (read-only)" if store.read_only else ""
