"""An entry is changed in whole attributes, and twice is the same as once."""

import asyncio

import pytest
from tests.contract.entry_store.people import dump, new_entry, untouched
from tests.contract.entry_store.standing import Standing, Stranger

from jitney.errors import NotFound
from jitney.model.entry import Entry, EntryChanges

pytestmark = pytest.mark.anyio


async def found(standing: Standing, entry_id: str) -> Entry:
    entry = await standing.store.find(entry_id)
    assert entry is not None
    return entry


async def test_attributes_are_changed_whole(standing: Standing) -> None:
    """R-033: what is named gets the new values, in whole; what is not named stays; no value removes."""
    made = await standing.store.add(
        new_entry("alice", given_name="Alice", email="old@example.org", phone_number=("+44 1", "+44 2")), None
    )
    changes = EntryChanges(
        {"email": ("new@example.org",), "phone_number": ("+44 3", "+44 4"), "given_name": ()}
    )
    await standing.store.change(made.id, changes)
    after = await found(standing, made.id)
    assert {"family_name", "email", "phone_number"} == set(after.attributes)
    assert (("new@example.org",), ("Liddell",)) == (
        after.attributes["email"],
        after.attributes["family_name"],
    )
    assert ["+44 3", "+44 4"] == sorted(after.attributes["phone_number"])
    assert (made.id, made.name, made.stamp) == (after.id, after.name, after.stamp)


async def test_changing_twice_is_the_same_as_once(standing: Standing) -> None:
    """P-8: carried out again after a lost answer, a change changes nothing more."""
    made = await standing.store.add(new_entry("alice", email="old@example.org", groups=("guests",)), None)
    changes = EntryChanges({"email": ("new@example.org",), "given_name": ()}, ("staff",), ("guests",))
    await standing.store.change(made.id, changes)
    once = await found(standing, made.id)
    await standing.store.change(made.id, changes)
    assert once == await found(standing, made.id)
    assert (("staff",), ("new@example.org",)) == (once.groups, once.attributes["email"])


async def test_attribute_is_set_where_there_was_none(standing: Standing) -> None:
    """A value comes to stand where none was, also on an entry that is not ours."""
    entry_id = await standing.raw.seed(Stranger("bob"))
    await standing.store.change(entry_id, EntryChanges({"email": ("bob@example.org",)}))
    after = await found(standing, entry_id)
    assert (("bob@example.org",), None) == (after.attributes["email"], after.stamp)


async def test_changing_nobody_is_refused(standing: Standing) -> None:
    """An entry that has vanished is told as gone, and nothing is made in its place."""
    entry_id = await standing.raw.seed(Stranger("bob"))
    await standing.raw.take_away(entry_id)
    before = await dump(standing)
    for wanted in (entry_id, "no such id"):
        with pytest.raises(NotFound) as refusal:
            await standing.store.change(wanted, EntryChanges({"email": ("bob@example.org",)}))
        assert "entry_gone" == refusal.value.code
    assert before == await dump(standing)


async def test_changing_touches_nobody_else(standing: Standing) -> None:
    """P-4: an entry is changed alone, though others have the same values and groups."""
    made = await standing.store.add(new_entry("alice", email="same@example.org", groups=("staff",)), None)
    attributes = {"family_name": ("Liddell",), "email": ("same@example.org",)}
    for name in ("alice2", "bob"):
        await standing.raw.seed(Stranger(name, attributes, ("staff",)))
    theirs = {
        label: what for label, what in (await dump(standing)).items() if "alice2" in label or "bob" in label
    }
    assert theirs
    await standing.store.change(
        made.id, EntryChanges({"email": ("new@example.org",)}, ("guests",), ("staff",))
    )
    untouched(theirs, await dump(standing))


async def test_two_changes_at_once_do_not_mix(standing: Standing) -> None:
    """P-8: of two changes of one attribute at once, one stands whole."""
    made = await standing.store.add(new_entry("alice"), None)
    wanted = [(f"+44 {number}", f"+44 {number}0") for number in range(1, 7)]
    await asyncio.gather(
        *(standing.store.change(made.id, EntryChanges({"phone_number": values})) for values in wanted)
    )
    assert set((await found(standing, made.id)).attributes["phone_number"]) in map(set, wanted)
