"""Plain clients of the three databases, by which the contract looks past the store: a driver and nothing else."""

import asyncio
import itertools
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import asyncmy
import asyncpg
from tests.servers.mariadb import MariaDBServer
from tests.servers.postgresql import PostgreSQLServer

Rows = list[tuple[Any, ...]]


class Client(Protocol):
    """One database. In the statements ``?`` stands for a value, and ``"…"`` quotes a name."""

    dialect: str
    url: str
    password: str | None

    async def run(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        """Run one statement, for good."""
        ...

    async def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        ...

    async def columns(self, table: str) -> list[str]:
        """Name the columns of a table, in order; none where it is missing."""
        ...


class SQLiteClient:
    """A file."""

    dialect = "sqlite"
    password = None

    def __init__(self, path: Path) -> None:
        self._path = path
        self.url = f"sqlite:///{path}"
        sqlite3.connect(path).close()

    async def run(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            return connection.execute(sql, values).fetchall()

    async def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.executemany(sql, rows)

    async def columns(self, table: str) -> list[str]:
        found = await self.run("SELECT name FROM pragma_table_info(?)", (table,))
        return [row[0] for row in found]


class PostgreSQLClient:
    """A database of a server that trusts its own machine."""

    dialect = "postgresql"
    password = None

    def __init__(self, server: PostgreSQLServer) -> None:
        self.url = server.new_database()

    async def run(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        connection = await asyncpg.connect(self.url)
        try:
            return [tuple(row) for row in await connection.fetch(_numbered(sql), *values)]
        finally:
            await connection.close()

    async def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.executemany(_numbered(sql), rows)
        finally:
            await connection.close()

    async def columns(self, table: str) -> list[str]:
        found = await self.run(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = ? "
            "ORDER BY ordinal_position",
            (table,),
        )
        return [row[0] for row in found]


class MariaDBClient:
    """A database of a server with an account that may do everything."""

    dialect = "mariadb"

    def __init__(self, server: MariaDBServer) -> None:
        self._server = server
        self._database = server.new_database().rpartition("/")[2]
        self.url = f"mariadb://{server.user}@127.0.0.1:{server.port}/{self._database}"
        self.password: str | None = server.password

    async def run(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        return await self._do(sql, [values])

    async def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        await self._do(sql, rows)

    async def columns(self, table: str) -> list[str]:
        found = await self.run(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position",
            (table,),
        )
        return [row[0] for row in found]

    async def _do(self, sql: str, rows: Sequence[Sequence[Any]]) -> Rows:
        connection = await asyncmy.connect(
            host="127.0.0.1",
            port=self._server.port,
            user=self._server.user,
            password=self._server.password,
            db=self._database,
            charset="utf8mb4",
            autocommit=True,
        )
        try:
            async with connection.cursor() as cursor:
                await cursor.execute("SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'")
                await cursor.execute("BEGIN")
                for values in rows:
                    await cursor.execute(sql.replace("%", "%%").replace("?", "%s"), tuple(values))
                found = await cursor.fetchall() if cursor.description else ()
                await cursor.execute("COMMIT")
                return [tuple(row) for row in found]
        finally:
            connection.close()
            await asyncio.sleep(0)


def _numbered(sql: str) -> str:
    numbers = itertools.count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", sql)
