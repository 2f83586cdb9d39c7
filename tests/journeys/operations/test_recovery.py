"""What a crash leaves is finished or undone: at every moment, and by one node alone however many try."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import anyio
import pytest
from anyio.lowlevel import checkpoint
from tests.contract.records import a_receipt
from tests.journeys.operations.workshop import ACME, BEGUN, Workshop, ada, attributes

from jitney.errors import StoreUnanswered, UserStoreRejected, UserStoreUnavailable
from jitney.model.audit_event import Action
from jitney.model.changes import (
    AddConsentReceipt,
    ChangeUser,
    RemoveUserStore,
    RetireIdentityProvider,
    SaveIdentityProvider,
)
from jitney.model.entry import Entry
from jitney.model.operation import OperationState
from jitney.model.outcome import OutcomeKind
from jitney.model.policy import ProvisioningPolicy
from jitney.model.user import User, UserChanges, UserState
from jitney.operations.making import LEASE, LOOK_AGAIN, Begun
from jitney.operations.recovery import MOST_WAITING

pytestmark = pytest.mark.anyio

MAKING, LOST_ANSWER, TAKING_BACK, RECOVERY = 6, 9, 10, 6
"""How many moments each of these has; a test says so where one is added."""


async def make_and_publish(house: Workshop) -> None:
    await house.publish(await house.make())


async def make_without_an_answer(house: Workshop) -> None:
    house.eng.answers_late("add")
    await make_and_publish(house)


async def make_and_take_back(house: Workshop) -> None:
    await house.making.unmake(await house.store(), await house.make())


WAYS = [
    *((make_and_publish, moment) for moment in range(1, MAKING + 1)),
    *((make_without_an_answer, moment) for moment in range(1, LOST_ANSWER + 1)),
    *((make_and_take_back, moment) for moment in range(1, TAKING_BACK + 1)),
]


@pytest.mark.parametrize(("way", "moment"), WAYS)
async def test_crash_while_making_leaves_all_or_nothing(
    way: Callable[[Workshop], Awaitable[None]], moment: int
) -> None:
    """K5, K6, K7, K8: killed at any moment, recovery leaves one whole user under the reserved id, or none."""
    house = Workshop()
    assert await house.live_through(lambda: way(house), until=moment)
    await house.recover()
    house.check()
    kept = dict(house.state.users)
    await house.recover_wholly()
    house.check()
    assert kept == house.state.users
    assert {"u-ada"} >= set(kept)
    assert {} == house.state.operations


@pytest.mark.parametrize(
    ("way", "moments"),
    [(make_and_publish, MAKING), (make_without_an_answer, LOST_ANSWER), (make_and_take_back, TAKING_BACK)],
)
async def test_every_moment_of_making_was_tried(
    way: Callable[[Workshop], Awaitable[None]], moments: int
) -> None:
    """K5, K8: the matrix above ends the process at each moment that there is."""
    house = Workshop()
    assert not await house.live_through(lambda: way(house), until=moments + 1)


async def test_reservation_that_stands_in_the_store_is_finished() -> None:
    """K7, K8: killed behind the entry: the user is published with the values, the link and the id reserved."""
    house = Workshop()
    await house.make()
    await house.recover()
    house.check()
    user = await (await house.store()).find("u-ada")
    assert user is not None
    assert (UserState.ACTIVE, 1) == (user.state, user.version)
    assert (("ada@acme.example",), ("Ada",)) == (user.values("email"), user.values("given_name"))
    assert [("idp-acme", "a-1")] == list(house.state.links)
    assert [Action.USER_PROVISIONED, Action.OPERATION_FINISHED] == house.actions
    [outcome] = house.state.outcomes
    assert (OutcomeKind.CREATED, "provisioned_by_recovery") == (outcome.kind, outcome.code)
    assert {(BEGUN.actor, BEGUN.reference)} == {(e.actor, e.reference) for e in house.state.events}


async def test_what_an_operator_began_is_told_as_an_operators() -> None:
    """P-9: the making that an operator began is recorded as theirs, and as no sign-in."""
    house = Workshop()
    await house.making.make(await house.store(), ada(), None, reserving=(), begun=Begun("operator:u-root"))
    await house.recover()
    house.check()
    assert [Action.USER_ADDED, Action.OPERATION_FINISHED] == house.actions
    assert [] == house.state.outcomes


async def test_consent_that_was_reserved_is_recorded_once_it_counts() -> None:
    """P-9, R-036: who agreed before the crash has agreed when recovery finishes, and the audit says so once."""
    house = Workshop()
    agreed = AddConsentReceipt(a_receipt(user_id="u-ada"))
    await house.making.make(await house.store(), ada(), None, reserving=(agreed,), begun=BEGUN)
    await house.recover()
    house.check()
    assert [Action.USER_PROVISIONED, Action.CONSENT_GIVEN, Action.OPERATION_FINISHED] == house.actions


async def test_reservation_without_an_entry_is_undone() -> None:
    """K5: killed before the store was asked: name and link are free again, and the next one makes a user."""
    house = Workshop()
    assert await house.live_through(house.make, until=3)
    assert UserState.PENDING is house.state.users["u-ada"].state
    await house.recover()
    house.check()
    assert ({}, {}) == (house.state.users, house.state.links)
    assert [Action.OPERATION_UNDONE] == house.actions
    await house.publish(await house.make(ada("u-again")))
    house.check()


async def test_groups_that_were_not_joined_yet_are_joined() -> None:
    """P-8: killed between the entry and its groups: recovery joins them before anybody can be the user."""
    house = Workshop()
    assert await house.live_through(house.make, until=3)
    house.eng.seed(Entry("e-half", "ada", stamp="u-ada"))
    await house.recover()
    house.check()
    assert ("staff",) == house.eng.entries["e-half"].groups


async def test_entry_whose_groups_cannot_be_joined_any_more_is_undone() -> None:
    """P-4, P-8: the group has gone meanwhile; the half user is taken away and not tried for ever."""
    house = Workshop()
    assert await house.live_through(house.make, until=3)
    house.eng.seed(Entry("e-half", "ada", stamp="u-ada"))
    rejected = UserStoreRejected("user_store_rejects_entry", "The user store does not take this.")
    house.eng.fails_next("add", rejected)
    await house.recover()
    house.check()
    assert ({}, "e-half" in house.eng.entries) == (house.state.users, False)
    assert [Action.OPERATION_UNDONE] == house.actions


async def test_crash_of_recovery_is_recovered_from() -> None:
    """P-4: killed at any moment of recovery, the next recovery comes to the same end."""
    for moment in range(1, RECOVERY + 2):
        house = Workshop()
        await house.make()
        house.clock.advance(LEASE)
        died = await house.live_through(house.sweep, until=moment)
        assert died is (moment <= RECOVERY)
        await house.recover()
        house.check()
        assert UserState.ACTIVE is house.state.users["u-ada"].state
        assert 1 == house.actions.count(Action.OPERATION_FINISHED)


@pytest.mark.parametrize("kind", ["finish", "undo", "remove"])
async def test_many_recoveries_at_once_end_each_operation_once(kind: str) -> None:
    """REL-12: every node recovers at the same moment; each operation is ended by one of them."""
    house = Workshop()
    if kind == "undo":
        await house.live_through(house.make, until=3)
    else:
        await make_and_publish(house) if kind == "remove" else await house.make()
    if kind == "remove":
        await house.live_through(house.remove, until=4)
    house.clock.advance(LEASE)
    async with anyio.create_task_group() as nodes:
        for _ in range(4):
            nodes.start_soon(house.recovery.sweep)
    house.check()
    ended = {Action.OPERATION_FINISHED, Action.OPERATION_UNDONE}
    assert 1 == sum(action in ended for action in house.actions)
    assert (kind == "finish") is ("u-ada" in house.state.users)


async def test_store_that_is_down_keeps_what_is_due_for_later() -> None:
    """P-4, P-11: nothing is decided about a store that does not answer; when it is back, all comes to its end."""
    house = Workshop()
    await house.make()
    house.clock.advance(LEASE)
    house.eng.is_down = True
    resolved, faults = await house.recovery.sweep()
    assert (0, ["user_store_unreachable"]) == (resolved, [fault.code for fault in faults])
    assert UserState.PENDING is house.state.users["u-ada"].state
    house.eng.is_down = False
    await house.recover()
    house.check()
    assert UserState.ACTIVE is house.state.users["u-ada"].state


async def test_silent_store_keeps_nobody_elses_operation_waiting() -> None:
    """P-4, P-11: while a store says nothing about one operation, the others come to their end."""
    house = Workshop()
    await house.make()
    await house.making.make(await house.store(), ada("u-bob", "bob"), None, reserving=(), begun=BEGUN)
    seen: list[UserState] = []

    async def silence() -> None:
        for _ in range(1000):
            await checkpoint()
        seen.extend(house.state.users[id_].state for id_ in ("u-ada", "u-bob"))

    house.mortal.meanwhile["find_made"] = silence
    await house.recover()
    assert {UserState.PENDING, UserState.ACTIVE} == set(seen)
    house.check()


async def test_store_that_is_switched_off_is_not_asked() -> None:
    """R-021: a disabled store is left alone until an operator enables it."""
    house = Workshop()
    await house.make()
    await house.switch(enabled=False)
    house.clock.advance(LEASE)
    asked = list(house.eng.asked)
    assert ["user_store_unreachable"] == [fault.code for fault in (await house.recovery.sweep())[1]]
    assert asked == house.eng.asked
    await house.switch(enabled=True)
    await house.recover()
    house.check()


async def test_late_entry_is_taken_away_as_long_as_it_can_come() -> None:
    """P-4: what was given up is looked at again and again for an hour, and then forgotten."""
    house = Workshop()
    house.eng.arrives_late("add")
    with pytest.raises(StoreUnanswered):
        await house.make()
    for minutes in (1, 20, 59):
        house.clock.advance(timedelta(minutes=minutes) - (house.clock.now() - ada().created))
        await house.recovery.sweep()
        assert [OperationState.UNDONE] == [each.state for each in house.state.operations.values()]
    house.eng.arrive()
    house.clock.advance(LOOK_AGAIN)
    await house.recovery.sweep()
    house.check()
    house.clock.advance(timedelta(minutes=2))
    await house.recovery.sweep()
    assert {} == house.state.operations


async def test_watch_takes_nobody_elses_entry() -> None:
    """P-4: under the name that was given up somebody else stands now; the watch leaves that entry alone."""
    house = Workshop()
    house.eng.arrives_late("add")
    with pytest.raises(StoreUnanswered):
        await house.make()
    house.strangers["e-ada"] = house.eng.seed(Entry("e-ada", "ada", {"email": ("other@eng.example",)}))
    await house.recover_wholly()
    house.check()


async def test_watch_of_a_store_that_was_taken_away_ends() -> None:
    """P-4: nobody has a way to that store any more, so nothing is watched there for ever."""
    house = Workshop()
    house.eng.arrives_late("add")
    with pytest.raises(StoreUnanswered):
        await house.make()
    await house.doors.unit_of_work.commit(RemoveUserStore("store-eng", "ENG", 1))
    house.clock.advance(LOOK_AGAIN)
    assert (1, ()) == await house.recovery.sweep()
    assert {} == house.state.operations


async def test_who_comes_back_waits_for_the_one_who_makes_the_account() -> None:
    """P-1: while the maker holds the lease the returning person waits, and then finds the user published."""
    house = Workshop()
    made = await house.make()

    async def published(seconds: float) -> None:
        await house.publish(made)

    assert await house.recovery_pausing(published).settle("u-ada")
    house.check()
    assert not await house.recovery.settle("u-ada")


async def test_who_comes_back_after_the_lease_ends_it_themselves() -> None:
    """K8: the maker died; whoever comes back first brings the making to its end, and has the same id."""
    house = Workshop()
    await house.make()
    house.clock.advance(LEASE)
    assert await house.recovery.settle("u-ada")
    house.check()
    assert UserState.ACTIVE is house.state.users["u-ada"].state


async def test_waiting_has_an_end() -> None:
    """P-11: a maker that takes too long keeps nobody waiting for ever; nothing is taken from it."""
    house = Workshop()
    await house.make()
    before = house.state
    with pytest.raises(UserStoreUnavailable) as refused:
        await house.recovery.settle("u-ada")
    assert "user_store_unanswered" == refused.value.code
    assert before is house.state
    assert MOST_WAITING < LEASE.total_seconds()


async def test_what_was_given_up_keeps_nobody_waiting() -> None:
    """P-1: an undone making is no reason to wait: the person is decided about anew."""
    house = Workshop()
    house.eng.arrives_late("add")
    with pytest.raises(StoreUnanswered):
        await house.make()
    assert not await house.recovery.settle("u-ada")


async def test_change_of_a_user_under_way_stops_no_recovery() -> None:
    """P-4: a record that was written to meanwhile has another version; recovery goes by the one that it reads."""
    house = Workshop()
    assert await house.live_through(house.make, until=3)
    user: User = house.state.users["u-ada"]
    changes = UserChanges(attributes(nickname="countess"))
    await house.doors.unit_of_work.commit(ChangeUser(user.id, user.version, changes))
    await house.recover()
    house.check()
    assert {} == house.state.users


@pytest.mark.parametrize(
    "what", ["is as it was", "is disabled", "provisions nobody any more", "is removed", "is removed just now"]
)
async def test_nobody_comes_to_be_through_a_provider_that_has_gone(what: str) -> None:
    """REL-04, P-7: what a crash left is published while its provider brings people, and undone from then on."""
    house = Workshop()
    await house.make()
    match what:
        case "is disabled":
            change = SaveIdentityProvider(replace(ACME, enabled=False, version=2))
            await house.doors.unit_of_work.commit(change)
        case "provisions nobody any more":
            change = SaveIdentityProvider(replace(ACME, policy=ProvisioningPolicy(), version=2))
            await house.doors.unit_of_work.commit(change)
        case "is removed":
            await house.doors.unit_of_work.commit(RetireIdentityProvider(ACME.id, ACME.version))
        case "is removed just now":

            async def retire() -> None:
                await house.doors.unit_of_work.commit(RetireIdentityProvider(ACME.id, ACME.version))

            house.clock.advance(LEASE)
            house.mortal.meanwhile["find_made"] = retire
        case _:
            pass
    await house.recover_wholly()
    stays = what == "is as it was"
    assert stays == ("u-ada" in house.state.users) == ("a-1" in {key for _, key in house.state.links})
    assert stays == (Action.USER_PROVISIONED in house.actions)
    assert not stays or UserState.ACTIVE is house.state.users["u-ada"].state
    house.check()
