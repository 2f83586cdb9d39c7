"""An entry is made once, with everything that belongs to it, and bears our stamp."""

import asyncio

import pytest
from tests.contract.entry_store.people import dump, new_entry, untouched
from tests.contract.entry_store.standing import Standing, Stranger

from jitney.errors import Conflict, UserStoreRejected

pytestmark = pytest.mark.anyio

WHOLE = {"given_name": "Alice", "email": "alice@example.org", "phone_number": ("+44 1", "+44 2")}


async def test_added_entry_reads_back_whole(standing: Standing) -> None:
    """R-045: what was added is read back by the store's own id: name, values, stamp, groups and password."""
    new = new_entry("Alice", groups=("staff",), **WHOLE)
    made = await standing.store.add(new, "Correct-Horse-9")
    values = {name: sorted(values) for name, values in made.attributes.items()}
    assert {name: sorted(values) for name, values in new.attributes.items()} == values
    assert ("Alice", new.stamp, ("staff",)) == (made.name, made.stamp, made.groups)
    assert not made.is_disabled
    assert made.id not in {new.name, ""}
    assert made == await standing.store.find(made.id)
    assert made == await standing.store.find_by_name("alice")
    assert await standing.raw.proves("Alice", "Correct-Horse-9")


async def test_entry_without_a_password_proves_nobody(standing: Standing) -> None:
    """R-042: an entry that was made without a password lets nobody in, neither us nor the store itself."""
    made = await standing.store.add(new_entry("alice"), None)
    assert made.has_password is not True
    for password in ("", " ", "alice", "Correct-Horse-9"):
        assert not await standing.store.check_password(made.id, password)
        assert not await standing.raw.proves("alice", password)


async def test_entry_of_ours_is_returned_as_it_is(standing: Standing) -> None:
    """P-2: what an earlier attempt has left is taken up by its stamp: one entry, its values as they were."""
    new = new_entry("alice", **WHOLE)
    made = await standing.store.add(new, "Correct-Horse-9")
    before = await dump(standing)
    assert made == await standing.store.add(new, None)
    assert before == await dump(standing)
    assert await standing.raw.proves("alice", "Correct-Horse-9")


async def test_groups_are_joined_when_it_is_called_again(standing: Standing) -> None:
    """Groups are joined last, so the next attempt joins those that are missing."""
    new = new_entry("alice")
    made = await standing.store.add(new, None)
    assert () == made.groups
    again = await standing.store.add(new_entry("alice", new.stamp, groups=("guests", "staff")), None)
    assert (made.id, ("guests", "staff")) == (again.id, tuple(sorted(again.groups)))


@pytest.mark.parametrize("name", ["alice", "ALICE"])
async def test_name_of_a_stranger_is_taken(standing: Standing, name: str) -> None:
    """P-4: a name that somebody has, however it is written, is refused; the stranger is never adopted."""
    await standing.raw.seed(Stranger("Alice", groups=("staff",), password="Strangers-Own-1"))
    before = await dump(standing)
    with pytest.raises(Conflict) as refusal:
        await standing.store.add(new_entry(name, groups=("staff",)), "Correct-Horse-9")
    assert "user_name" == refusal.value.what
    assert before == await dump(standing)
    await standing.store.add(new_entry("alice2"), "Correct-Horse-9")


async def test_name_of_another_user_of_ours_is_taken(standing: Standing) -> None:
    """P-2: an entry that we made for one user is not taken up for another."""
    await standing.store.add(new_entry("alice"), None)
    before = await dump(standing)
    with pytest.raises(Conflict) as refusal:
        await standing.store.add(new_entry("alice"), None)
    assert "user_name" == refusal.value.what
    assert before == await dump(standing)


async def test_of_many_at_once_one_gets_the_name(standing: Standing) -> None:
    """P-2, R-047: of eight who want one name at once, one gets it, and seven are told that it is taken."""
    wanted = [new_entry("alice" if number % 2 else "Alice") for number in range(8)]
    answers = await asyncio.gather(*(standing.store.add(new, None) for new in wanted), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert [] == [answer for answer in answers if isinstance(answer, BaseException) and answer not in refused]
    assert ["user_name"] * 7 == [refusal.what for refusal in refused]
    assert 1 == len(await standing.store.page())


async def test_one_attempt_made_many_times_at_once_makes_one_entry(standing: Standing) -> None:
    """P-1: eight workers that make the same user at once make one entry, and each gets it."""
    new = new_entry("alice", groups=("staff",), **WHOLE)
    made = await asyncio.gather(*(standing.store.add(new, "Correct-Horse-9") for _ in range(8)))
    assert 1 == len({entry.id for entry in made})
    page = await standing.store.page()
    assert [(new.stamp, ("staff",))] == [(entry.stamp, entry.groups) for entry in page]


async def test_entry_with_a_group_that_is_none_is_not_made(standing: Standing) -> None:
    """P-1: all of it or none: where a group is missing, nothing is left behind, and the name stays free."""
    before = await dump(standing)
    with pytest.raises(UserStoreRejected) as refusal:
        await standing.store.add(new_entry("alice", groups=("staff", "no such group")), "Correct-Horse-9")
    assert "user_store_rejects_entry" == refusal.value.code
    assert before == await dump(standing)
    assert ("staff",) == (await standing.store.add(new_entry("alice", groups=("staff",)), None)).groups


@pytest.mark.parametrize("password", ["", " ", "\t\n", "\u00a0"])
async def test_entry_with_a_blank_password_is_not_made(standing: Standing, password: str) -> None:
    """R-042: a blank password is refused before the store is asked, and nothing is made."""
    before = await dump(standing)
    with pytest.raises(UserStoreRejected) as refusal:
        await standing.store.add(new_entry("alice"), password)
    assert "user_store_rejects_password" == refusal.value.code
    assert before == await dump(standing)


async def test_adding_touches_nobody_else(standing: Standing) -> None:
    """P-4: whoever stood there before stands there byte for byte."""
    await standing.raw.seed(Stranger("bob", groups=("staff",), password="Strangers-Own-1"))
    before = await dump(standing)
    await standing.store.add(new_entry("alice", groups=("staff",), **WHOLE), "Correct-Horse-9")
    untouched(before, await dump(standing))
