"""Outcome: how one sign-in ended, with every reason, under a reference id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class OutcomeKind(StrEnum):
    """The ways in which a sign-in can end."""

    CREATED = "created"
    LINKED = "linked"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    PASSED_THROUGH = "passed_through"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the reasoning: a stable code, and what it was about.

    ``about`` holds short texts for operators (a store, an attribute's name, a rule), never a secret.
    """

    code: str
    about: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Outcome:
    """The record that every sign-in leaves; ``reference`` is what a person reads on an error page.

    ``written`` are lines about what was added (``+``) and taken away (``-``) with who gave it, without values.
    A ``PENDING`` outcome is settled under its reference when the sign-in ends; all others stay as they are.
    """

    reference: str
    at: datetime
    kind: OutcomeKind
    reasons: tuple[Reason, ...]
    application: str | None = None
    idp: str | None = None
    subject: str | None = None
    user_id: str | None = None
    written: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Return the code of the last reason: the one that settled it."""
        return self.reasons[-1].code if self.reasons else self.kind.value
