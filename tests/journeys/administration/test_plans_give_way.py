"""Whatever is planned for many people, everybody else has a turn in between."""

import asyncio

import pytest
from tests.journeys.administration.departures import departure
from tests.journeys.administration.office import ROOT

pytestmark = pytest.mark.anyio

PEOPLE = 100


async def test_others_have_their_turn_while_a_removal_is_planned() -> None:
    """R-127: an operator who plans for a hundred people keeps nobody waiting for all of them; all are counted."""
    at = await departure()
    for number in range(PEOPLE):
        await at.person(f"member{number}", (at.acme, f"sub-{number}"))
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    plan = await at.office.provider_removing.plan(ROOT, "acme")
    seen = turns
    beside.cancel()
    assert PEOPLE == plan.counts.deleted
    assert seen >= PEOPLE // 20
