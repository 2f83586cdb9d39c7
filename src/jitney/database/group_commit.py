"""The writer of a SQLite file: all waiting jobs are committed together, with one fsync.

The writer takes everything that waits, carries each job out inside a savepoint of its own within one
``BEGIN IMMEDIATE``, and commits once; a job that fails is undone alone.
The statements take microseconds and run on the event loop; only ``COMMIT``, which waits for the disk, runs in a
thread.
A thread that ran the statements too would have to win Python's interpreter lock back after each one, and under a
busy loop it was seen to lose that race for seconds.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from jitney.database.constraints import ConstraintNames
from jitney.database.disk_thread import DiskThread
from jitney.database.faults import (
    Fault,
    busy,
    commit_unknown,
    conflict,
    not_storable,
    statement_failed,
    unavailable,
)
from jitney.database.statements import Write

_PAUSE = 0.002


class Step(NamedTuple):
    """One write, ready for the driver."""

    sql: str
    arguments: tuple[Any, ...]
    returns_rows: bool
    write: Write


class Job(NamedTuple):
    """The steps of one commit, and whom to tell."""

    steps: Sequence[Step]
    done: "asyncio.Future[None]"


class Writer:
    """The queue, which holds ``limit`` jobs at most, and the task that empties it.

    ``connect`` makes the connection. ``patience`` is for how many seconds another process may hold the lock before
    the jobs are given up.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        names: ConstraintNames,
        *,
        limit: int,
        patience: float,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._connect = connect
        self._connection: sqlite3.Connection | None = connect()
        self._names = names
        self._limit = limit
        self._patience = patience
        self._waiting: list[Job] = []
        self._under_way = 0
        self._closed = False
        self._disk = DiskThread(self._loop)
        self._task: asyncio.Task[None] | None = None

    async def commit(self, steps: Sequence[Step]) -> None:
        """Queue a job and wait until it is durable. Raises as ``Database.commit``."""
        if self._closed:
            raise unavailable("closed")
        if len(self._waiting) + self._under_way >= self._limit:
            raise busy("too many commits are waiting")
        done = self._loop.create_future()
        self._waiting.append(Job(steps, done))
        if self._task is None:
            self._task = self._loop.create_task(self._empty())
        await done

    async def close(self) -> None:
        """Let the queue run empty, then let go of the file."""
        self._closed = True
        while self._task is not None:
            await asyncio.wait([self._task])
        self._disk.stop()
        self._connection = _let_go(self._connection)

    async def _empty(self) -> None:
        """Commit batch after batch until nothing waits."""
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                self._under_way = len(batch)
                _resolve(batch, await self._commit_or_explain(batch))
                self._under_way = 0
        finally:
            self._task = None

    async def _commit_or_explain(self, batch: Sequence[Job]) -> Sequence[Fault | None]:
        try:
            self._connection = self._connection or self._connect()
            return await self._commit_all(self._connection, batch)
        except Exception as error:  # the writer must outlive every job
            if not _is_busy(error):
                self._connection = _let_go(self._connection)
            return [_fault_of_transaction(error)] * len(batch)

    async def _commit_all(
        self, connection: sqlite3.Connection, batch: Sequence[Job]
    ) -> Sequence[Fault | None]:
        """One transaction for the whole batch; each job's fault, or ``None`` when it is durable."""
        await _begin(connection, time.monotonic() + self._patience)
        # A job that is alone needs no savepoint: undoing it undoes the transaction.
        carry_out = self._alone if len(batch) == 1 else self._in_savepoint
        outcomes = [None if job.done.cancelled() else carry_out(connection, job) for job in batch]
        try:
            if connection.in_transaction:
                await self._disk.run(partial(connection.execute, "COMMIT"))
        except sqlite3.Error as error:
            outcomes = [commit_unknown(type(error).__name__)] * len(batch)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return outcomes

    def _in_savepoint(self, connection: sqlite3.Connection, job: Job) -> Fault | None:
        connection.execute("SAVEPOINT job")
        fault = self._carry_out(connection, job.steps)
        if fault is not None:
            connection.execute("ROLLBACK TO job")
        connection.execute("RELEASE job")
        return fault

    def _alone(self, connection: sqlite3.Connection, job: Job) -> Fault | None:
        fault = self._carry_out(connection, job.steps)
        if fault is not None and connection.in_transaction:
            connection.execute("ROLLBACK")
        return fault

    def _carry_out(self, connection: sqlite3.Connection, steps: Sequence[Step]) -> Fault | None:
        for step in steps:
            try:
                cursor = connection.execute(step.sql, step.arguments)
                affected = len(cursor.fetchall()) if step.returns_rows else cursor.rowcount
            except Exception as error:  # a bug in one job must not undo the others
                return self._fault_of_step(connection, step.write, error)
            if step.write.must is not None and affected != step.write.must:
                return conflict(step.write.what)
        return None

    def _fault_of_step(self, connection: sqlite3.Connection, write: Write, error: Exception) -> Fault:
        match getattr(error, "sqlite_errorname", ""):
            case "SQLITE_CONSTRAINT_UNIQUE" | "SQLITE_CONSTRAINT_PRIMARYKEY" | "SQLITE_CONSTRAINT_ROWID":
                return conflict(self._names.unique(str(error)))
            case "SQLITE_CONSTRAINT_FOREIGNKEY":
                return conflict(self._names.foreign(connection, write.statement, write.parameters))
            case "SQLITE_FULL" | "SQLITE_NOMEM" | "SQLITE_TOOBIG":
                return unavailable(type(error).__name__)
            case name if name.startswith(("SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_READONLY")):
                return unavailable(name)
            case _:
                return value_or_bug(write.statement.name, error)


def _resolve(batch: Sequence[Job], outcomes: Sequence[Fault | None]) -> None:
    for job, fault in zip(batch, outcomes, strict=True):
        if job.done.done():
            continue
        if fault is None:
            job.done.set_result(None)
        else:
            job.done.set_exception(fault)


def value_or_bug(name: str, error: Exception) -> Fault:
    """What the driver could not take: a value that no column holds, or else a bug of ours."""
    if isinstance(error, UnicodeError | OverflowError):
        return not_storable()
    return statement_failed(name, error)


async def _begin(connection: sqlite3.Connection, deadline: float) -> None:
    """Take the write lock, which another process may hold; gives up at ``deadline``.

    A plain BEGIN would take it at the first write, when SQLite can no longer wait without risking a deadlock.
    """
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
        else:
            return
        await asyncio.sleep(_PAUSE)


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def _fault_of_transaction(error: Exception) -> Fault:
    if _is_busy(error):
        return busy("another process holds the write lock")
    if isinstance(error, sqlite3.Error):
        return unavailable(type(error).__name__)
    return statement_failed("commit", error)


def _let_go(connection: sqlite3.Connection | None) -> None:
    """Close a connection whatever its state; an open transaction is undone by that."""
    if connection is None:
        return
    try:
        connection.close()
    except sqlite3.Error:
        return
