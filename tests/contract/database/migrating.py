"""Brings a database to the newest version of a schema, or dies on the way."""

import asyncio
import os
import signal

from sqlalchemy import Engine, event

from jitney.database.database import Schema
from jitney.database.opening import open_database


async def migrate(url: str, schema: Schema) -> list[str]:
    """Bring the database to that schema's newest version; what the check says then."""
    database = await open_database(url, schema)
    try:
        await database.migrate()
        return [finding.code for finding in await database.check()]
    finally:
        await database.close()


def migrate_and_die_before(url: str, schema: Schema, *, statement: int) -> int:
    """Migrate in a child that is killed before its nth statement; its exit status or minus the signal."""
    child = os.fork()
    if child == 0:
        left = [statement]

        def count(*_: object) -> None:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1

        event.listen(Engine, "before_cursor_execute", count)
        status = 1
        try:
            status = len(asyncio.run(migrate(url, schema)))
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
