"""Memberships are read, and joined and left where the store lets us."""

import pytest
from tests.contract.entry_store.people import dump, new_entry
from tests.contract.entry_store.standing import Standing, Stranger

from jitney.errors import UserStoreRejected
from jitney.model.entry import EntryChanges

pytestmark = pytest.mark.anyio


async def groups_of(standing: Standing, entry_id: str) -> list[str]:
    entry = await standing.store.find(entry_id)
    assert entry is not None
    return sorted(entry.groups)


async def test_groups_of_a_stranger_are_read(standing: Standing) -> None:
    """Whom the owner put into groups is in them, and nobody else is."""
    both = await standing.raw.seed(Stranger("alice", groups=("staff", "guests")))
    one = await standing.raw.seed(Stranger("bob", groups=("staff",)))
    none = await standing.raw.seed(Stranger("eve"))
    assert [["guests", "staff"], ["staff"], []] == [
        await groups_of(standing, each) for each in (both, one, none)
    ]


async def test_groups_are_found_by_name(standing: Standing) -> None:
    """R-037: only what is a group here is said to be one, by exactly this name."""
    found = await standing.store.find_groups(["staff", "no such group", "guests", "*", "staf", ""])
    assert frozenset({"staff", "guests"}) == found
    assert frozenset() == await standing.store.find_groups([])


async def test_groups_are_joined_and_left(standing: Standing) -> None:
    """Joining and leaving change the memberships that are named, and no other."""
    made = await standing.store.add(new_entry("alice", groups=("staff",)), None)
    await standing.store.change(made.id, EntryChanges(groups_joined=("guests",)))
    assert ["guests", "staff"] == await groups_of(standing, made.id)
    await standing.store.change(made.id, EntryChanges(groups_left=("staff",)))
    assert ["guests"] == await groups_of(standing, made.id)


async def test_joining_twice_and_leaving_twice_is_once(standing: Standing) -> None:
    """P-8: who is in already stays in, and who is out already stays out."""
    made = await standing.store.add(new_entry("alice"), None)
    for _ in range(2):
        await standing.store.change(made.id, EntryChanges(groups_joined=("staff", "staff")))
        assert ["staff"] == await groups_of(standing, made.id)
    for _ in range(2):
        await standing.store.change(made.id, EntryChanges(groups_left=("staff",)))
        assert [] == await groups_of(standing, made.id)


async def test_memberships_of_others_stay(standing: Standing) -> None:
    """P-4, R-039: who leaves a group leaves it alone."""
    stranger = await standing.raw.seed(Stranger("bob", groups=("staff", "guests")))
    made = await standing.store.add(new_entry("alice", groups=("staff",)), None)
    await standing.store.change(made.id, EntryChanges(groups_left=("staff",)))
    assert [[], ["guests", "staff"]] == [await groups_of(standing, each) for each in (made.id, stranger)]


async def test_group_that_is_none_cannot_be_joined(standing: Standing) -> None:
    """R-037: joining what is no group is refused, and makes none."""
    made = await standing.store.add(new_entry("alice", groups=("staff",)), None)
    before = await dump(standing)
    with pytest.raises(UserStoreRejected) as refusal:
        await standing.store.change(made.id, EntryChanges(groups_joined=("no such group",)))
    assert "user_store_rejects_entry" == refusal.value.code
    assert before == await dump(standing)
    await standing.store.change(made.id, EntryChanges(groups_left=("no such group",)))
    assert before == await dump(standing)
