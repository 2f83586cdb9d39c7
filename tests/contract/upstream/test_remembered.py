"""A remembered document: who asks when, who waits for whom, and what is told to whom."""

import asyncio
from datetime import timedelta

import pytest
from tests.contract.upstream.travelling import StandingClock

from jitney.errors import UpstreamUnavailable
from jitney.upstream.faults import refusal
from jitney.upstream.remembered import Lifetime, Remembered

pytestmark = pytest.mark.anyio

LIFETIME = Lifetime(
    fresh=timedelta(minutes=5), kept_while_failing=timedelta(hours=1), pause=timedelta(minutes=1)
)


class Source:
    """Gives a new document each time it is asked, or fails when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False
        self.clock = StandingClock()
        self.remembered = Remembered(
            self.fetch, clock=self.clock, lifetime=LIFETIME, name="document", owner="idp"
        )

    async def fetch(self) -> list[int]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.fails:
            raise refusal("key_set_failed")
        return [self.asked]


async def test_latecomer_is_given_what_others_fetched() -> None:
    """R-073: whoever still holds the old keys is given the new ones, though nobody may ask again for now."""
    source = Source()
    old = await source.remembered.get()
    new = await source.remembered.find_newer(old)
    latecomer = await source.remembered.find_newer(old)
    impatient = await source.remembered.find_newer(new or [])
    assert ([1], [2], [2], None, 2) == (old, new, latecomer, impatient, source.asked)


async def test_all_who_wait_share_one_failure() -> None:
    """A failing fetch is one question too, and the next caller may ask anew."""
    source = Source()
    source.fails = True
    waiting = await asyncio.gather(*(source.remembered.get() for _ in range(20)), return_exceptions=True)
    source.fails = False
    assert {UpstreamUnavailable} == {type(fault) for fault in waiting}
    assert ([2], 2) == (await source.remembered.get(), source.asked)


async def test_failed_search_for_newer_changes_nothing() -> None:
    """R-073: when the provider cannot be asked, the unknown stays unknown and the known stays known."""
    source = Source()
    old = await source.remembered.get()
    source.fails = True
    assert (None, old) == (await source.remembered.find_newer(old), await source.remembered.get())


async def test_abandoned_fetch_still_serves_the_next() -> None:
    """A browser that goes away leaves what it asked for to the next one."""
    source = Source()
    gone = asyncio.create_task(source.remembered.get())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait([gone])
    assert ([1], 1) == (await source.remembered.get(), source.asked)
