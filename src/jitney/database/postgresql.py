"""Database on PostgreSQL: a bounded pool of asyncpg's connections, and commits in one round trip."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import asyncpg

from jitney.database.database import Finding, Row, Schema
from jitney.database.faults import (
    Fault,
    StatementError,
    busy,
    commit_unknown,
    conflict,
    not_storable,
    statement_failed,
    unavailable,
)
from jitney.database.migrations import migrate_postgresql, newest_version
from jitney.database.one_statement import Shapes, arguments_of
from jitney.database.statements import Dialect, Statement, Write
from jitney.errors import Overloaded

_T = TypeVar("_T")
_TRIES: Final = 6
_PAUSE: Final = 0.01
_RETRYABLE: Final = {"40001", "40P01"}
_LOST: Final = (OSError, EOFError, asyncio.TimeoutError, asyncpg.InternalClientError)
_CHECK: Final = """
SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')
"""


class PostgreSQLDatabase:
    """``Database`` on a PostgreSQL server. Make it with ``open``."""

    def __init__(
        self,
        url: str,
        schema: Schema,
        pool: Any,
        *,
        waiting: int,
        deadline: float,
        jitter: Callable[[], float],
    ) -> None:
        self._url = url
        self._schema = schema
        self._pool = pool
        self._limit = waiting
        self._waiting = 0
        self._deadline = deadline
        self._jitter = jitter
        self._shapes = Shapes()

    @classmethod
    async def open(
        cls,
        url: str,
        schema: Schema,
        *,
        connections: int = 10,
        waiting: int = 1000,
        deadline: float = 5.0,
        jitter: Callable[[], float] = random.random,
    ) -> "PostgreSQLDatabase":
        """Connect to ``postgresql://…``.

        ``connections`` and ``waiting`` bound the pool and those who wait for it; ``deadline`` is in seconds
        and holds for waiting, for each statement and for each lock; ``jitter`` gives numbers from 0 to 1
        and spreads repeated tries. Raises ``Overloaded`` (``database_unavailable``).
        """
        try:
            pool = await asyncpg.create_pool(  # pyright: ignore[reportUnknownMemberType]
                url, min_size=1, max_size=connections, reset=_keep, **_connection_options(deadline)
            )
        except Exception as error:  # no driver's exception leaves this room
            fault = unavailable(type(error).__name__)
        else:
            return cls(url, schema, pool, waiting=waiting, deadline=deadline, jitter=jitter)
        raise fault

    @property
    def dialect(self) -> Dialect:
        """The SQL that is spoken."""
        return "postgresql"

    async def fetch(self, statement: Statement, /, **parameters: object) -> Sequence[Row]:
        """All rows of a select, as last committed."""
        sql, arguments = _select(statement, parameters)
        return await self._read(statement.name, lambda connection: connection.fetch(sql, *arguments))

    async def fetch_one(self, statement: Statement, /, **parameters: object) -> Row | None:
        """The first row of a select, or ``None``."""
        sql, arguments = _select(statement, parameters)
        return await self._read(statement.name, lambda connection: connection.fetchrow(sql, *arguments))

    async def commit(self, writes: Sequence[Write], /) -> None:
        """All writes or none, durable on return; see ``Database.commit``.

        A serialization failure or a deadlock is tried again, since nothing of it was done.
        """
        if not writes:
            return
        sql = self._shapes.of(writes).sql
        arguments = arguments_of(writes) if sql is not None else []

        async def carry_out(connection: Any) -> None:
            if sql is None:
                await _one_by_one(connection, writes)
            else:
                await connection.fetchrow(sql, *arguments)

        attempt = 0
        while True:
            attempt += 1
            connection = await self._acquire()
            try:
                await carry_out(connection)
            except Exception as error:  # no driver's exception leaves this room
                fault = _fault(", ".join(w.statement.name for w in writes), error, commit_unknown)
                again = attempt < _TRIES and getattr(error, "sqlstate", "") in _RETRYABLE
            else:
                return
            finally:
                await self._release(connection)
            if not again:
                raise fault
            await asyncio.sleep(_PAUSE * 2**attempt * (0.5 + self._jitter()))

    async def migrate(self) -> None:
        """Bring the schema to the newest version; see ``Database.migrate``."""
        await migrate_postgresql(self._url, self._schema.migrations)
        await self._pool.expire_connections()

    async def check(self) -> Sequence[Finding]:
        """What could lose a confirmed commit on this server, and whether the schema is of today (R-146)."""
        rows = await self._read("check", lambda connection: connection.fetch(_CHECK))
        found = {row["name"]: row["setting"] for row in rows}
        findings = [
            Finding(f"{name}_off", f"PostgreSQL's {name} is off: a power loss may undo what was confirmed.")
            for name in ("fsync", "full_page_writes", "synchronous_commit")
            if found.get(name) == "off"
        ]
        if await self._version() != newest_version(self._schema.migrations):
            findings.append(Finding("schema_not_current", "The database's schema is of another version."))
        return findings

    async def close(self) -> None:
        """Wait for those at work, then close every connection; after the deadline they are cut."""
        try:
            await asyncio.wait_for(self._pool.close(), self._deadline)
        except _LOST:
            self._pool.terminate()

    async def _read(self, name: str, ask: Callable[[Any], Awaitable[_T]]) -> _T:
        """Ask once, and once more when the connection had died: reading twice harms nobody."""
        first = True
        while True:
            connection = await self._acquire()
            try:
                return await ask(connection)
            except Exception as error:  # no driver's exception leaves this room
                fault = _fault(name, error, unavailable)
                again = first and _lost_at_once(fault, error)
            finally:
                await self._release(connection)
            if not again:
                raise fault
            first = False

    async def _version(self) -> str | None:
        exists = await self._read("version", lambda c: c.fetchval("SELECT to_regclass('alembic_version')"))
        if exists is None:
            return None
        return await self._read("version", lambda c: c.fetchval("SELECT version_num FROM alembic_version"))

    async def _acquire(self) -> Any:
        if self._waiting >= self._limit:
            raise busy("too many wait for a connection")
        self._waiting += 1
        try:
            return await self._pool.acquire(timeout=self._deadline)
        except TimeoutError:
            fault = busy("no connection was free in time")
        except Exception as error:  # no driver's exception leaves this room
            fault = unavailable(type(error).__name__)
        finally:
            self._waiting -= 1
        raise fault

    async def _release(self, connection: Any) -> None:
        try:
            await self._pool.release(connection)
        except Exception:  # the connection is dead already, and the pool has let go of it
            return


def _connection_options(deadline: float) -> dict[str, Any]:
    """Deadlines stand twice: the server's end a statement cleanly; ours, later, is for a silent server."""
    milliseconds = str(round(deadline * 1000))
    return {
        "timeout": deadline,
        "command_timeout": deadline + 2,
        "statement_cache_size": 512,
        "max_cached_statement_lifetime": 0,
        "max_cacheable_statement_size": 65536,
        "server_settings": {
            "application_name": "jitney",
            "statement_timeout": milliseconds,
            "lock_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            "default_transaction_isolation": "read committed",
            "jit": "off",
        },
    }


