"""Diagnosis: what was found when a connection was tried, step by step, and how to mend what is wrong."""

from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """How a step went."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    ``name`` is stable.
    Of a user store: ``name_resolution``, ``connection``, ``tls``, ``bind``, ``base``, ``read``, ``schema``,
    ``groups``, ``write``.
    Of an identity provider: ``discovery``, ``issuer``, ``endpoints``, ``keys``, ``offers``, ``pkce``,
    ``authentication``, ``response_mode``, ``scopes``, ``credentials``, ``subject``, ``metadata``, ``entity``,
    ``certificates``, ``requests``, ``registration``.
    ``sentence`` tells the operator what was found, and what to do about it; ``code`` is the reason where it did
    not go well.
    """

    name: str
    finding: Finding
    sentence: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All steps in the order in which they were tried."""

    steps: tuple[Step, ...]

    @property
    def is_good(self) -> bool:
        """Say whether nothing stands in the way."""
        return all(step.finding in {Finding.GOOD, Finding.DOUBTFUL} for step in self.steps)
