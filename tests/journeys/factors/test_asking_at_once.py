"""Two tabs at once: both are asked the same; and who always comes too late is told so."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
from tests.contract.doors import memory_doors
from tests.journeys.factors.factor_house import HERE, HOUR, PAGE, FactorHouse, person

from jitney.errors import Conflict, Overloaded
from jitney.model.changes import Change
from jitney.model.factor import ChallengeFor, Factor, FactorChallenge, FactorKind
from jitney.ports import Factors, UnitOfWork
from jitney.signin.factor_page import TOTPOffer

pytestmark = pytest.mark.anyio

MANY = 20


@dataclass
class SlowFactors:
    """Factors whose challenges are found only after everybody else has looked too; or always as they were first."""

    behind: Factors
    barrier: asyncio.Barrier | None = None
    is_stale: bool = False

    async def find_challenge(
        self, bound_to: str, wanted_for: ChallengeFor, kind: FactorKind
    ) -> FactorChallenge | None:
        found = None if self.is_stale else await self.behind.find_challenge(bound_to, wanted_for, kind)
        if self.barrier is not None and found is None:
            await self.barrier.wait()
        return found

    async def of_user(self, user_id: str) -> Sequence[Factor]:
        return await self.behind.of_user(user_id)

    async def count_recovery_codes(self, user_id: str) -> int:
        return await self.behind.count_recovery_codes(user_id)

    async def has_recovery_code(self, user_id: str, hash: str) -> bool:
        return await self.behind.has_recovery_code(user_id, hash)

    async def count_codes_sent(self, since: datetime) -> int:
        return await self.behind.count_codes_sent(since)


@dataclass
class Failing:
    """A unit of work that refuses everything for a reason that is nobody's here."""

    behind: UnitOfWork
    refused: list[tuple[Change, ...]] = field(default_factory=list)

    async def commit(self, *changes: Change) -> None:
        self.refused.append(changes)
        raise Conflict("conflict", "This was changed by somebody else meanwhile.", what="user")


async def open_house() -> FactorHouse:
    house = FactorHouse(memory_doors())
    await house.welcome(person())
    return house


def slow(house: FactorHouse, **manner: object) -> FactorHouse:
    return replace(house, doors=replace(house.doors, factors=SlowFactors(house.doors.factors, **manner)))  # pyright: ignore


async def test_tabs_that_ask_at_once_are_shown_one_secret() -> None:
    """R-099: twenty tabs that all found nothing are shown the same secret."""
    house = await open_house()
    busy = slow(house, barrier=asyncio.Barrier(MANY))
    user = await house.user()
    offers = await asyncio.gather(
        *(busy.enrolment.offer(user, bound_to=PAGE, kind=FactorKind.TOTP, network=HERE) for _ in range(MANY))
    )
    assert 1 == len({each.secret for each in offers if isinstance(each, TOTPOffer)})
    assert MANY == len(offers)


@pytest.mark.parametrize("kind", [FactorKind.TOTP, FactorKind.EMAIL])
async def test_who_always_comes_too_late_is_told_to_come_again(kind: FactorKind) -> None:
    """R-128: where others were always faster the fault is Overloaded, and nothing was changed."""
    house = await open_house()
    user = await house.user()
    await house.enrolment.offer(user, bound_to=PAGE, kind=kind, network=HERE)
    house.clock.advance(HOUR)
    before = await house.doors.snapshot()
    with pytest.raises(Overloaded) as refused:
        await slow(house, is_stale=True).enrolment.offer(user, bound_to=PAGE, kind=kind, network=HERE)
    assert ("factor_challenge_contended", before) == (refused.value.code, await house.doors.snapshot())


@pytest.mark.parametrize("kind", [FactorKind.TOTP, FactorKind.EMAIL])
async def test_conflict_of_somebody_else_is_not_swallowed(kind: FactorKind) -> None:
    """R-024: a commit that loses for another reason is not tried again."""
    house = await open_house()
    user, failing = await house.user(), Failing(house.work)
    broken = replace(house, doors=replace(house.doors, unit_of_work=failing))
    with pytest.raises(Conflict):
        await broken.enrolment.offer(user, bound_to=PAGE, kind=kind, network=HERE)
    assert 1 == len(failing.refused)


async def test_code_that_always_moves_on_is_not_compared() -> None:
    """R-097: a try that cannot be put on its code is compared by nobody."""
    house = await open_house()
    user = await house.user()
    await house.enrolment.offer(user, bound_to=PAGE, kind=FactorKind.EMAIL, network=HERE)
    code = await house.mailed_code()
    kept = await house.factors.find_challenge(PAGE, ChallengeFor.ENROLMENT, FactorKind.EMAIL)
    assert kept is not None

    class Elsewhere(SlowFactors):
        async def find_challenge(
            self, bound_to: str, wanted_for: ChallengeFor, kind: FactorKind
        ) -> FactorChallenge | None:
            return replace(kept, version=7)

    moving = replace(house, doors=replace(house.doors, factors=Elsewhere(house.doors.factors)))
    with pytest.raises(Overloaded) as refused:
        await moving.enrolment.confirm(user, bound_to=PAGE, kind=FactorKind.EMAIL, answer=code)
    assert "factor_challenge_contended" == refused.value.code
    broken = replace(house, doors=replace(house.doors, unit_of_work=Failing(house.work)))
    with pytest.raises(Conflict):
        await broken.enrolment.confirm(user, bound_to=PAGE, kind=FactorKind.EMAIL, answer=code)
    assert 0 == len(await house.factors.of_user("u-ada"))
