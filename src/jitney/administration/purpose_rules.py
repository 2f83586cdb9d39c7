"""What a purpose must be before it may be saved: every fault at once (pure)."""

from collections.abc import Iterator, Sequence

from jitney.administration.attribute_names import find_name_fault
from jitney.administration.faults_by_field import gather
from jitney.administration.text_lengths import with_length_faults
from jitney.model.consent import Purpose

MOST_BOXES = 60
"""How many attributes all purposes together may list: a page has a box for each, and must stay answerable."""


def find_faults(purpose: Purpose, others: Sequence[Purpose] = ()) -> dict[str, str]:
    """Return what is wrong, field by field; ``others`` are the purposes that stand beside it on the page."""
    return with_length_faults(gather(_faults(purpose, others)), purpose)


def _faults(purpose: Purpose, others: Sequence[Purpose]) -> Iterator[tuple[str, str]]:
    if not 3 <= len(purpose.name.strip()) == len(purpose.name) <= 60 or not purpose.name.isprintable():
        yield "name", "A name has 3 to 60 printable characters, without spaces around it."
    text = purpose.description
    if not text.strip() or len(text) > 500 or not text.replace("\n", "").isprintable():
        yield (
            "description",
            "A description has 1 to 500 characters: what the data is used for, in plain words.",
        )
    yield from _attribute_faults(purpose, others)


def _attribute_faults(purpose: Purpose, others: Sequence[Purpose]) -> Iterator[tuple[str, str]]:
    names = [attribute.name for attribute in purpose.attributes]
    if not names:
        yield "attributes", "A purpose lists at least one attribute."
    for name in names:
        if fault := find_name_fault(name):
            yield "attributes", fault
        elif names.count(name) > 1:
            yield "attributes", f"{name} is listed twice."
    if len(names) + sum(len(other.attributes) for other in others) > MOST_BOXES:
        yield "attributes", f"All purposes together list at most {MOST_BOXES} attributes."
