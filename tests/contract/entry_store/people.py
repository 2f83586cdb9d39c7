"""People of the contract: new entries and strangers, with little said about each."""

from typing import Any
from uuid import uuid4

from tests.contract.entry_store.standing import Standing

from jitney.model.entry import NewEntry


def new_entry(
    name: str = "alice", stamp: str | None = None, *, groups: tuple[str, ...] = (), **attributes: Any
) -> NewEntry:
    """Return an entry to make; each attribute is a text or a tuple of texts."""
    whole = {"family_name": "Liddell", **attributes}
    values = {key: value if isinstance(value, tuple) else (value,) for key, value in whole.items()}
    return NewEntry(stamp or str(uuid4()), name, values, groups)


def untouched(before: dict[str, object], after: dict[str, object]) -> None:
    """Say that everything that stood before stands there as it stood."""
    assert before.items() <= after.items()


async def dump(standing: Standing) -> dict[str, object]:
    """Tell everything that the store holds."""
    return dict(await standing.raw.dump())
