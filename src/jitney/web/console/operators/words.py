"""What the roles of operators are called in the console, and what each allows, in words."""

from typing import Final

from jitney.model.user import AUDITOR_ROLE, HELP_DESK_ROLE, OPERATOR_ROLE
from jitney.web.console.record_forms import Choice, Field, Kind

ROLES: Final = (
    Choice(
        AUDITOR_ROLE,
        "Auditor",
        "Sees everything but secrets, takes records away as files, and changes nothing.",
    ),
    Choice(
        HELP_DESK_ROLE,
        "Help desk",
        "Sees everything but secrets, and helps people who may not do more than they: locks, unlocks, ends "
        "sessions, sets passwords, takes lost second factors away.",
    ),
    Choice(
        OPERATOR_ROLE,
        "Administrator",
        "Does everything: providers, stores, applications, and who else operates.",
        "Whoever gets into this account, or administers a provider that opens it, owns this installation.",
    ),
)
"""From the least to the most."""

TITLES: Final = {choice.value: choice.label for choice in ROLES}
SENTENCES: Final = {choice.value: choice.sentence for choice in ROLES}
MAY: Final = {
    AUDITOR_ROLE: "may look at everything, and take records away",
    HELP_DESK_ROLE: "may look at everything, and help people",
    OPERATOR_ROLE: "may do everything",
}
"""The rights of each role, as briefly as a list has room for."""

WHO: Final = Field(
    "who",
    "Person",
    sentence="Their user name, with the domain of the store before it (ENG/ada) unless it is PRIMARY; or their id.",
    required=True,
)
ROLE: Final = Field("role", "Role", Kind.CHOICE, choices=ROLES)
FIELDS: Final = (WHO, ROLE)


def title_of(role: str) -> str:
    """Return what a role is called; one that is no operator's has only its name."""
    return TITLES.get(role, role)
