"""Access: reads and writes in another database, each in one transaction and within its time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from jitney.errors import JitneyError
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import SQLConnection
from jitney.userstores.entries_sql.faults import (
    UNIQUE,
    code_of,
    fault_of,
    fault_of_commit,
    unanswered,
    unavailable,
)
from jitney.userstores.entries_sql.opening import POSTGRESQL, open_engine

_Answer = TypeVar("_Answer")
Work = Callable[[AsyncConnection], Awaitable[_Answer]]

OF_DRIVERS: Final = (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What may come out of a driver; while it connects, SQLAlchemy wraps not all of it."""


class UniqueViolationError(Exception):
    """A unique constraint stands against a write, which was rolled back; whose it is, is the caller's question."""


class _DeadConnectionError(Exception):
    """The connection was lost before the commit was asked for, so nothing was changed."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


class Access:
    """A pool that is opened at the first use. No error of a driver leaves it."""

    def __init__(self, connection: SQLConnection, description: UserStoreDescription) -> None:
        self._record = connection
        self._description = description
        self._engine: AsyncEngine | None = None

    async def read(self, work: Work[_Answer]) -> _Answer:
        """Do some reading in one snapshot; raises ``UserStoreUnavailable``."""
        return await self._repeatedly(work, writes=False)

    async def write(self, work: Work[_Answer]) -> _Answer:
        """Do some writing in one transaction that is durable on return.

        Raises ``UserStoreRejected`` and ``UserStoreUnavailable`` where nothing was changed, ``StoreUnanswered``
        where nobody knows, ``UniqueViolationError``, and whatever fault of ours ``work`` raises.
        """
        return await self._repeatedly(work, writes=True)

    async def write_in_vain(self, work: Work[_Answer]) -> _Answer:
        """Do some writing and undo it, to see whether it would be let; raises as ``write`` does."""
        return await self._repeatedly(work, writes=True, keeps=False)

    async def close(self) -> None:
        """Let go of every connection."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    async def _repeatedly(self, work: Work[_Answer], *, writes: bool, keeps: bool = True) -> _Answer:
        """Try again once where a connection had died in the pool."""
        for is_last in (False, True):
            try:
                return await self._once(work, writes=writes, keeps=keeps)
            except _DeadConnectionError as dead:
                if is_last:
                    raise fault_of(dead.error) from None
        raise unavailable("user_store_unreachable")  # pragma: no cover (the loop has returned or raised)

    async def _once(self, work: Work[_Answer], *, writes: bool, keeps: bool) -> _Answer:
        connection = await self._connected(writes=writes)
        try:
            answer = await self._worked(work, connection, writes=writes)
            if writes and keeps:
                await self._committed(connection)
        except asyncio.CancelledError:
            # Whatever was under way on the line still is: it cannot be used for anything else.
            await cut(connection)
            raise
        finally:
            await self._let_go(connection)
        return answer

    async def _connected(self, *, writes: bool) -> AsyncConnection:
        try:
            async with asyncio.timeout(self._record.connect_seconds):
                connection = await self._opened().connect()
                return await connection.execution_options(**_options(connection, writes=writes))
        except PoolTimeoutError:
            raise unavailable("user_store_busy", reason="pool") from None
        except TimeoutError:
            raise unavailable("user_store_unreachable", reason="timeout") from None
        except OF_DRIVERS as error:
            raise fault_of(error) from None

    async def _worked(self, work: Work[_Answer], connection: AsyncConnection, *, writes: bool) -> _Answer:
        try:
            async with limited(connection, self._record.read_seconds):
                return await work(connection)
        except TimeoutError:
            await cut(connection)
            raise unavailable("user_store_timed_out") from None
        except OF_DRIVERS as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise _DeadConnectionError(error) from None
            if code_of(error) == UNIQUE:
                raise UniqueViolationError from None
            raise fault_of(error, writing=writes) from None

    async def _committed(self, connection: AsyncConnection) -> None:
        try:
            async with limited(connection, self._record.read_seconds):
                await connection.commit()
        except TimeoutError:
            await cut(connection)
            raise unanswered(reason="timeout") from None
        except OF_DRIVERS as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise unanswered() from None
            if code_of(error) == UNIQUE:
                raise UniqueViolationError from None
            raise fault_of_commit(error) from None

    async def _let_go(self, connection: AsyncConnection) -> None:
        """Give the connection back, rolling back what was not committed; a dead line must not hold us up."""
        try:
            async with asyncio.timeout(self._record.read_seconds):
                await connection.close()
        except (*OF_DRIVERS, JitneyError):
            await cut(connection)

    def _opened(self) -> AsyncEngine:
        if self._engine is None:
            self._engine = open_engine(self._record, self._description)
        return self._engine


@asynccontextmanager
async def limited(connection: AsyncConnection, seconds: float) -> AsyncIterator[None]:
    """Raise ``TimeoutError`` where what is done within takes longer.

    A query of asyncpg's is ended by ending its line: cancelled, it would wait for the server two seconds more.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    if not isinstance(driver, asyncpg.Connection):
        async with asyncio.timeout(seconds):
            yield
        return
    timer = asyncio.get_running_loop().call_later(seconds, driver.terminate)
    try:
        yield
    except OF_DRIVERS:
        if asyncio.get_running_loop().time() >= timer.when():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()


async def cut(connection: AsyncConnection) -> None:
    """Drop the line without a word to the server, which then undoes what was not committed."""
    with suppress(*OF_DRIVERS):
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        for way in ("terminate", "interrupt", "close"):
            if hasattr(driver, way):
                answer = getattr(driver, way)()
                if asyncio.iscoroutine(answer):
                    await answer
                break
        await connection.invalidate()


def _options(connection: AsyncConnection, *, writes: bool) -> dict[str, Any]:
    """Let writers see what others have committed meanwhile: a snapshot would hide the name that was taken."""
    if not writes:
        return {}
    if connection.dialect.name == POSTGRESQL:
        return {"isolation_level": "READ COMMITTED"}
    return {"jitney_writes": True}
