"""A database that fails in the middle of an act: nothing is half done, and the operator can tell and try again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from tests.web.console.console_house import open_console
from tests.web.console.doorway_house import send, slip, standing
from tests.web.pages.pages_house import reason_of

from jitney.errors import Overloaded
from jitney.model.changes import Change, SpendOnce, TouchSession
from jitney.ports import UnitOfWork

pytestmark = pytest.mark.anyio

BUSY = Overloaded("database_busy", "The service is busy. Please try again.")
REFERENCE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")

ACTS: Mapping[str, Mapping[str, str]] = {
    "/console/people/add": {"store": "PRIMARY", "name": "grace", "new": "nickname = Amazing"},
    "/console/people/{eve}/lock": {"reason": "Lost a telephone"},
    "/console/roles": {"name": "keepers"},
    "/console/operators/add": {"who": "eve", "role": "operator.auditor"},
}
"""What is typed into some forms, each of which changes something else."""


@dataclass
class FailingWork:
    """The real unit of work, but that it fails behind the slip of a form while there is a fault."""

    behind: UnitOfWork
    fault: Exception | None = None

    async def commit(self, *changes: Change) -> None:
        """Carry the changes out, all of them, or raise."""
        passes = any(isinstance(one, SpendOnce | TouchSession) for one in changes)
        if self.fault is not None and not passes:
            raise self.fault
        await self.behind.commit(*changes)


@pytest.mark.parametrize("fault", [BUSY, RuntimeError("the disk is full")], ids=["busy", "bug"])
async def test_act_that_the_database_refuses_is_not_done_and_can_be_found_in_the_log(
    tmp_path: Path, fault: Exception
) -> None:
    """R-021, R-024, Issue 7: nothing is changed, what is told stands in the log, and later it works."""
    broken: list[FailingWork] = []

    def between(work: UnitOfWork) -> UnitOfWork:
        broken.append(FailingWork(work))
        return broken[0]

    async with open_console(tmp_path, around_work=between) as console:
        [work] = broken
        for number, (place, typed) in enumerate(ACTS.items()):
            path = place.replace("{eve}", console.people["eve"].id)
            before, work.fault = await standing(console), fault
            with structlog.testing.capture_logs() as lines:
                page = await send(
                    console.root,
                    path,
                    {**slip(console, console.root, path, "root", number=f"a{number}"), **typed},
                )
            work.fault = None
            assert before == await standing(console)
            code = fault.code if isinstance(fault, Overloaded) else "internal_error"
            assert (503 if fault is BUSY else 500, code) == (page.status, reason_of(page))
            told = set(REFERENCE.findall(page.text))
            assert told & {line.get("reference") for line in lines}
            if fault is BUSY:
                assert [] == [text for text in typed.values() if text not in page.text]
            done = await send(
                console.root,
                path,
                {**slip(console, console.root, path, "root", number=f"b{number}"), **typed},
            )
            assert (303, True) == (done.status, before != await standing(console))
