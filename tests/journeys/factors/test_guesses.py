"""Guesses: counted before they are compared, on however many nodes, and given back where they were right."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.doors import Doors, memory_doors, opened, sql_doors
from tests.journeys.factors.factor_house import HERE, MINUTE, PAGE, FactorHouse, person

from jitney.errors import Conflict, Locked, Overloaded
from jitney.model.attempts import AttemptKind, Attempts
from jitney.model.changes import AddRole, RemoveRole, SaveAttempts
from jitney.model.factor import FactorKind
from jitney.signin.factor_outcomes import Enrolled, Proven, Wrong
from jitney.signin.factor_page import TOTPOffer
from jitney.signin.guesses import Guesses
from jitney.testing.counted_entropy import CountedEntropy

pytestmark = pytest.mark.anyio

MANY = 200
TOTP = AttemptKind.TOTP


async def exhaust(house: FactorHouse, kind: AttemptKind, key: str = "u-ada") -> None:
    for _ in range(5):
        await house.guesses.count(key, kind)
    with pytest.raises(Locked) as refused:
        await house.guesses.count(key, kind)
    assert "too_many_attempts" == refused.value.code


async def test_five_in_a_quarter_and_twenty_a_day(house: FactorHouse) -> None:
    """R-096: the sixth guess within fifteen minutes is refused, and the twenty-first of a day."""
    for _ in range(4):
        await exhaust(house, TOTP)
        house.clock.advance(15 * MINUTE)
    with pytest.raises(Locked):
        await house.guesses.count("u-ada", TOTP)
    house.clock.advance(timedelta(days=1) - 60 * MINUTE)
    await house.guesses.count("u-ada", TOTP)


async def test_budgets_are_apart(house: FactorHouse) -> None:
    """R-096: what is used up for one kind or one person is untouched for every other."""
    await exhaust(house, TOTP)
    for kind in set(AttemptKind) - {TOTP}:
        await house.guesses.count("u-ada", kind)
    await house.guesses.count("u-eve", TOTP)


async def test_clock_that_was_set_back_frees_no_budget(house: FactorHouse) -> None:
    """R-096, P-12: after the clock was set back, what was counted in its future still counts."""
    await exhaust(house, TOTP)
    house.clock.advance(-timedelta(hours=1))
    with pytest.raises(Locked):
        await house.guesses.count("u-ada", TOTP)
    house.clock.advance(timedelta(hours=1) + 15 * MINUTE)
    await house.guesses.count("u-ada", TOTP)


async def test_right_guess_is_given_back_with_its_effect(house: FactorHouse) -> None:
    """R-096: a right guess costs nothing once its effect is durable, and stays counted where that fails."""
    counted = await house.guesses.count("u-ada", TOTP)
    with pytest.raises(Conflict) as lost:
        await house.guesses.commit(RemoveRole("nobody-knows"), counted.given_back(), counted=(counted,))
    assert ("role", 1) == (lost.value.what, await house.tries(TOTP))
    await house.guesses.commit(AddRole("staff"), counted.given_back(), counted=(counted,))
    assert (0, True) == (await house.tries(TOTP), "staff" in await house.doors.roles.names())


async def test_guesses_in_between_do_not_undo_a_right_one(house: FactorHouse) -> None:
    """R-096: a right guess whose budget was touched meanwhile is looked at again, and only itself is given back."""
    counted = await house.guesses.count("u-ada", TOTP)
    house.clock.advance(MINUTE)
    other = await house.guesses.count("u-ada", TOTP)
    await house.guesses.commit(AddRole("staff"), counted.given_back(), counted=(counted,))
    kept = await house.doors.attempts.find("u-ada", TOTP)
    assert ((other.moment,), True) == (kept.moments, "staff" in await house.doors.roles.names())


async def test_effect_without_a_guess_loses_as_ever(house: FactorHouse) -> None:
    """A change that somebody forgot to name as counted is no give-back: its conflict is the caller's."""
    counted = await house.guesses.count("u-ada", TOTP)
    await house.guesses.count("u-ada", TOTP)
    with pytest.raises(Conflict) as lost:
        await house.guesses.commit(AddRole("staff"), counted.given_back())
    assert ("attempts", False) == (lost.value.what, "staff" in await house.doors.roles.names())


class Stale:
    """Attempts that are always found as they were before everybody else's."""

    async def find(self, key: str, kind: AttemptKind) -> Attempts:
        return Attempts(key, kind)


async def test_who_always_loses_is_told_to_come_again(house: FactorHouse) -> None:
    """R-096: a guess that cannot be counted is compared by nobody."""
    counted = await house.guesses.count("u-ada", TOTP)
    stale = Guesses(Stale(), house.work, house.clock)
    with pytest.raises(Overloaded) as refused:
        await stale.count("u-ada", TOTP)
    with pytest.raises(Overloaded):
        await stale.commit(counted=(replace(counted, attempts=Attempts("u-ada", TOTP)),))
    assert ("attempts_contended", 1) == (refused.value.code, await house.tries(TOTP))


