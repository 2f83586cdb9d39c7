"""A removal that ends at any moment, that two nodes go on with, and that meets people who are under way."""

import pytest
from tests.journeys.administration.departures import EVERYBODY, STAYING, Departure, departure, populate

from jitney.administration.removal.removal_rounds import Waiting
from jitney.errors import Locked
from jitney.model.account_link import AccountLink
from jitney.model.audit_event import Action
from jitney.model.changes import AddAccountLink
from jitney.model.entry import Entry
from jitney.model.provider_removal import ProviderRemoval, RemovalCounts, RemovalPhase
from jitney.model.user import User, Username, UserState
from jitney.operations.making import LEASE, Begun, EntryMaking
from jitney.testing.counted_entropy import CountedEntropy

pytestmark = pytest.mark.anyio

MOMENTS = 46
"""How many moments a removal of everybody has: before and behind each commit and each answer of the store."""


async def begun() -> tuple[Departure, ProviderRemoval]:
    at = await departure()
    await populate(at)
    return at, await at.begin()


async def check_all_is_done(at: Departure, removal: ProviderRemoval) -> None:
    ended = await at.removal()
    assert (RemovalPhase.DONE, EVERYBODY, EVERYBODY) == (ended.phase, ended.planned, ended.done)
    assert STAYING | {"others"} == set(at.users)
    assert {at.other.id} == {idp for idp, _ in at.doors.look().links}
    assert {"e-3", "e-4"} == set(at.eng.entries)
    assert {} == at.doors.look().operations
    assert (EVERYBODY.deleted, EVERYBODY.kept) == at.happened(removal)


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
async def test_removal_that_ends_at_any_moment_is_brought_to_its_end(moment: int) -> None:
    """K16, R-147: after a crash at each moment the counts are right, and the next process ends with the plan's."""
    at, removal = await begun()
    assert await at.live_through(removal, until=moment)
    done = (await at.removal()).done
    leaving = sum(user.state is UserState.LEAVING for user in at.users.values())
    deleted, kept = at.happened(removal)
    assert (deleted + leaving, kept) == (done.deleted, done.kept)
    await at.recover()
    await at.go_on(removal)
    await check_all_is_done(at, removal)


async def test_every_moment_of_a_removal_was_tried() -> None:
    """K16: the matrix above ends the process at each moment that there is."""
    at, removal = await begun()
    assert not await at.live_through(removal, until=MOMENTS + 1)


@pytest.mark.parametrize("lifetime", [2, 3, 5, 7])
async def test_removal_lives_through_process_after_process(lifetime: int) -> None:
    """K16, R-147: however often a process ends, the next one goes on where it was."""
    at, removal = await begun()
    lives = 1
    while await at.live_through(removal, until=lifetime + lives // 20):
        await at.recover()
        lives += 1
    assert MOMENTS // lifetime <= lives
    await check_all_is_done(at, removal)


async def test_two_nodes_count_nobody_twice() -> None:
    """R-147: of two nodes that go on with the same removal at once, each person is taken by one."""
    at, removal = await begun()
    clearing = at.office.provider_removing.clearing
    refused = 0
    while (await at.removal()).phase is not RemovalPhase.DONE:
        one, two = clearing.go_on(removal.id), clearing.go_on(removal.id)
        await anext(one, None)
        await anext(two, None)
        refused += await anext(one, None) is None
    assert 5 <= refused
    await check_all_is_done(at, removal)


async def test_finished_removal_stays_finished() -> None:
    """R-147: whoever goes on with a removal that is done changes nothing."""
    at, removal = await begun()
    await at.go_on(removal)
    before = at.doors.look()
    await at.go_on(removal)
    assert before is at.doors.look()


async def begin_to_make(at: Departure) -> None:
    """Reserve somebody whom acme brings, make the entry, and stop before they may be used."""
    ada = User("u-ada", Username("ENG", "ada", "ada"), at.office.clock.now(), origin=at.acme.id)
    link = AccountLink(at.acme.id, "a-1", "u-ada", "ENG", at.office.clock.now())
    making = EntryMaking(at.doors.unit_of_work, at.office.clock, CountedEntropy("making"))
    store = await at.doors.user_stores.find("ENG")
    assert store is not None
    begun = Begun(f"idp:{at.acme.id}")
    await making.make(store, ada, None, reserving=[AddAccountLink(link)], begun=begun)


async def test_who_is_being_made_is_waited_for_and_never_comes_to_be() -> None:
    """REL-04: an account that was being made while its provider was removed is undone, and not counted."""
    at = await departure()
    await begin_to_make(at)
    removal = await at.begin()
    assert RemovalCounts() == removal.planned
    met = [one async for one in at.office.provider_removing.clearing.go_on(removal.id)]
    waiting = [one for one in met if isinstance(one, Waiting)]
    assert ["user_pending"] == [one.fault.code for one in waiting]
    assert isinstance(waiting[0].fault, Locked)
    await at.recover()
    await at.go_on(removal)
    ended = await at.removal()
    assert (RemovalPhase.DONE, RemovalCounts()) == (ended.phase, ended.done)
    assert ({}, {}, {}) == (at.users, at.eng.entries, at.doors.look().links)
    made = [event for event in await at.office.events() if event.action is Action.USER_PROVISIONED]
    assert [] == made


async def test_what_nobody_is_at_any_more_is_ended_by_the_removal_itself() -> None:
    """R-147: a removal that no server helps ends what crashes have left, as soon as their leases are over."""
    at = await departure()
    await begin_to_make(at)
    await at.person("grace", (at.acme, "a-2"), outside=Entry("e-1", "grace", stamp="u-grace"))
    removal = await at.begin()
    assert await at.live_through(removal, until=6)
    at.office.clock.advance(LEASE)
    await at.go_on(removal)
    assert (RemovalCounts(deleted=1), {}, {}) == ((await at.removal()).done, at.users, at.eng.entries)
