"""Guesses at passwords: counted for the person before they are compared, one budget for every page."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.doors import STORES, memory_doors
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    HERE,
    PASSWORD,
    House,
    furnish,
    kept_apart,
    make_house,
    memory_of,
)
from tests.journeys.sign_in.test_linking import unproven_house
from tests.journeys.sign_in.test_local_sign_in import CountedPasswords, enter, furnish_people

from jitney.errors import JitneyError, UserStoreUnavailable
from jitney.model.attempts import LIMITS, AttemptKind
from jitney.model.entry import Entry
from jitney.model.user import Lock
from jitney.ports import OutcomeFilter
from jitney.signin.journey import Arrived, AskAgain, WrongCredentials
from jitney.userstores.memory_entries import MemoryEntryStore
from jitney.userstores.passwords import Argon2Cost

pytestmark = pytest.mark.anyio

SHORT, LONG = LIMITS[AttemptKind.PASSWORD]
ALIASES = ("grace", "GRACE", "primary/Grace", "PRIMARY/grace", "ｇrace")


async def guess(house: House, names: Sequence[str], times: int = SHORT.most) -> list[object]:
    return [await enter(house, names[number % len(names)], "wrong") for number in range(times)]


def counted(house: House) -> dict[str, int]:
    return {key: len(one.moments) for (key, _), one in memory_of(house).look().attempts.items()}


@pytest.mark.parametrize("names", [["grace"], ALIASES])
async def test_no_alias_of_a_name_opens_a_fresh_budget(house: House, names: Sequence[str]) -> None:
    """R-046, R-096: after five wrong guesses the right one is none, for a while and for nobody else."""
    grace = await house.add_local()
    await house.add_local("other")
    await guess(house, names)
    assert {grace.id: SHORT.most} == counted(house)
    for name in ALIASES:
        assert isinstance(await enter(house, name), WrongCredentials)
    assert "too_many_attempts" == (await house.codes())[0]
    assert {grace.id: SHORT.most} == counted(house)
    assert isinstance(await enter(house, "other"), Arrived)
    house.clock.advance(SHORT.within)
    assert isinstance(await enter(house, "grace"), Arrived)


async def test_twenty_guesses_are_a_days_worth(house: House) -> None:
    """R-096: whoever waits for the short budget again and again meets the long one, until the day is over."""
    await house.add_local()
    for _ in range(LONG.most // SHORT.most):
        await guess(house, ["grace"])
        house.clock.advance(SHORT.within)
    assert isinstance(await enter(house, "grace"), WrongCredentials)
    assert "too_many_attempts" == (await house.codes())[0]
    house.clock.advance(LONG.within)
    assert isinstance(await enter(house, "grace"), Arrived)


async def test_right_password_is_given_back(house: House) -> None:
    """R-096: whoever knows the password may come as often as they like, and keeps the wrong guesses counted."""
    grace = await house.add_local()
    await guess(house, ["grace"], SHORT.most - 1)
    for _ in range(3 * SHORT.most):
        assert isinstance(await enter(house, "grace"), Arrived)
    assert {grace.id: SHORT.most - 1} == counted(house)
    await enter(house, "grace", "wrong")
    assert isinstance(await enter(house, "grace"), WrongCredentials)


@pytest.mark.parametrize("name", ["nobody", "locked", "federated", "twice", "grace"])
async def test_whoever_is_exhausted_looks_and_costs_the_same(house: House, name: str) -> None:
    """R-109: unknown, locked, without password, ambiguous: the same answer and price, before and after."""
    await furnish_people(house)
    passwords = CountedPasswords(Argon2Cost(8, 1, 1))
    local = replace(house.local, credentials=replace(house.local.credentials, passwords=passwords))
    for number in range(1, SHORT.most + 2):
        handle = await house.choose()
        step = await local.sign_in(handle, name, "wrong", browser=BROWSER)
        (newest,) = await house.doors.records.outcomes(OutcomeFilter(limit=1))
        assert (WrongCredentials(handle, newest.reference), number) == (step, passwords.compared)
        assert (number > SHORT.most) == (newest.code == "too_many_attempts")
    assert [SHORT.most] == list(counted(house).values())


async def test_name_that_is_nobodys_is_kept_by_its_keyed_hash(house: House) -> None:
    """R-123, R-109: what was typed may be a password by mistake; another spelling of a name is the same name."""
    for typed in ("My Secret", "my secret", "PRIMARY/MY SECRET"):
        await enter(house, typed)
    await enter(house, "another")
    assert [1, 3] == sorted(counted(house).values())
    assert all(key.startswith("name:") for key in counted(house))
    assert "secret" not in repr(memory_of(house).look().attempts).casefold()


async def test_front_door_and_proof_of_an_account_share_one_budget() -> None:
    """R-046, R-096: guesses at the page that links count at the front door, and the other way round."""
    house, grace = await unproven_house()
    step = await house.prompt()
    for _ in range(3):
        asked = await house.proofs.by_password(step.key, "grace", "wrong", browser=HERE)
        assert isinstance(asked, AskAgain)
    await guess(house, ["grace"], 2)
    assert {grace.id: SHORT.most} == counted(house)
    assert isinstance(await enter(house, "grace"), WrongCredentials)
    exhausted = await house.proofs.by_password(step.key, "grace", PASSWORD, browser=HERE)
    assert isinstance(exhausted, AskAgain)
    assert {} == memory_of(house).look().links
    house.clock.advance(SHORT.within)
    assert isinstance(await house.proofs.by_password(step.key, "grace", PASSWORD, browser=HERE), Arrived)
    # All guesses but the right one are still there for the rest of the day.
    assert {grace.id: SHORT.most} == counted(house)


async def test_guesses_at_once_never_exceed_the_budget(house: House) -> None:
    """R-096, REL-13: two hundred guesses at once, of which no more than five are compared with the password."""
    await house.add_local()
    passwords = CountedHashes(Argon2Cost(8, 1, 1))
    local = replace(house.local, credentials=replace(house.local.credentials, passwords=passwords))
    browsers = [f"{number:043}" for number in range(200)]
    handles = [await house.choose(browser=browser) for browser in browsers]
    steps = await asyncio.gather(
        *(
            local.sign_in(handle, "grace", f"guess {number}", browser=browser)
            for number, (handle, browser) in enumerate(zip(handles, browsers, strict=True))
        ),
        return_exceptions=True,
    )
    assert {WrongCredentials} == {type(step) for step in steps if not isinstance(step, JitneyError)}
    assert SHORT.most == passwords.of_somebody


class CountedHashes(CountedPasswords):
    """Counts the comparisons with a password that is somebody's."""

    of_somebody = 0

    async def verify(self, password: str, password_hash: str | None) -> bool:
        self.of_somebody += password_hash is not None
        return await super().verify(password, password_hash)


