"""Which attributes of ours may stand in which places of a user store (pure)."""

from collections.abc import Callable, Collection, Iterator, Mapping

from jitney.administration.attribute_names import find_name_fault
from jitney.provisioning.claim_mapping import VERIFIED_FLAGS


def find_mapping_faults(
    attributes: Mapping[str, str],
    *,
    is_place: Callable[[str], bool],
    taken: Mapping[str, str],
    never: Collection[str] = (),
) -> Iterator[tuple[str, str]]:
    """Tell what is wrong with a table of our attributes and their places, under the field ``attributes``.

    ``taken`` maps a place to what stands there already; ``never`` are places that no value is written to.
    Places compare without case, as directories and databases do.
    """
    kept = {place.lower(): what for place, what in taken.items() if place}
    used: dict[str, str] = {}
    for name, place in attributes.items():
        if fault := _name_fault(name):
            yield "attributes", fault
        folded = place.lower()
        if not is_place(place):
            yield "attributes", f"{place!r} is no place for {name}: a single name is needed."
        elif folded in kept:
            yield "attributes", f"{name} cannot stand in {place}, which holds {kept[folded]}."
        elif folded in never:
            yield "attributes", f"{name} cannot stand in {place}, which decides who may sign in."
        elif folded in used:
            yield "attributes", f"{name} and {used[folded]} cannot both stand in {place}."
        used.setdefault(folded, name)


def _name_fault(name: str) -> str | None:
    """Say why an attribute cannot be kept in a store.

    The attack: whoever may write the directory sets a flag there, and an address counts as verified that nobody
    ever verified. So flags are ours, and hold for the value that they were given for.
    """
    if name in VERIFIED_FLAGS:
        return f"{name} is kept by Jitney alone: a store does not say what was verified."
    return find_name_fault(name)
