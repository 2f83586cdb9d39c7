"""Database on a SQLite file: quick reads on the event loop, durable writes in groups.

A read of an indexed row takes some ten microseconds, less than handing it to a thread, so it is done in place
on a connection that cannot write.
Several processes may share the file (not over a network file system).
"""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from jitney.database.constraints import ConstraintNames
from jitney.database.database import Finding, Row, Schema
from jitney.database.faults import Fault, busy, not_storable, unavailable
from jitney.database.group_commit import Step, Writer, value_or_bug
from jitney.database.migrations import migrate_sqlite, newest_version
from jitney.database.statements import Dialect, Statement, Write

# SQLite keeps booleans as 0 and 1; columns that were declared BOOLEAN come back as bool, as from PostgreSQL.
sqlite3.register_converter("BOOLEAN", lambda stored: stored != b"0")

_READ_PATIENCE: Final = 0.25  # the event loop stands still meanwhile; only a recovery after a crash needs it
_SWITCH: Final = 0.0002
_DURABLE: Final = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


class SQLiteDatabase:
    """``Database`` on one file. Make it with ``open``.

    ``waiting`` bounds the commits in the queue, ``patience`` the seconds that another process may keep us
    waiting.
    """

    def __init__(self, path: Path, schema: Schema, *, waiting: int, patience: float) -> None:
        self._path = path
        self._schema = schema
        self._reader = _connect(path, patience=_READ_PATIENCE)
        self._reader.execute("PRAGMA query_only = ON")
        connect = partial(_connect, path, patience=0)
        self._writer = Writer(connect, ConstraintNames(schema.tables), limit=waiting, patience=patience)

    @classmethod
    async def open(
        cls, path: Path, schema: Schema, *, waiting: int = 1000, patience: float = 5.0
    ) -> "SQLiteDatabase":
        """Open the file, and make it (readable by its owner alone) where there is none.

        Raises ``Overloaded`` (``database_unavailable``) when it cannot be opened.
        Shortens the interpreter's switch interval for the whole process: with the usual 5 ms a commit that has
        reached the disk was seen to wait for seconds until a busy event loop let its thread say so.
        """
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH))
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            return cls(path, schema, waiting=waiting, patience=patience)
        except (OSError, sqlite3.Error) as error:
            fault = unavailable(type(error).__name__)
        raise fault

    @property
    def dialect(self) -> Dialect:
        """The SQL that is spoken."""
        return "sqlite"

    async def fetch(self, statement: Statement, /, **parameters: object) -> Sequence[Row]:
        """All rows of a select, as last committed."""
        return self._read(statement, parameters, sqlite3.Cursor.fetchall)

    async def fetch_one(self, statement: Statement, /, **parameters: object) -> Row | None:
        """The first row of a select, or ``None``."""
        return self._read(statement, parameters, sqlite3.Cursor.fetchone)

    async def commit(self, writes: Sequence[Write], /) -> None:
        """All writes or none, durable on return; see ``Database.commit``."""
        await self._writer.commit([_step(write) for write in writes])

    async def migrate(self) -> None:
        """Bring the schema to the newest version; see ``Database.migrate``."""
        await asyncio.to_thread(migrate_sqlite, self._path, self._schema.migrations)

    async def check(self) -> Sequence[Finding]:
        """What is not durable here, and whether the schema is of today (R-146).

        Both connections come from ``_connect``; what holds on the reading one holds on the writing one.
        """
        findings = [
            Finding(f"{name}_not_durable", f"SQLite's {name} is {found}, not {wanted}.")
            for name, wanted in _DURABLE.items()
            if (found := self._pragma(name)) != wanted
        ]
        if self._version() != newest_version(self._schema.migrations):
            findings.append(Finding("schema_not_current", "The database's schema is of another version."))
        return findings

    async def close(self) -> None:
        """Finish what was queued, then close the file."""
        await self._writer.close()
        self._reader.close()

    def _read(self, statement: Statement, parameters: Mapping[str, Any], take: Any) -> Any:
        fault: Fault
        compiled = statement.compiled_for("sqlite")
        arguments = compiled.arguments(parameters)
        _check_storable(arguments)
        try:
            return take(self._reader.execute(compiled.sql, arguments))
        except Exception as error:  # no driver's exception leaves this room
            fault = _fault_of_read(statement.name, error)
        raise fault

    def _pragma(self, name: str) -> object:
        return self._reader.execute(f"PRAGMA {name}").fetchone()[0]

    def _version(self) -> str | None:
        try:
            row = self._reader.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
        return row and row[0]


def _connect(path: Path, *, patience: float) -> sqlite3.Connection:
    """A connection whose commits survive a power loss (WAL, and an fsync for every commit)."""
    connection = sqlite3.connect(
        path,
        timeout=5.0,  # switching to WAL needs the file alone for a moment
        isolation_level=None,
        check_same_thread=False,  # used by one thread at a time: COMMIT alone runs in another
        detect_types=sqlite3.PARSE_DECLTYPES,
        cached_statements=512,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA checkpoint_fullfsync = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
    return connection


def _step(write: Write) -> Step:
    compiled = write.statement.compiled_for("sqlite")
    arguments = compiled.arguments(write.parameters)
    _check_storable(arguments)
    return Step(compiled.sql, arguments, compiled.returns_rows, write)


def _check_storable(arguments: tuple[Any, ...]) -> None:
    """SQLite would keep a NUL in a text, PostgreSQL refuses it: so it is refused on both."""
    for value in arguments:
        if type(value) is str and "\x00" in value:
            raise not_storable()


def _fault_of_read(name: str, error: Exception) -> Fault:
    match getattr(error, "sqlite_errorname", ""):
        case code if code.startswith("SQLITE_BUSY"):
            return busy(code)
        case code if code.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_NOMEM", "SQLITE_FULL")):
            return unavailable(code)
        case _:
            return value_or_bug(name, error)