async def test_what_goes_with_the_count_is_committed_with_it(house: FactorHouse) -> None:
    """R-097: a change beside the count is durable with it; where it loses, nothing is counted."""
    await house.guesses.count("u-ada", TOTP, AddRole("staff"))
    with pytest.raises(Conflict) as lost:
        await house.guesses.count("u-ada", TOTP, RemoveRole("nobody-knows"))
    assert ("role", 1) == (lost.value.what, await house.tries(TOTP))


def two_nodes(doors: Doors, seed: int) -> tuple[FactorHouse, FactorHouse]:
    other = FactorHouse(doors, entropy=CountedEntropy("other"), jitter=seed + 100)
    return FactorHouse(doors, jitter=seed), other


async def run_two_nodes(first: FactorHouse, other: FactorHouse) -> None:
    _, secret, _ = await first.enrol_app()
    first.clock.advance(MINUTE)
    other.clock.advance(MINUTE)
    right = first.app_code(secret)
    answers = [right if number == 150 else f"{number:06}" for number in range(MANY)]
    checked = await asyncio.gather(
        *((first, other)[n % 2].check(FactorKind.TOTP, answer) for n, answer in enumerate(answers))
    )
    codes = sorted(each.code if isinstance(each, Wrong) else "proven" for each in checked)
    compared = [code for code in codes if code != "too_many_attempts"]
    assert (MANY, 5) == (len(codes), len(compared))
    assert {"factor_code_wrong", "proven"} >= set(compared)
    assert 5 == await first.tries(TOTP)


async def test_two_hundred_guesses_on_two_nodes_are_five() -> None:
    """R-096: of two hundred guesses at once on two nodes, in the worst order, five are compared."""
    doors = memory_doors()
    first, other = two_nodes(doors, 1)
    await first.welcome(person())
    await run_two_nodes(first, other)


async def test_two_hundred_guesses_over_two_databases_are_five(tmp_path: Path) -> None:
    """R-096: the same over one SQLite file that two nodes have open."""
    url = f"sqlite:///{tmp_path}/jitney.db"
    async with opened(url) as database, opened(url) as again:
        first = FactorHouse(sql_doors(database))
        other = FactorHouse(sql_doors(again), entropy=CountedEntropy("other"))
        await first.welcome(person())
        await run_two_nodes(first, other)


@pytest.mark.parametrize("seed", range(5))
async def test_right_answer_sent_many_times_at_once_counts_once(seed: int) -> None:
    """R-095, P-5: the same right code, two hundred times at once on two nodes, has its effect once."""
    doors = memory_doors()
    nodes = two_nodes(doors, seed)
    await nodes[0].welcome(person())
    _, secret, _ = await nodes[0].enrol_app()
    for node in nodes:
        node.clock.advance(MINUTE)
    code = nodes[0].app_code(secret)

    async def run(node: FactorHouse) -> str:
        checked = await node.check(FactorKind.TOTP, code)
        if not isinstance(checked, Proven):
            return checked.code
        try:
            await node.commit(checked)
        except Conflict as lost:
            return lost.what
        return "proven"

    ended = await asyncio.gather(*(run(nodes[number % 2]) for number in range(MANY)))
    assert 1 == ended.count("proven")
    assert {"proven", "factor_counter", "factor_code_used", "too_many_attempts"} >= set(ended)


async def test_changes_of_an_answer_give_its_try_back_by_themselves(house: FactorHouse) -> None:
    """R-096: what an answer leads to holds the try that is given back, for whoever commits it in their own way."""
    user = await house.user()
    offer = await house.enrolment.offer(user, bound_to=PAGE, kind=FactorKind.TOTP, network=HERE)
    assert isinstance(offer, TOTPOffer)
    enrolled = await house.enrolment.confirm(
        user, bound_to=PAGE, kind=FactorKind.TOTP, answer=house.app_code(offer.secret)
    )
    assert isinstance(enrolled, Enrolled)
    assert 1 == await house.tries(TOTP)
    await house.work.commit(*enrolled.changes)
    assert 0 == await house.tries(TOTP)
    house.clock.advance(MINUTE)
    proven = await house.check(FactorKind.TOTP, house.app_code(offer.secret))
    assert isinstance(proven, Proven)
    assert 1 == await house.tries(TOTP)
    await house.work.commit(*proven.changes)
    assert 0 == await house.tries(TOTP)


def test_give_back_is_a_change_of_its_own() -> None:
    """A count names whom and what it is of, and gives itself back as data."""
    moment = person().created
    counted = Attempts("u-ada", TOTP).counted(moment)
    assert counted is not None
    assert SaveAttempts(Attempts("u-ada", TOTP, (), 2)) == SaveAttempts(counted.given_back(moment))
