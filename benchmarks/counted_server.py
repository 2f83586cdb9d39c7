"""Jitney with a counter around its unit of work: how many transactions a sign-in costs, and what is in them.

Run with the path of the settings; each line on standard input is answered with one line of JSON about the
transactions since the line before.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from jitney import app
from jitney.model.changes import AddSession, Change, ChangeUser
from jitney.ports import UnitOfWork
from jitney.settings import load_settings


@dataclass
class Seen:
    """What was committed: all transactions, those that start a session, and what those changed about users."""

    transactions: int = 0
    with_session: int = 0
    with_sync: int = 0
    sync_elsewhere: int = 0
    attributes: int = 0
    roles: int = 0


@dataclass
class Counting:
    """A unit of work that counts what becomes durable."""

    work: UnitOfWork
    seen: Seen = field(default_factory=Seen)

    async def commit(self, *changes: Change) -> None:
        """Commit, and count."""
        await self.work.commit(*changes)
        self._count(changes)

    def _count(self, changes: Sequence[Change]) -> None:
        syncs = [each.changes for each in changes if isinstance(each, ChangeUser)]
        starts = any(isinstance(each, AddSession) for each in changes)
        self.seen.transactions += 1
        self.seen.with_session += starts
        self.seen.with_sync += bool(syncs) and starts
        self.seen.sync_elsewhere += bool(syncs) and not starts
        self.seen.attributes += sum(len(each.attributes) for each in syncs)
        self.seen.roles += sum(len(each.roles_added) + len(each.roles_removed) for each in syncs)


async def serve(config: Path) -> None:
    """Serve, and answer questions, until standard input ends."""
    settings = load_settings({"JITNEY_HOME": str(config.parent)}, config=config, folder=config.parent)
    counters: list[Counting] = []

    def around(work: UnitOfWork) -> UnitOfWork:
        counters.append(Counting(work))
        return counters[-1]

    server = uvicorn.Server(
        uvicorn.Config(
            app.Server(settings, around_work=around), host=settings.server.host, port=settings.server.port,
            lifespan="on", log_config=None, access_log=False, timeout_graceful_shutdown=2,
        )
    )  # fmt: skip
    serving = asyncio.create_task(server.serve())
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(vars(counters[0].seen)), flush=True)
        counters[0].seen = Seen()
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
