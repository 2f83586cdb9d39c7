"""Gather the faults of a record by field, so that all of them are told at once (pure)."""

from collections.abc import Iterable
from typing import Final

MOST_TOLD: Final = 20
"""How many sentences are told about one field; of those beyond it is told how many there are."""


def gather(faults: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the sentences about each field as one text, in their order; what is said twice is told once.

    The accident: a wrong file is pasted into a box, and each of its thousands of lines has a fault of its own.
    """
    sentences: dict[str, dict[str, None]] = {}
    for field, sentence in faults:
        sentences.setdefault(field, {})[sentence] = None
    return {field: _told(list(said)) for field, said in sentences.items()}


def _told(said: list[str]) -> str:
    more = [f"And {len(said) - MOST_TOLD} more."] if len(said) > MOST_TOLD else []
    return " ".join((*said[:MOST_TOLD], *more))
