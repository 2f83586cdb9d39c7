"""Races for second factors and for guesses: many at once, on one node and on two, and one wins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from tests.contract.doors import Doors, opened, sql_doors
from tests.contract.factor_records import a_challenge, a_factor, a_removal, some_attempts
from tests.contract.records import LATER, NOW, a_link, a_session, a_user, an_idp
from tests.contract.unit_of_work.racing import RUNNERS, race

from jitney.errors import Conflict
from jitney.model import changes as c
from jitney.model.attempts import LIMITS, AttemptKind
from jitney.model.factor import ChallengeFor, FactorKind

pytestmark = pytest.mark.anyio

GUESSES = 200


@pytest.fixture
async def nodes(doors: Doors, place: str) -> AsyncIterator[tuple[Doors, Doors]]:
    """Two nodes over one database; in memory there is but one."""
    async with AsyncExitStack() as stack:
        other = sql_doors(await stack.enter_async_context(opened(place))) if place else doors
        yield doors, other


async def test_time_step_proves_once(doors: Doors) -> None:
    """R-095: of fifty who come with the code of one time step one is let in."""
    await doors.unit_of_work.commit(c.AddFactor(a_factor(counter=1)))
    winners, lost = await race(
        doors, lambda n: (c.AddSession(a_session(f"session-{n}")), c.UseFactor("factor-1", 2, LATER))
    )
    assert (1, {"factor_counter"}) == (len(winners), lost)
    sessions = [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]
    assert winners == sessions


async def test_counter_never_goes_back(doors: Doors) -> None:
    """R-095: of fifty time steps at once the last that counts is the highest one."""
    await doors.unit_of_work.commit(c.AddFactor(a_factor(counter=0)))
    winners, lost = await race(doors, lambda n: (c.UseFactor("factor-1", n + 1, LATER),))
    (factor,) = await doors.factors.of_user("user-1")
    assert (RUNNERS, RUNNERS - 1) == (factor.counter, max(winners))
    assert lost <= {"factor_counter"}


async def test_recovery_code_is_spent_once(doors: Doors) -> None:
    """R-101: of fifty who come with one recovery code one is let in."""
    await doors.unit_of_work.commit(c.ReplaceRecoveryCodes("user-1", ("hash-1", "hash-2"), NOW))
    winners, lost = await race(
        doors,
        lambda n: (c.AddSession(a_session(f"session-{n}")), c.SpendRecoveryCode("user-1", "hash-1")),
    )
    assert (1, {"recovery_code"}) == (len(winners), lost)
    assert 1 == await doors.factors.count_recovery_codes("user-1")
    sessions = [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]
    assert winners == sessions


async def test_challenge_is_answered_once(doors: Doors) -> None:
    """R-020, R-097: of fifty right answers to one challenge one counts."""
    await doors.unit_of_work.commit(c.SaveFactorChallenge(a_challenge()))
    answer = c.SpendFactorChallenge("page-1", ChallengeFor.PROOF, FactorKind.EMAIL, 1)
    winners, lost = await race(doors, lambda n: (c.AddSession(a_session(f"session-{n}")), answer))
    assert (1, {"factor_challenge"}) == (len(winners), lost)
    sessions = [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]
    assert winners == sessions


@pytest.mark.parametrize("version", [1, 2])
async def test_one_challenge_is_kept_for_each_place(doors: Doors, version: int) -> None:
    """R-097: of fifty codes that are sent at once from one page one is the one that counts."""
    if version == 2:
        await doors.unit_of_work.commit(c.SaveFactorChallenge(a_challenge()))
    sent = [a_challenge(user_id=f"user-{n}", version=version) for n in range(RUNNERS)]
    winners, lost = await race(doors, lambda n: (c.SaveFactorChallenge(sent[n]),))
    assert (1, {"factor_challenge"}) == (len(winners), lost)
    found = await doors.factors.find_challenge("page-1", ChallengeFor.PROOF, FactorKind.EMAIL)
    assert sent[winners[0]] == found


@pytest.mark.parametrize("version", [1, 2])
async def test_one_version_of_attempts_is_written_once(doors: Doors, version: int) -> None:
    """R-096: of fifty who have read one count one goes on from it, from the first as from any other."""
    if version == 2:
        await doors.unit_of_work.commit(c.SaveAttempts(some_attempts()))
    winners, lost = await race(
        doors,
        lambda n: (
            c.AddSession(a_session(f"session-{n}")),
            c.SaveAttempts(some_attempts(moments=(NOW,) * (n % 5), version=version)),
        ),
    )
    assert (1, {"attempts"}) == (len(winners), lost)
    kept = await doors.attempts.find("user-1", AttemptKind.TOTP)
    assert some_attempts(moments=(NOW,) * (winners[0] % 5), version=version) == kept
    sessions = [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]
    assert winners == sessions


async def test_two_hundred_guesses_on_two_nodes_stay_within_the_budget(nodes: tuple[Doors, Doors]) -> None:
    """R-096: of two hundred guesses at once on two nodes as many are compared as are allowed, and no more."""

    async def guess(number: int) -> bool:
        node = nodes[number % 2]
        while (counted := (await node.attempts.find("user-1", AttemptKind.TOTP)).counted(NOW)) is not None:
            try:
                await node.unit_of_work.commit(c.SaveAttempts(counted))
            except Conflict:
                continue
            return True
        return False

    compared = await asyncio.gather(*(guess(number) for number in range(GUESSES)))
    allowed = LIMITS[AttemptKind.TOTP][0].most
    assert allowed == sum(compared)
    kept = await nodes[0].attempts.find("user-1", AttemptKind.TOTP)
    assert ((NOW,) * allowed, allowed) == (kept.moments, kept.version)


async def test_time_step_proves_once_on_two_nodes(nodes: tuple[Doors, Doors]) -> None:
    """R-095: of fifty who come with one code to two nodes one is let in."""
    await nodes[0].unit_of_work.commit(c.AddFactor(a_factor(counter=1)))
    use = c.UseFactor("factor-1", 2, LATER)
    ends = await asyncio.gather(
        *(nodes[n % 2].unit_of_work.commit(use) for n in range(RUNNERS)), return_exceptions=True
    )
    lost = [end for end in ends if end is not None]
    assert RUNNERS - 1 == len(lost)
    assert {"factor_counter"} == {end.what for end in lost if isinstance(end, Conflict)}


async def test_one_app_is_enrolled_of_many_at_once(doors: Doors) -> None:
    """R-099: of fifty enrolments of an app at once one is kept, and the user's version grows by one."""
    await doors.unit_of_work.commit(c.AddUser(a_user()))
    winners, lost = await race(
        doors,
        lambda n: (
            c.AddFactor(a_factor(f"factor-{n}")),
            c.SetHasSecondFactor("user-1", 1, True),
        ),
    )
    assert 1 == len(winners)
    assert lost <= {"factor", "user"}
    assert [a_factor(f"factor-{winners[0]}")] == list(await doors.factors.of_user("user-1"))
    assert a_user(has_second_factor=True, version=2) == await doors.primary.find("user-1")


