"""Operator: a person, or the command line, who administers; a door without one cannot call a verb."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from jitney.errors import NotAllowed
from jitney.model.user import AUDITOR_ROLE, HELP_DESK_ROLE, OPERATOR_ROLE, User


class Right(StrEnum):
    """What an operator may do: look, take records away, help people with their accounts, or change how we work.

    Taking records away is a right of its own, so that the help desk, which has it not, reaches no auditor.
    """

    SEE = "see"
    EXPORT = "export"
    HELP = "help"
    ADMINISTER = "administer"


ALL_RIGHTS: Final = frozenset(Right)

RIGHTS: Final = {
    OPERATOR_ROLE: ALL_RIGHTS,
    HELP_DESK_ROLE: frozenset({Right.SEE, Right.HELP}),
    AUDITOR_ROLE: frozenset({Right.SEE, Right.EXPORT}),
}
"""The roles that make somebody an operator, and what each allows."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who asks: ``id`` is the immutable id of the operator's user (R-113), ``name`` is for people alone.

    ``version`` is the one of the user that the rights were read from, ``None`` for who is no user.
    """

    id: str
    name: str
    rights: frozenset[Right] = ALL_RIGHTS
    version: int | None = None

    @property
    def actor(self) -> str:
        """Return how audit events name the operator."""
        return f"operator:{self.id}"

    def may(self, right: Right) -> bool:
        """Say whether the operator has a right."""
        return right in self.rights

    def need(self, right: Right) -> None:
        """Refuse who has not this right: ``NotAllowed`` (``operator_right_missing``)."""
        if right not in self.rights:
            raise right_missing(right)


def right_missing(right: Right) -> NotAllowed:
    """Return the refusal of somebody without this right."""
    return NotAllowed(
        "operator_right_missing",
        "Your role as an operator does not allow this. Ask somebody who administers Jitney.",
        right=right.value,
    )


COMMAND_LINE = Operator("command_line", "the command line")
"""Whoever may run commands on the machine itself: the one who could read the database anyway."""


def rights_of(roles: Collection[str]) -> frozenset[Right]:
    """Return what these roles allow together, empty for whoever is no operator.

    Who helps people, and does not administer, takes no records away, an auditor besides or not: the narrower duty
    decides.
    """
    found = frozenset(right for role in roles for right in RIGHTS.get(role, ()))
    is_help_desk = Right.HELP in found and Right.ADMINISTER not in found
    return found - {Right.EXPORT} if is_help_desk else found


def operator_of(user: User) -> Operator | None:
    """Return the user as an operator, ``None`` where no role makes them one (R-113: by id, never by name)."""
    rights = rights_of([grant.name for grant in user.roles])
    return Operator(user.id, str(user.username), rights, user.version) if rights else None
