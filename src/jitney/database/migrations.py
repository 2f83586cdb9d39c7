"""Migrations: forward only, all in one transaction, once, however many nodes start together (R-148).

A run that is killed leaves the schema as it was, and is simply repeated.
The scripts are Alembic's (``versions/`` in the folder that is handed in); no ini file, no ``env.py``.
"""

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from jitney.database.faults import busy, unavailable
from jitney.errors import JitneyError, Misconfigured

REQUIRE = """
CREATE OR REPLACE FUNCTION jitney_require(holds boolean, guard text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF holds THEN RETURN true; END IF;
  RAISE EXCEPTION USING ERRCODE = 'JT001', MESSAGE = guard;
END $$
"""
_LOCK = 0x6A69746E6579  # "jitney"
_PATIENCE = 60.0


def newest_version(scripts: Path) -> str | None:
    """The version that the newest script leads to; ``None`` when there is none."""
    return _scripts_in(scripts).get_current_head()


def migrate_sqlite(path: Path, scripts: Path) -> None:
    """Bring the file to the newest version, or raise ``Misconfigured`` or ``Overloaded`` and change nothing.

    Alembic rebuilds a table to change it: with foreign keys enforced, dropping the old one would silently
    delete every child row by ON DELETE CASCADE. So they are off meanwhile, and checked before the commit.
    """
    engine = create_engine("sqlite://", poolclass=NullPool, creator=lambda: _connect(path))
    event.listen(engine, "begin", _begin_immediate)
    fault: JitneyError | None = None
    try:
        with engine.begin() as connection:
            _upgrade(connection, scripts)
            _check_references(connection)
    except (sqlite3.Error, SQLAlchemyError, CommandError) as error:
        fault = _fault(error)
    if fault is not None:
        raise fault


async def migrate_postgresql(url: str, scripts: Path) -> None:
    """Bring the database to the newest version, or raise as ``migrate_sqlite`` does.

    The advisory lock only spares the loser a quarrel: the version is read inside the transaction, and two
    transactions that both created a table could not both commit.
    """

    async def connect() -> Any:
        return await asyncpg.connect(url, server_settings={"application_name": "jitney migrations"})  # pyright: ignore

    engine = create_async_engine("postgresql+asyncpg://", poolclass=NullPool, async_creator=connect)
    fault: JitneyError | None = None
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            await connection.exec_driver_sql(REQUIRE)
            await connection.run_sync(_upgrade, scripts)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError, CommandError) as error:
        fault = _fault(error)
    finally:
        await engine.dispose()
    if fault is not None:
        raise fault


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = OFF")
    return connection


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(connection: Connection, folder: Path) -> None:
    scripts = _scripts_in(folder)

    def steps(version: Any, _: Any) -> Any:
        return scripts._upgrade_revs("head", version)  # pyright: ignore[reportPrivateUsage]

    environment = EnvironmentContext(Config(), scripts, fn=steps)
    environment.configure(
        connection=connection,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with environment:
        environment.run_migrations()


@cache
def _scripts_in(folder: Path) -> ScriptDirectory:
    # To read them takes as long as to run them, and they do not change while a process runs.
    return ScriptDirectory(folder)


def _check_references(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        tables = sorted({str(row[0]) for row in orphans})
        raise Misconfigured(
            "migration_failed", "A migration would have left rows without their parents.", tables=tables
        )


def _fault(error: Exception) -> JitneyError:
    """What the driver said may quote values, so the operator is told only its kind."""
    cause = getattr(error, "orig", None) or error
    if isinstance(error, CommandError):
        return Misconfigured("schema_unknown", "The database is of a version that is unknown here.")
    if getattr(cause, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
        return busy("another process holds the write lock")
    if isinstance(cause, OSError) or str(getattr(cause, "sqlstate", ""))[:2] in {"08", "53", "57"}:
        return unavailable(type(cause).__name__)
    kind = f"{type(cause).__name__} {getattr(cause, 'sqlstate', '') or ''}".rstrip()
    return Misconfigured("migration_failed", "The database could not be brought to this version.", kind=kind)
