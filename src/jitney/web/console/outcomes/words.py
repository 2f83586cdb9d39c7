"""Words for how a sign-in ended."""

from dataclasses import dataclass
from typing import Final

from jitney.administration.records.outcome_words import says
from jitney.model.outcome import Outcome, OutcomeKind
from jitney.signin.own_pages import OWN

KINDS: Final = {
    OutcomeKind.CREATED: ("Signed in, account made", "jit"),
    OutcomeKind.LINKED: ("Signed in, joined", "jit"),
    OutcomeKind.UPDATED: ("Signed in, updated", "good"),
    OutcomeKind.UNCHANGED: ("Signed in", "good"),
    OutcomeKind.PASSED_THROUGH: ("Signed in without account", "plain"),
    OutcomeKind.PENDING: ("Not finished", "warn"),
    OutcomeKind.REFUSED: ("Refused", "bad"),
}
"""How it ended → in words, and the kind of its badge."""

_BEGINNINGS: Final = {OutcomeKind.PENDING: "Not finished", OutcomeKind.REFUSED: "Refused"}


@dataclass(frozen=True, slots=True)
class Said:
    """What happened, in one line of two parts: “Refused”, “the user name is taken”; ``badge`` is how it looks."""

    how: str
    why: str
    badge: str

    def __str__(self) -> str:
        """Return the whole line."""
        return f"{self.how}: {self.why}"


def said_of(outcome: Outcome) -> Said:
    """Return what happened."""
    return Said(_BEGINNINGS.get(outcome.kind, "Signed in"), says(outcome.code), KINDS[outcome.kind][1])


def application_of(outcome: Outcome) -> str | None:
    """Return which application it was, ``None`` where it was none of those that are registered."""
    return None if outcome.application == OWN.id else outcome.application
