"""The six SQL kinds: SQLite, PostgreSQL and MariaDB, each with tables of ours and with somebody else's."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from tests.contract.entry_store.sql_clients import Client, MariaDBClient, PostgreSQLClient, SQLiteClient
from tests.contract.entry_store.standing import (
    DESCRIPTION,
    DISABLE,
    GROUPS,
    HOLDS_ODD_NAMES,
    LOCK,
    TWO_OF_ONE_NAME,
    Kind,
    Standing,
    Stranger,
)

from jitney.model.user_store_record import SQLConnection, SQLTables, TLSMode
from jitney.userstores.entries_sql.store import SQLEntryStore
from jitney.userstores.passwords import Argon2Cost, Argon2Passwords

CHEAP = Argon2Cost(memory_kib=8, passes=1, lanes=1)
UNTIL = datetime(2040, 1, 1, tzinfo=UTC)
_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_SEPARATOR = DESCRIPTION.multi_value_separator

MAPPED = SQLTables(
    users="Staff Members",
    id_column="employee no",
    name_column="login",
    name_key_column=None,
    stamp_column="made by",
    password_column="pass word",
    enabled_column="active",
    locked_until_column="locked until",
    attributes={
        "given_name": "first name",
        "family_name": "last name",
        "email": "e-mail",
        "phone_number": "phones",
    },
    memberships="team members",
    membership_user_column="employee",
    membership_group_column="team",
    groups="teams",
    group_name_column="team name",
)
"""Somebody else's tables, whose names must be quoted."""

_NUMBER = {
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "postgresql": "integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "mariadb": "integer AUTO_INCREMENT PRIMARY KEY",
}
_MOMENT = {"sqlite": "TIMESTAMP", "postgresql": "timestamptz", "mariadb": "datetime(6)"}
_ONE_NAME = {
    "sqlite": 'CREATE UNIQUE INDEX "one name" ON "Staff Members" (lower("login"))',
    "postgresql": 'CREATE UNIQUE INDEX "one name" ON "Staff Members" (lower("login"))',
    "mariadb": 'CREATE UNIQUE INDEX "one name" ON "Staff Members" ("login")',
}
_OWN_TABLES = (
    "jitney_people",
    "jitney_people_attributes",
    "jitney_people_groups",
    "jitney_people_all_groups",
)
_MAPPED_TABLES = ("team members", "teams", "Staff Members")


def mapped_ddl(dialect: str, *, unique: bool) -> list[str]:
    """Return the statements that make somebody else's tables."""
    staff = (
        f'CREATE TABLE "Staff Members" ("employee no" {_NUMBER[dialect]}, "login" varchar(300) NOT NULL, '
        '"made by" varchar(64), "pass word" varchar(200), "active" boolean NOT NULL DEFAULT true, '
        f'"locked until" {_MOMENT[dialect]} NULL, "first name" varchar(300), "last name" varchar(300), '
        '"e-mail" varchar(300), "phones" varchar(300), "shoe size" integer DEFAULT 42)'
    )
    groups = 'CREATE TABLE "teams" ("team name" varchar(100) NOT NULL PRIMARY KEY)'
    members = (
        'CREATE TABLE "team members" ("employee" integer NOT NULL REFERENCES "Staff Members" ("employee no"), '
        '"team" varchar(100) NOT NULL, PRIMARY KEY ("employee", "team"))'
    )
    return [staff, groups, members, *([_ONE_NAME[dialect]] if unique else ())]


@dataclass
class SQLRaw:
    """The tables through a plain client; ``tables`` are all of them."""

    client: Client
    tables: tuple[str, ...]

    async def dump(self) -> Mapping[str, object]:
        told: dict[str, object] = {}
        for table in self.tables:
            people = table in {"jitney_people", "Staff Members"}
            for row in await self.client.run(f'SELECT * FROM "{table}"'):
                # The first columns say who it is; no two rows are alike in all.
                told[f"{'person' if people else table} {row if not people else row[:2]}"] = row
        return told

    async def empty(self) -> None:
        for table in self.tables:
            await self.client.run(f'DELETE FROM "{table}"')

    async def seed_many(self, strangers: list[Stranger]) -> None:
        raise NotImplementedError

    async def seed(self, stranger: Stranger) -> str:
        raise NotImplementedError


