"""Removing a user from a store outside our database: shut out at once, gone from both places in the end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.operations.workshop import BEGUN, STRANGERS, Workshop

from jitney.errors import (
    Conflict,
    NotAllowed,
    StoreUnanswered,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.audit_event import Action
from jitney.model.changes import AddSession, AddUser, SetUserState
from jitney.model.entry import Entry
from jitney.model.session import LocalPerson, Session
from jitney.model.user import Lock, User, Username, UserState

pytestmark = pytest.mark.anyio

LEAVING = 8
"""How many moments a removal has."""

REJECTED = UserStoreRejected("user_store_permission_denied", "The user store does not allow this.")
UNREACHABLE = UserStoreUnavailable("user_store_unreachable", "The user store cannot be reached.")


async def house_of_ada() -> Workshop:
    """Ada was made here and is signed in."""
    house = Workshop()
    await house.publish(await house.make())
    now = house.clock.now()
    session = Session("hash", "sid", LocalPerson("u-ada", "ENG"), now, now, now, now + timedelta(hours=1))
    await house.doors.unit_of_work.commit(AddSession(session))
    return house


async def test_user_goes_from_both_places() -> None:
    """R-015, R-084: record, link, session and the entry that we made are gone; strangers stay."""
    house = await house_of_ada()
    await house.remove()
    house.check()
    assert ({}, {}, {}, {}) == (
        house.state.users, house.state.links, house.state.sessions, house.state.operations
    )  # fmt: skip


@pytest.mark.parametrize("moment", range(1, LEAVING + 1))
async def test_crash_while_leaving_is_finished(moment: int) -> None:
    """P-4, P-7: killed at any moment: the user is whole and untouched, or shut out, and gone after recovery."""
    house = await house_of_ada()
    before = house.state
    assert await house.live_through(house.remove, until=moment)
    has_begun = house.state is not before
    if "u-ada" in house.state.users and has_begun:
        assert UserState.LEAVING is house.state.users["u-ada"].state
    assert has_begun is ("hash" not in house.state.sessions)
    await house.recover()
    house.check()
    assert has_begun is ("u-ada" not in house.state.users)


async def test_every_moment_of_leaving_was_tried() -> None:
    """P-4: the matrix above ends the process at each moment that there is."""
    house = await house_of_ada()
    assert not await house.live_through(house.remove, until=LEAVING + 1)


async def test_what_recovery_finishes_is_recorded_once() -> None:
    """P-9: the removal that a crash broke off is recorded as the operator's, by recovery."""
    house = await house_of_ada()
    assert await house.live_through(house.remove, until=4)
    await house.recover()
    assert [Action.USER_REMOVED, Action.OPERATION_FINISHED] == house.actions
    assert {"operator:u-root"} == {event.actor for event in house.state.events}


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda stranger: stranger.name)
async def test_entry_of_somebody_else_is_not_removed(stranger: Entry) -> None:
    """P-4: an entry that does not bear our stamp stays, and so does the record until it is forgotten."""
    house = await house_of_ada()
    user = User("u-s", Username("ENG", stranger.name, stranger.name), house.clock.now(), entry=stranger.id)
    await house.doors.unit_of_work.commit(AddUser(user))
    before = house.state
    with pytest.raises(NotAllowed) as refused:
        await house.leaving.remove(await house.store(), user, recording=(), begun=BEGUN)
    assert "entry_not_ours" == refused.value.code
    assert before is house.state
    assert house.strangers == {id_: house.eng.entries[id_] for id_ in house.strangers}


async def test_store_that_is_down_keeps_the_user_as_it_was() -> None:
    """P-11: whose entry it is cannot be asked, so nothing has begun."""
    house = await house_of_ada()
    before = house.state
    house.eng.is_down = True
    with pytest.raises(UserStoreUnavailable):
        await house.remove()
    assert before is house.state


async def test_store_that_refuses_gives_the_user_back() -> None:
    """jit.md 11: where the directory lets nothing go, the user is as before, lock and all, without sessions."""
    house = await house_of_ada()
    lock = Lock("lost laptop", house.clock.now())
    await house.doors.unit_of_work.commit(SetUserState("u-ada", 1, UserState.DISABLED, lock))
    before = house.state
    house.eng.fails_next("remove", REJECTED)
    with pytest.raises(UserStoreRejected):
        await house.remove()
    house.check()
    assert {"u-ada": replace(before.users["u-ada"], version=4)} == house.state.users
    assert (before.links, {}) == (house.state.links, house.state.operations)


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
async def test_removal_without_an_answer_is_finished_later(is_done: bool) -> None:
    """P-7: no answer: the user is shut out at once, and gone once the store can be asked."""
    house = await house_of_ada()
    (house.eng.answers_late if is_done else house.eng.arrives_late)("remove")
    with pytest.raises(StoreUnanswered) as unanswered:
        await house.remove()
    assert "user_store_unanswered" == unanswered.value.code
    assert UserState.LEAVING is house.state.users["u-ada"].state
    await house.recover()
    house.check()
    house.eng.arrive()
    house.check()
    assert {} == house.state.users


async def test_store_that_goes_down_on_the_way_finishes_later() -> None:
    """P-7, P-11: once it has begun nobody comes in any more, and the operator is told that it goes on."""
    house = await house_of_ada()
    house.eng.fails_next("remove", UNREACHABLE)
    with pytest.raises(StoreUnanswered):
        await house.remove()
    await house.recover()
    house.check()
    assert {} == house.state.users


async def test_slow_removal_is_finished_by_one_of_two() -> None:
    """REL-12: recovery took over a removal that outlived its lease; both are content, and it is recorded once."""
    house = await house_of_ada()
    house.mortal.meanwhile["remove"] = house.recover
    await house.remove()
    house.check()
    assert {} == house.state.users
    assert 1 == house.actions.count(Action.USER_REMOVED)


async def test_entry_that_has_vanished_is_not_asked_to_go() -> None:
    """R-015: somebody removed the entry already; the record goes without another write to the store."""
    house = await house_of_ada()
    house.eng.entries.pop(house.state.users["u-ada"].entry or "")
    await house.remove()
    house.check()
    assert "remove" not in house.eng.asked


async def test_new_entry_in_the_place_of_the_old_one_stays() -> None:
    """P-4: the entry was replaced by somebody else's of the same name; only what bears our stamp and id goes."""
    house = await house_of_ada()
    old = house.eng.entries.pop(house.state.users["u-ada"].entry or "")
    house.strangers["e-new"] = house.eng.seed(replace(old, id="e-new", stamp=None))
    await house.remove()
    house.check()


async def test_user_who_was_changed_meanwhile_is_looked_at_again() -> None:
    """P-8: a removal that was decided on another version begins nothing."""
    house = await house_of_ada()
    old = house.state.users["u-ada"]
    await house.doors.unit_of_work.commit(SetUserState("u-ada", 1, UserState.DISABLED, None))
    before = house.state
    with pytest.raises(Conflict):
        await house.leaving.remove(await house.store(), old, recording=(), begun=BEGUN)
    assert before is house.state