class SilentDirectory(MemoryEntryStore):
    """Finds people, and does not answer when a password is compared."""

    is_silent = True

    async def check_password(self, entry_id: str | None, password: str) -> bool:
        if self.is_silent:
            raise UserStoreUnavailable("user_store_timed_out", "The user store did not answer.")
        return await super().check_password(entry_id, password)


async def test_guess_that_nobody_compared_is_none() -> None:
    """P-11, R-096: a directory that does not answer uses up nobody's budget; a wrong password there does."""
    directory = SilentDirectory(STORES[1])
    house = await furnish(make_house(memory_doors({"ENG": directory})))
    directory.seed(Entry("e-bob", "bob"), PASSWORD)
    bob = await house.add_local("bob", domain="ENG", password=None, entry="e-bob")
    for _ in range(2 * SHORT.most):
        step = await enter(house, "ENG/bob")
        assert isinstance(step, WrongCredentials)
        assert step.is_undecided
    directory.is_silent = False
    await enter(house, "ENG/bob", "wrong")
    assert {bob.id: 1} == counted(house)


async def test_locked_account_costs_its_guesses_too(house: House) -> None:
    """R-048, R-109: the right password of a locked account is a wrong one, and counted like it."""
    grace = await house.add_local(
        lock=Lock("left", house.clock.now(), house.clock.now() + timedelta(minutes=1))
    )
    before = kept_apart(await house.snapshot(), "outcomes", "events", "attempts", "sign_ins")
    assert isinstance(await enter(house, "grace"), WrongCredentials)
    assert before == kept_apart(await house.snapshot(), "outcomes", "events", "attempts", "sign_ins")
    assert {grace.id: 1} == counted(house)
    house.clock.advance(timedelta(minutes=1))
    assert isinstance(await enter(house, "grace"), Arrived)
