"""A race: many commits at once, who of them won, and what the others lost against."""

import asyncio
from collections.abc import Callable

from tests.contract.doors import Doors

from jitney.errors import Conflict
from jitney.model.changes import Change

RUNNERS = 50


async def race(doors: Doors, changes: Callable[[int], tuple[Change, ...]]) -> tuple[list[int], set[str]]:
    """Commit ``changes(0)`` to ``changes(49)`` at once; return who won, and what the others lost against."""

    async def run(number: int) -> str:
        try:
            await doors.unit_of_work.commit(*changes(number))
        except Conflict as conflict:
            return conflict.what
        return ""

    results = await asyncio.gather(*(run(number) for number in range(RUNNERS)))
    return [n for n, lost in enumerate(results) if not lost], {lost for lost in results if lost}
