"""Making a user in a store outside our database: all of it, or nothing that lasts, whatever the store says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.operations.workshop import BY_ACME, STRANGERS, Workshop, ada

from jitney.errors import (
    Conflict,
    JitneyError,
    Overloaded,
    StoreUnanswered,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.entry import Entry
from jitney.model.operation import OperationState
from jitney.model.user import Grant, UserState
from jitney.operations.making import LEASE

pytestmark = pytest.mark.anyio

REJECTED = UserStoreRejected("user_store_permission_denied", "The user store does not allow this.")
BUSY = Overloaded("passwords_busy", "The service is busy. Please try again.")
UNREACHABLE = UserStoreUnavailable("user_store_unreachable", "The user store cannot be reached.")


async def test_published_user_stands_in_both_places() -> None:
    """jit.md 11: the entry has what the store has a place for, the groups and the stamp; the record has all."""
    house = Workshop()
    await house.publish(await house.make())
    house.check()
    record = house.state.users["u-ada"]
    entry = house.eng.entries[record.entry or ""]
    assert (UserState.ACTIVE, 1, "u-ada") == (record.state, record.version, entry.stamp)
    assert {"email": ("ada@acme.example",)} == entry.attributes
    assert (("staff",), "correct-horse") == (entry.groups, house.eng.passwords[entry.id])
    assert {"email", "given_name"} == set(record.attributes)
    assert "correct-horse" not in repr(house.state)


async def test_nobody_can_be_a_user_who_is_not_published_yet() -> None:
    """P-2: between the reservation and the publication the user is pending, by every way of finding it."""
    house = Workshop()
    await house.make()
    store = await house.store()
    by_id, by_name = await store.find("u-ada"), await store.find_by_name_key("ada")
    by_value = await store.find_by_attribute("email", "ada@acme.example")
    assert [UserState.PENDING] * 3 == [each.state for each in (by_id, by_name, *by_value) if each]


async def _fails_next(house: Workshop, method: str) -> None:
    house.eng.fails_next(method, UNREACHABLE)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (REJECTED, "user_store_permission_denied"),
        (UNREACHABLE, "user_store_unreachable"),
        (BUSY, "passwords_busy"),
    ],
    ids=["rejected", "unavailable", "overloaded"],
)
async def test_what_the_store_refuses_leaves_nothing(fault: JitneyError, code: str) -> None:
    """P-4, R-151: a store that says no, or cannot be asked now, leaves no reservation, no link and no entry."""
    house = Workshop()
    before = house.state.copy()
    house.eng.fails_next("add", fault)
    with pytest.raises(type(fault)) as refused:
        await house.make()
    assert code == refused.value.code
    assert before == house.state
    house.check()
    await house.publish(await house.make())
    house.check()


async def test_name_of_a_stranger_is_not_taken() -> None:
    """P-4, R-010: a name that somebody else's entry has is taken; the entry is neither adopted nor touched."""
    house = Workshop()
    before = house.state.copy()
    with pytest.raises(Conflict) as refused:
        await house.make(ada(name=STRANGERS[0].name))
    assert ("user_name_taken", "user_name") == (refused.value.code, refused.value.what)
    assert before == house.state
    house.check()


async def test_loser_of_the_reservation_asks_the_store_nothing() -> None:
    """P-1: whoever loses the race for the link has written nothing anywhere."""
    house = Workshop()
    await house.publish(await house.make())
    before, asked = house.state.copy(), list(house.eng.asked)
    with pytest.raises(Conflict) as refused:
        await house.make(ada("u-second", "ada2"))
    assert "account_link" == refused.value.what
    assert (before, asked) == (house.state, house.eng.asked)


async def test_answer_that_got_lost_is_read_back() -> None:
    """K6: the store did it and its answer got lost; reading it back finds the entry, and nothing is made twice."""
    house = Workshop()
    house.eng.answers_late("add")
    await house.publish(await house.make())
    house.check()
    assert 1 == len(house.eng.entries) - len(house.strangers)


async def test_groups_that_are_missing_after_a_lost_answer_are_joined() -> None:
    """K6, P-8: the entry stands and the answer got lost before its groups were joined; they are, then."""
    house = Workshop()
    house.eng.seed(Entry("e-half", "ada", stamp="u-ada"), "correct-horse")
    house.eng.fails_next("add", StoreUnanswered("user_store_unanswered", "No answer."))
    made = await house.make()
    assert (("staff",), "e-half") == (made.entry.groups, made.entry.id)
    await house.publish(made)
    house.check()