class OwnRaw(SQLRaw):
    """Tables of ours, in which another program writes as we do."""

    async def seed(self, stranger: Stranger) -> str:
        await self.seed_many([stranger])
        found = await self.client.run(
            'SELECT "id" FROM "jitney_people" WHERE "name" = ? AND "stamp" IS NULL', (stranger.name,)
        )
        entry_id = _text(found[-1][0])
        await self.client.run_many(
            'INSERT INTO "jitney_people_groups" ("user_id", "group_name") VALUES (?, ?)',
            [(entry_id, name) for name in stranger.groups],
        )
        return entry_id

    async def seed_many(self, strangers: list[Stranger]) -> None:
        ids = [str(uuid4()) for _ in strangers]
        await self.client.run_many(
            'INSERT INTO "jitney_people" ("id", "name", "name_key", "password_hash") VALUES (?, ?, ?, ?)',
            [(i, s.name, s.name.lower(), _hash(s)) for i, s in zip(ids, strangers, strict=True)],
        )
        await self.client.run_many(
            'INSERT INTO "jitney_people_attributes" ("user_id", "name", "position", "value", "start") '
            "VALUES (?, ?, ?, ?, ?)",
            [
                (i, name, position, value, value.lower()[:200])
                for i, s in zip(ids, strangers, strict=True)
                for name, values in s.attributes.items()
                for position, value in enumerate(values)
            ],
        )

    async def proves(self, name: str, password: str) -> bool:
        return _fits(
            await self.client.run('SELECT "password_hash" FROM "jitney_people" WHERE "name" = ?', (name,)),
            password,
        )

    async def take_away(self, entry_id: str) -> None:
        for table, column in (("jitney_people_groups", "user_id"), ("jitney_people_attributes", "user_id")):
            await self.client.run(f'DELETE FROM "{table}" WHERE "{column}" = ?', (entry_id,))
        await self.client.run('DELETE FROM "jitney_people" WHERE "id" = ?', (entry_id,))

    async def add_groups(self) -> None:
        await self.client.run_many(
            'INSERT INTO "jitney_people_all_groups" ("name") VALUES (?)', [(n,) for n in GROUPS]
        )

    async def disable(self, entry_id: str) -> None:
        raise NotImplementedError

    async def lock(self, entry_id: str) -> datetime | None:
        raise NotImplementedError


class MappedRaw(SQLRaw):
    """Tables of somebody else's."""

    async def seed(self, stranger: Stranger) -> str:
        await self.seed_many([stranger])
        found = await self.client.run('SELECT max("employee no") FROM "Staff Members"')
        await self.client.run_many(
            'INSERT INTO "team members" ("employee", "team") VALUES (?, ?)',
            [(found[0][0], name) for name in stranger.groups],
        )
        return str(found[0][0])

    async def seed_many(self, strangers: list[Stranger]) -> None:
        names = ("given_name", "family_name", "email", "phone_number")
        await self.client.run_many(
            'INSERT INTO "Staff Members" '
            '("login", "pass word", "first name", "last name", "e-mail", "phones") VALUES (?, ?, ?, ?, ?, ?)',
            [
                (
                    s.name,
                    _hash(s),
                    *(_SEPARATOR.join(s.attributes[n]) if n in s.attributes else None for n in names),
                )
                for s in strangers
            ],
        )

    async def proves(self, name: str, password: str) -> bool:
        return _fits(
            await self.client.run('SELECT "pass word" FROM "Staff Members" WHERE "login" = ?', (name,)),
            password,
        )

    async def disable(self, entry_id: str) -> None:
        await self._set("active", False, entry_id)

    async def lock(self, entry_id: str) -> datetime | None:
        stored: Any = {"postgresql": UNTIL, "mariadb": UNTIL.replace(tzinfo=None)}.get(
            self.client.dialect, "2040-01-01 00:00:00.000000"
        )
        await self._set("locked until", stored, entry_id)
        return UNTIL

    async def take_away(self, entry_id: str) -> None:
        await self.client.run('DELETE FROM "team members" WHERE "employee" = ?', (int(entry_id),))
        await self.client.run('DELETE FROM "Staff Members" WHERE "employee no" = ?', (int(entry_id),))

    async def add_groups(self) -> None:
        await self.client.run_many('INSERT INTO "teams" ("team name") VALUES (?)', [(n,) for n in GROUPS])

    async def _set(self, column: str, value: Any, entry_id: str) -> None:
        await self.client.run(
            f'UPDATE "Staff Members" SET "{column}" = ? WHERE "employee no" = ?', (value, int(entry_id))
        )


