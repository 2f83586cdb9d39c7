"""Many browsers at once: one user, and everybody ends signed in."""

import asyncio
from dataclasses import dataclass

import pytest
from tests.contract.doors import memory_doors
from tests.journeys.sign_in.sign_in_house import House, ada, furnish, make_house, user_id_of

from jitney.model.account_link import AccountLink
from jitney.model.policy import SyncMode
from jitney.ports import AccountLinks
from jitney.signin.journey import Arrived, Refused

pytestmark = pytest.mark.anyio

MANY = 50


@dataclass
class SlowLinks:
    """Links that are found only after everybody else has looked too: the worst order there is."""

    behind: AccountLinks
    barrier: asyncio.Barrier

    async def find(self, idp: str, subject: str) -> AccountLink | None:
        found = await self.behind.find(idp, subject)
        if found is None and not self.barrier.broken:
            try:
                async with asyncio.timeout(5):
                    await self.barrier.wait()
            except (TimeoutError, asyncio.BrokenBarrierError):
                await self.barrier.abort()
        return found

    async def of_user(self, user_id: str) -> object:
        return await self.behind.of_user(user_id)

    async def count_of(self, idp: str) -> int:
        return await self.behind.count_of(idp)


async def arrivals(house: House, codes: list[str]) -> list[Arrived | Refused]:
    browsers = [f"{number:043}" for number in range(len(codes))]
    states = [await house.leave(browser=browser) for browser in browsers]
    return list(
        await asyncio.gather(
            *(house.come_back(s, code=c, browser=b) for s, c, b in zip(states, codes, browsers, strict=True))
        )
    )


async def must_be_one(house: House) -> None:
    steps = await arrivals(house, ["ada"] * MANY)
    arrived = [step for step in steps if isinstance(step, Arrived)]
    assert (MANY, MANY) == (len(arrived), len({step.token for step in arrived}))
    (user,) = await house.users()
    assert {user.id} == {user_id_of(step.session) for step in arrived}
    assert 1 == await house.doors.account_links.count_of("idp-acme")
    codes = await house.codes()
    assert (1, MANY - 1) == (codes.count("provisioned"), codes.count("signed_in_unchanged"))


async def test_fifty_first_sign_ins_of_one_person_make_one_user(sqlite_house: House) -> None:
    """P-1, R-130: one link, one user, and the losers of the race end signed in as the same user."""
    await must_be_one(sqlite_house)


async def test_fifty_who_all_found_no_link_make_one_user() -> None:
    """P-1, R-130: the same when every one of them had looked before the first one wrote."""
    doors = memory_doors()
    slow = SlowLinks(doors.account_links, asyncio.Barrier(MANY))
    house = await furnish(make_house(doors, account_links=slow))
    await must_be_one(house)
    assert not slow.barrier.broken


async def test_fifty_people_who_want_one_name_end_with_one_owner(sqlite_house: House) -> None:
    """P-1, R-010: one owner, 49 "taken", and none of them leaves a link or a session behind."""
    house = sqlite_house
    codes = [f"person-{number}" for number in range(MANY)]
    house.upstream.script.update({code: ada(code) for code in codes})
    steps = await arrivals(house, codes)
    assert 1 == sum(isinstance(step, Arrived) for step in steps)
    assert {"name_taken"} == {step.outcome.code for step in steps if isinstance(step, Refused)}
    assert (1, 1) == (len(await house.users()), await house.doors.account_links.count_of("idp-acme"))


async def test_fifty_returns_with_fresh_claims_sync_once(sqlite_house: House) -> None:
    """P-8: concurrent syncs of one person serialise; all of them arrive."""
    house = sqlite_house
    await house.change_policy(attribute_sync=SyncMode.OVERRIDE_ALL)
    await house.sign_in()
    version = (await house.user()).version
    house.upstream.script["ada"] = ada(given_name="Augusta")
    assert {Arrived} == {type(step) for step in await arrivals(house, ["ada"] * MANY)}
    user = await house.user()
    assert (("Augusta",), version + 1) == (user.values("given_name"), user.version)