async def _keep(connection: Any) -> None:
    """Nothing to tidy: we leave no state in a connection, and asyncpg itself ends an open transaction.

    The usual reset would cost a round trip for every use.
    """


def _select(statement: Statement, parameters: dict[str, object]) -> tuple[str, tuple[Any, ...]]:
    if not statement.is_select:
        raise StatementError(f"{statement.name} writes, and must be part of a commit")
    compiled = statement.compiled_for("postgresql")
    return compiled.sql, compiled.arguments(parameters)


async def _one_by_one(connection: Any, writes: Sequence[Write]) -> None:
    """Carry out writes that build on each other, in a transaction of several round trips."""
    async with connection.transaction():
        for write in writes:
            compiled = write.statement.compiled_for("postgresql")
            status: str = await connection.execute(compiled.sql, *compiled.arguments(write.parameters))
            if write.must is not None and int(status.rpartition(" ")[2]) != write.must:
                raise conflict(write.what)


def _fault(name: str, error: Exception, lost: Callable[[str], Overloaded]) -> Fault:
    """Translate what the driver raised; ``lost`` makes the fault for an answer that never came."""
    if isinstance(error, Fault):
        return error
    kind = type(error).__name__
    sqlstate: str = getattr(error, "sqlstate", None) or ""
    match sqlstate:
        case "JT001":
            return conflict(str(error))
        case "23505" | "23503" | "23P01":
            return conflict(str(getattr(error, "constraint_name", "")))
        case "40001" | "40P01" | "55P03" | "57014":
            return busy(f"{kind} {sqlstate}")
        case state if state[:2] in {"08", "57"}:
            return lost(f"{kind} {sqlstate}")
        case state if state[:2] in {"25", "53"}:
            return unavailable(f"{kind} {sqlstate}")
        case state if state[:2] == "22" and not isinstance(error.__cause__, TypeError):
            return not_storable()
        case _:
            return _fault_without_state(name, error, lost)


def _lost_at_once(fault: Fault, error: Exception) -> bool:
    """Say whether the connection had died, rather than the server kept us waiting until the deadline."""
    return (
        isinstance(fault, Overloaded)
        and fault.code == "database_unavailable"
        and not isinstance(error, TimeoutError)
    )


def _fault_without_state(name: str, error: Exception, lost: Callable[[str], Overloaded]) -> Fault:
    if isinstance(error, _LOST) or (isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)):
        return lost(type(error).__name__)
    if isinstance(error, UnicodeError | OverflowError):
        return not_storable()
    return statement_failed(name, error)