async def test_removal_goes_on_from_where_it_stands(doors: Doors) -> None:
    """R-112, P-7: of fifty workers at one removal one takes the next person, and each is counted once."""
    await doors.unit_of_work.commit(c.AddUser(a_user()), c.AddProviderRemoval(a_removal()))
    winners, lost = await race(
        doors,
        lambda n: (
            c.RemoveUser("user-1", 1),
            c.SaveProviderRemoval(a_removal(version=2, after=f"subject-{n}")),
        ),
    )
    assert 1 == len(winners)
    assert lost <= {"user", "provider_removal"}
    assert a_removal(version=2, after=f"subject-{winners[0]}") == await doors.provider_removals.find(
        "removal-1"
    )


async def test_nobody_arrives_once_the_provider_is_retired(doors: Doors) -> None:
    """P-7: whoever arrives while the provider goes is there before it and signed out with it, or not at all."""
    await doors.unit_of_work.commit(c.AddIdentityProvider(an_idp()))

    def changes(number: int) -> tuple[c.Change, ...]:
        if number == RUNNERS // 2:
            return c.EndSessionsOfProvider("idp-1", LATER), c.RetireIdentityProvider("idp-1", 1)
        return (
            c.RequireIdentityProvider("idp-1", 1),
            c.AddAccountLink(a_link(f"subject-{number}", f"user-{number}")),
            c.AddUser(a_user(f"user-{number}", f"name-{number}")),
            c.AddSession(a_session(f"session-{number}", f"user-{number}")),
        )

    winners, lost = await race(doors, changes)
    assert RUNNERS // 2 in winners
    assert lost <= {"identity_provider"}
    arrived = {f"user-{n}" for n in winners if n != RUNNERS // 2}
    assert arrived == {user.id for user in await doors.primary.page(limit=100)}
    assert len(arrived) == await doors.account_links.count_of("idp-1")
    left = [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]
    assert [] == left
