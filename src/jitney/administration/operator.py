"""Operator: a person, or the command line, who administers; a door without one cannot call a verb."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """Who asks: ``id`` is the immutable id of the operator's user (R-113), ``name`` is for people alone."""

    id: str
    name: str

    @property
    def actor(self) -> str:
        """Return how audit events name the operator."""
        return f"operator:{self.id}"


COMMAND_LINE = Operator("command_line", "the command line")
"""Whoever may run commands on the machine itself: the one who could read the database anyway."""