@pytest.mark.parametrize("asked", ["find_made", "add"])
async def test_what_cannot_be_read_back_is_left_to_recovery(asked: str) -> None:
    """K6, P-4: no answer, and none when it is read back: the reservation stays until recovery has looked."""
    house = Workshop()
    house.eng.answers_late("add")
    house.mortal.meanwhile["find_made"] = lambda: _fails_next(house, asked)
    with pytest.raises(StoreUnanswered) as unanswered:
        await house.make()
    assert "user_store_unanswered" == unanswered.value.code
    assert UserState.PENDING is house.state.users["u-ada"].state
    await house.recover()
    house.check()
    assert UserState.ACTIVE is house.state.users["u-ada"].state


async def test_answer_that_comes_an_hour_late_leaves_no_orphan() -> None:
    """K6, P-4: the store did not do it, so it was undone; it does it later, and that is taken away again."""
    house = Workshop()
    house.eng.arrives_late("add")
    with pytest.raises(StoreUnanswered):
        await house.make()
    assert ({}, {}) == (house.state.users, house.state.links)
    assert [OperationState.UNDONE] == [each.state for each in house.state.operations.values()]
    house.eng.arrive()
    late = await (await house.store()).find_by_name_key("ada")
    assert late is not None
    assert (UserState.PENDING, 0) == (late.state, late.version)
    await house.recover_wholly()
    house.check()
    assert {} == house.state.operations


async def test_what_may_not_be_published_is_taken_back() -> None:
    """R-021, REL-04: the provider was switched off meanwhile; entry, name and link are free again."""
    house = Workshop()
    before = house.state.copy()
    await house.making.unmake(await house.store(), await house.make())
    assert before == house.state
    house.check()


async def test_what_cannot_be_taken_back_now_is_watched_until_it_can() -> None:
    """P-4: the store is down when an entry is to be taken back; it is nobody's, and goes when the store is back."""
    house = Workshop()
    made = await house.make()
    house.eng.is_down = True
    await house.making.unmake(await house.store(), made)
    assert ({}, {}) == (house.state.users, house.state.links)
    assert made.entry.id in house.eng.entries
    house.eng.is_down = False
    await house.recover_wholly()
    house.check()
    assert made.entry.id not in house.eng.entries


async def test_slow_maker_takes_its_entry_back_when_it_was_undone() -> None:
    """P-4, P-5: a store took longer than the lease; recovery had undone it, so what stands now goes again."""
    house = Workshop()
    house.mortal.meanwhile["add"] = house.recover
    made = await house.make()
    with pytest.raises(Conflict) as refused:
        await house.publish(made)
    assert "operation" == refused.value.what
    await house.making.unmake(await house.store(), made)
    house.check()
    assert made.entry.id not in house.eng.entries
    assert {} == house.state.users


async def test_slow_maker_leaves_what_recovery_has_published() -> None:
    """P-3, P-5: a maker slower than its lease finds its user finished by recovery, and tears nothing down."""
    house = Workshop()
    made = await house.make()
    await house.recover()
    published = house.state.users["u-ada"]
    assert UserState.ACTIVE is published.state
    with pytest.raises(Conflict):
        await house.publish(made)
    await house.making.unmake(await house.store(), made)
    house.check()
    assert (published, True) == (house.state.users["u-ada"], made.entry.id in house.eng.entries)


async def test_operation_is_held_for_its_lease() -> None:
    """REL-12: while the lease runs nobody takes the making over."""
    house = Workshop()
    made = await house.make()
    house.clock.advance(LEASE - timedelta(microseconds=1))
    assert (0, ()) == await house.recovery.sweep()
    await house.publish(made)
    house.check()


async def test_group_that_the_store_does_not_have_makes_nobody() -> None:
    """P-8: a membership that cannot be had is no half success."""
    house = Workshop()
    before = house.state.copy()
    with pytest.raises(UserStoreRejected):
        await house.make(replace(ada(), roles=(Grant("ENG/nowhere", BY_ACME),)))
    assert before == house.state
    house.check()
