"""Only what we made is removed, and only for the user for whom we made it."""

import pytest
from tests.contract.entry_store.people import dump, new_entry
from tests.contract.entry_store.standing import Standing, Stranger

pytestmark = pytest.mark.anyio


async def test_entry_of_ours_is_removed_whole(standing: Standing) -> None:
    """P-3: nothing is left of an entry that is removed: neither values nor memberships nor the name."""
    await standing.raw.seed(Stranger("bob", groups=("staff",)))
    before = await dump(standing)
    new = new_entry("alice", email="a@example.org", groups=("staff", "guests"))
    made = await standing.store.add(new, "Correct-Horse-9")
    assert await standing.store.remove(made.id, new.stamp)
    assert before == await dump(standing)
    assert await standing.store.find(made.id) is None


async def test_removing_again_removes_nothing(standing: Standing) -> None:
    """What is gone is gone; a new entry of the same name has another id and stays."""
    new = new_entry("alice")
    made = await standing.store.add(new, None)
    assert await standing.store.remove(made.id, new.stamp)
    assert not await standing.store.remove(made.id, new.stamp)
    again = await standing.store.add(new_entry("alice"), None)
    assert not await standing.store.remove(made.id, new.stamp)
    assert again == await standing.store.find_by_name("alice")


async def test_entry_with_another_stamp_is_not_removed(standing: Standing) -> None:
    """P-4: the right id with another user's stamp removes nothing."""
    new = new_entry("alice", groups=("staff",))
    made = await standing.store.add(new, None)
    before = await dump(standing)
    for stamp in ("", "*", new_entry().stamp, new.stamp[:-1]):
        assert not await standing.store.remove(made.id, stamp)
    assert before == await dump(standing)
    assert await standing.store.remove(made.id, new.stamp)


async def test_stranger_is_never_removed(standing: Standing) -> None:
    """P-4: an entry without a stamp stays, whatever stamp is named."""
    stranger = await standing.raw.seed(Stranger("bob", groups=("staff",)))
    ours = new_entry("alice")
    await standing.store.add(ours, None)
    before = await dump(standing)
    for stamp in ("", "*", "None", stranger, ours.stamp):
        assert not await standing.store.remove(stranger, stamp)
    assert before == await dump(standing)


@pytest.mark.parametrize("entry_id", ["", "*", "0", "no such id"])
async def test_id_that_is_nobodys_removes_nothing(standing: Standing, entry_id: str) -> None:
    """P-4: the right stamp with an id that is nobody's removes nothing."""
    new = new_entry("alice")
    await standing.store.add(new, None)
    before = await dump(standing)
    assert not await standing.store.remove(entry_id, new.stamp)
    assert before == await dump(standing)
