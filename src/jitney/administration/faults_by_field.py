"""Gather the faults of a record by field, so that all of them are told at once (pure)."""

from collections.abc import Iterable


def gather(faults: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the sentences about each field as one text, in their order; what is said twice is told once."""
    sentences: dict[str, list[str]] = {}
    for field, sentence in faults:
        told = sentences.setdefault(field, [])
        if sentence not in told:
            told.append(sentence)
    return {field: " ".join(told) for field, told in sentences.items()}