def connection_to(client: Client, *, owns: bool) -> SQLConnection:
    """Return the record of a connection to a client's database; the contract's times are generous."""
    plain = SQLConnection(
        client.url, client.password, TLSMode.NONE, owns_tables=owns, groups_may_be_written=True,
        connect_seconds=20, read_seconds=20,
    )  # fmt: skip
    return plain if owns else replace(plain, tables=MAPPED)


_CLIENTS: WeakKeyDictionary[Any, dict[str, Client]] = WeakKeyDictionary()
"""One database for each kind on each server; making one for each test would take most of the time."""


async def _client(name: str, server: Any, make: Callable[[], Client], ddl: list[str]) -> Client:
    known = _CLIENTS.setdefault(server, {}) if server is not None else {}
    if name not in known:
        known[name] = make()
        for statement in ddl:
            await known[name].run(statement)
    return known[name]


def _kind(name: str, dialect: str, *, owns: bool, unique: bool = True, can: frozenset[str]) -> Kind:
    @asynccontextmanager
    async def opened(server: Any, folder: Path) -> AsyncIterator[Standing]:
        makers: dict[str, Callable[[], Client]] = {
            "sqlite": lambda: SQLiteClient(folder / "people.sqlite"),
            "postgresql": lambda: PostgreSQLClient(server),
            "mariadb": lambda: MariaDBClient(server),
        }
        ddl = [] if owns else mapped_ddl(dialect, unique=unique)
        client = await _client(name, server, makers[dialect], ddl)
        passwords = Argon2Passwords(CHEAP)
        store = SQLEntryStore(connection_to(client, owns=owns), DESCRIPTION, passwords)
        raw = OwnRaw(client, _OWN_TABLES) if owns else MappedRaw(client, _MAPPED_TABLES)
        try:
            if owns:
                await store.find("nobody")  # makes the tables
            await raw.empty()
            await raw.add_groups()
            yield Standing(name, store, raw)
        finally:
            await store.aclose()
            passwords.close()

    server = None if dialect == "sqlite" else f"{dialect}_server"
    return Kind(name, opened, server, can)


def _hash(stranger: Stranger) -> str | None:
    return None if stranger.password is None else _HASHER.hash(stranger.password)


def _fits(rows: list[tuple[Any, ...]], password: str) -> bool:
    try:
        return bool(rows) and rows[0][0] is not None and _HASHER.verify(_text(rows[0][0]), password)
    except VerificationError:
        return False


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


_STATE = frozenset({DISABLE, LOCK})
SQL_KINDS = [
    _kind("sqlite own", "sqlite", owns=True, can=frozenset({HOLDS_ODD_NAMES})),
    _kind(
        "sqlite mapped", "sqlite", owns=False, unique=False, can=_STATE | {HOLDS_ODD_NAMES, TWO_OF_ONE_NAME}
    ),
    _kind("postgresql own", "postgresql", owns=True, can=frozenset({HOLDS_ODD_NAMES})),
    _kind("postgresql mapped", "postgresql", owns=False, can=_STATE | {HOLDS_ODD_NAMES}),
    _kind("mariadb own", "mariadb", owns=True, can=frozenset({HOLDS_ODD_NAMES})),
    _kind("mariadb mapped", "mariadb", owns=False, can=_STATE | {HOLDS_ODD_NAMES}),
]
