"""Somebody else's tables come in many forms: keys, types and columns are taken as they stand."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.contract.entry_store.guarded import GuardedDatabase, GuardedMariaDB, GuardedPostgreSQL
from tests.contract.entry_store.people import new_entry
from tests.contract.entry_store.standing import DESCRIPTION

from jitney.errors import Conflict, UserStoreRejected, UserStoreUnavailable
from jitney.model.entry import EntryChanges
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import SQLConnection, SQLTables, TLSMode
from jitney.userstores.entries_sql.store import SQLEntryStore
from jitney.userstores.passwords import Argon2Passwords

pytestmark = pytest.mark.anyio

TABLES = SQLTables(
    users="people", id_column="id", name_column="name", name_key_column=None, stamp_column="stamp",
    password_column=None, attributes={"email": "email"},
)  # fmt: skip


@asynccontextmanager
async def opened(
    connection: SQLConnection, passwords: Argon2Passwords, description: UserStoreDescription = DESCRIPTION
) -> AsyncIterator[SQLEntryStore]:
    store = SQLEntryStore(connection, description, passwords)
    try:
        yield store
    finally:
        await store.aclose()


def a_file(folder: Path, *statements: str, tables: SQLTables = TABLES) -> SQLConnection:
    """Make a database of these statements, and return the record of a connection to it."""
    with closing(sqlite3.connect(folder / "people.sqlite", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return SQLConnection(f"sqlite:///{folder}/people.sqlite", tls=TLSMode.NONE, tables=tables)


def rows(folder: Path) -> list[Any]:
    with closing(sqlite3.connect(folder / "people.sqlite")) as connection:
        return connection.execute("SELECT * FROM people").fetchall()


@pytest.mark.parametrize(
    "id_type",
    [
        "uuid PRIMARY KEY",
        "uuid PRIMARY KEY DEFAULT gen_random_uuid()",
        "text PRIMARY KEY",
        "bigserial PRIMARY KEY",
    ],
)
async def test_keys_of_any_type_are_ids(
    guarded_postgresql: GuardedPostgreSQL, passwords: Argon2Passwords, id_type: str
) -> None:
    """R-045: the key is the id, whatever its type; where the table makes none, our stamp is the key."""
    database = GuardedDatabase(guarded_postgresql)
    await database.client.run(f"CREATE TABLE people (id {id_type}, name text UNIQUE, stamp text, email text)")
    await guarded_postgresql.let(database.client, "SELECT", "INSERT", "UPDATE", "DELETE")
    async with opened(database.connection(tables=TABLES), passwords) as store:
        new = new_entry("alice", email="a@example.org")
        made = await store.add(new, None)
        assert made == await store.find(made.id)
        await store.change(made.id, EntryChanges({"email": ("b@example.org",)}))
        kept = await database.client.run("SELECT id::text, name, stamp, email FROM people")
        assert [(made.id, "alice", new.stamp, "b@example.org")] == kept
        assert await store.remove(made.id, new.stamp)


async def test_binary_keys_are_shown_in_hexadecimal(
    guarded_mariadb: GuardedMariaDB, passwords: Argon2Passwords
) -> None:
    """R-045: a key of bytes is an id of digits, and finds its row."""
    database = GuardedDatabase(guarded_mariadb)
    await database.client.run(
        "CREATE TABLE people (id binary(16) PRIMARY KEY, name varchar(100), stamp varchar(40), email varchar(100))"
    )
    await database.client.run(
        "INSERT INTO people (id, name) VALUES (UNHEX('00112233445566778899aabbccddeeff'), 'alice')"
    )
    await guarded_mariadb.let(database.client, "SELECT")
    async with opened(database.connection(tables=TABLES), passwords) as store:
        found = await store.find_by_name("alice")
        assert found is not None
        assert "00112233445566778899aabbccddeeff" == found.id
        assert found == await store.find(found.id)
        assert await store.find("00112233445566778899aabbccddeefe") is None


@pytest.mark.parametrize("id_type", ["int(1)", "bigint(1)", "tinyint(1)"])
async def test_numbers_of_one_digit_are_ids(
    guarded_mariadb: GuardedMariaDB, passwords: Argon2Passwords, id_type: str
) -> None:
    """R-045: a key that MariaDB shows with one digit tells everybody apart; none of them is taken for a yes."""
    database = GuardedDatabase(guarded_mariadb)
    await database.client.run(
        f"CREATE TABLE people (id {id_type} AUTO_INCREMENT PRIMARY KEY, name varchar(100), stamp varchar(40), "
        "email varchar(100))"
    )
    for name in ("alice", "bob"):
        await database.client.run("INSERT INTO people (name) VALUES (?)", (name,))
    await guarded_mariadb.let(database.client, "SELECT")
    async with opened(database.connection(tables=TABLES), passwords) as store:
        for entry_id, name in (("1", "alice"), ("2", "bob")):
            found = await store.find_by_name(name)
            assert found is not None
            assert (entry_id, name) == (found.id, found.name)
            assert found == await store.find(entry_id)


@pytest.mark.parametrize("id_type", ["INTEGER", "TEXT"])
async def test_rows_without_an_id_are_nobody(
    tmp_path: Path, passwords: Argon2Passwords, id_type: str
) -> None:
    """R-045: rows that no id tells apart are not seen, and their passwords open nothing, also not for nobody."""
    kept = await passwords.hash("Correct-Horse-9")
    connection = a_file(
        tmp_path,
        f"CREATE TABLE people (id {id_type}, name TEXT, stamp TEXT, email TEXT, pw TEXT)",
        *(f"INSERT INTO people VALUES ({id_}, '{name}', NULL, NULL, '{kept}')"
          for id_, name in (("7", "alice"), ("NULL", "bob"), ("NULL", "carol"))),
        tables=replace(TABLES, password_column="pw"),
    )  # fmt: skip
    async with opened(connection, passwords) as store:
        assert ["alice"] == [entry.name for entry in await store.page()]
        assert await store.find_by_name("bob") is None
        assert await store.check_password("7", "Correct-Horse-9")
        for nobody in (None, "None", "8"):
            assert not await store.check_password(nobody, "Correct-Horse-9")


async def test_rows_of_one_id_are_nobody(tmp_path: Path, passwords: Argon2Passwords) -> None:
    """R-045: where two rows have one id, neither is taken for the other, and neither password counts."""
    alices, bobs = await passwords.hash("Alices-Own-11"), await passwords.hash("Bobs-Own-22")
    connection = a_file(
        tmp_path,
        "CREATE TABLE people (id INTEGER, name TEXT, stamp TEXT, email TEXT, pw TEXT)",
        f"INSERT INTO people VALUES (7, 'alice', NULL, NULL, '{alices}')",
        f"INSERT INTO people VALUES (7, 'bob', NULL, NULL, '{bobs}')",
        f"INSERT INTO people VALUES (8, 'carol', NULL, NULL, '{bobs}')",
        tables=replace(TABLES, password_column="pw"),
    )
    async with opened(connection, passwords) as store:
        with pytest.raises(UserStoreUnavailable) as refusal:
            await store.find("7")
        assert "user_store_two_entries" == refusal.value.code
        for password in ("Alices-Own-11", "Bobs-Own-22"):
            assert not await store.check_password("7", password)
        assert await store.check_password("8", "Bobs-Own-22")


@pytest.mark.parametrize("collation", ["utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_bin"])
async def test_collation_of_the_table_mixes_nobody_up(
    guarded_mariadb: GuardedMariaDB, passwords: Argon2Passwords, collation: str
) -> None:
    """R-047: letters that a collation holds for alike are other names and other values to us, also on pages."""
    database = GuardedDatabase(guarded_mariadb)
    await database.client.run(
        "CREATE TABLE people (id integer AUTO_INCREMENT PRIMARY KEY, name varchar(100), stamp varchar(40), "
        f"email varchar(100)) COLLATE {collation}"
    )
    names = ["alice", "alicé", "älice", "alice "]
    for name in names:
        await database.client.run("INSERT INTO people (name, email) VALUES (?, ?)", (name, f"{name}@x"))
    await guarded_mariadb.let(database.client, "SELECT")
    async with opened(database.connection(tables=TABLES), passwords) as store:
        for name in names:
            found = await store.find_by_name(name)
            assert found is not None
            assert name == found.name
            assert [name] == [entry.name for entry in await store.find_by_attribute("email", f"{name}@x")]
        listed: list[str] = []
        while page := await store.page(after=listed[-1] if listed else "", limit=1):
            listed += [entry.name for entry in page]
        assert sorted(names) == sorted(listed)


async def test_names_with_case_are_kept_apart(tmp_path: Path, passwords: Argon2Passwords) -> None:
    """Where the operator says that case counts, it does."""
    connection = a_file(
        tmp_path, "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, stamp TEXT, email TEXT)"
    )
    description = UserStoreDescription("ELSEWHERE", case_insensitive_usernames=False)
    async with opened(connection, passwords, description) as store:
        small, great = await store.add(new_entry("alice"), None), await store.add(new_entry("Alice"), None)
        assert [small, great] == [await store.find_by_name("alice"), await store.find_by_name("Alice")]
        assert await store.find_by_name("ALICE") is None
        assert ["Alice", "alice"] == [entry.name for entry in await store.page()]


async def test_key_column_is_written_and_read(tmp_path: Path, passwords: Argon2Passwords) -> None:
    """R-030, R-047: where the table has a column for the canonical name, it is computed by us and decides."""
    connection = a_file(
        tmp_path,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, k TEXT UNIQUE, stamp TEXT, email TEXT)",
        tables=replace(TABLES, name_key_column="k"),
    )
    async with opened(connection, passwords) as store:
        made = await store.add(new_entry("STRAßE"), None)
        assert [("STRAßE", "strasse")] == [row[1:3] for row in rows(tmp_path)]
        assert made == await store.find_by_name("Strasse")
        with pytest.raises(Conflict) as refusal:
            await store.add(new_entry("strasse"), None)
        assert "user_name" == refusal.value.what


TYPED = {
    "email_verified": ("boolean", "true", "false", "perhaps"),
    "age": ("integer", "41", "-1", "forty"),
    "birthdate": ("date", "1969-01-01", "2001-12-31", "1.1.1969"),
    "height": ("numeric(6,2)", "1.50", "2.25", "tall"),
    "device": (
        "uuid",
        "00112233-4455-6677-8899-aabbccddeeff",
        "11112233-4455-6677-8899-aabbccddeeff",
        "mine",
    ),
    "nickname": ("varchar(5)", "bob", "five5", "much too long"),
}


@pytest.mark.parametrize("name", TYPED)
async def test_columns_of_other_types_keep_texts(
    guarded_postgresql: GuardedPostgreSQL, passwords: Argon2Passwords, name: str
) -> None:
    """A value is written as the column's type has it and reads back; what it cannot be is refused."""
    kind, first, second, wrong = TYPED[name]
    database = GuardedDatabase(guarded_postgresql)
    await database.client.run(
        f"CREATE TABLE people (id serial PRIMARY KEY, name text UNIQUE, stamp text, email text, typed {kind})"
    )
    await guarded_postgresql.let(database.client, "SELECT", "INSERT", "UPDATE", "DELETE")
    tables = replace(TABLES, attributes={name: "typed"})
    async with opened(database.connection(tables=tables), passwords) as store:
        made = await store.add(new_entry("alice", **{name: first}), None)
        assert (first,) == made.attributes[name]
        await store.change(made.id, EntryChanges({name: (second,)}))
        assert [made.id] == [entry.id for entry in await store.find_by_attribute(name, second)]
        assert [] == list(await store.find_by_attribute(name, wrong))
        with pytest.raises(UserStoreRejected) as refusal:
            await store.change(made.id, EntryChanges({name: (wrong,)}))
        assert "user_store_rejects_entry" == refusal.value.code
        after = await store.find(made.id)
        assert after is not None
        assert (second,) == after.attributes[name]


async def test_value_that_would_read_back_as_two_is_refused(
    tmp_path: Path, passwords: Argon2Passwords
) -> None:
    """A separator within a value is refused; without a separator any value is kept, and only one."""
    ddl = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, stamp TEXT, email TEXT)"
    connection = a_file(tmp_path, ddl)
    async with opened(connection, passwords) as store:
        with pytest.raises(UserStoreRejected) as refusal:
            await store.add(new_entry("alice", email="a;b"), None)
        assert ("user_store_rejects_entry", "email") == (
            refusal.value.code,
            refusal.value.details["attribute"],
        )
        assert [] == rows(tmp_path)
        made = await store.add(new_entry("alice", email=("a", "b")), None)
        assert ("a", "b") == made.attributes["email"]
    plain = replace(DESCRIPTION, multi_value_separator="")
    async with opened(connection, passwords, plain) as store:
        made = await store.add(new_entry("bob", email="a;b"), None)
        assert ("a;b",) == made.attributes["email"]
        with pytest.raises(UserStoreRejected):
            await store.change(made.id, EntryChanges({"email": ("a", "b")}))
        assert made == await store.find(made.id)


@pytest.mark.parametrize(
    ("kept", "is_disabled"),
    [(1, False), (0, True), (None, True), ("true", False), ("no", True), ("active", False), ("gone", True)],
)
async def test_what_is_not_understood_is_disabled(
    tmp_path: Path, passwords: Argon2Passwords, kept: object, is_disabled: bool
) -> None:
    """R-048: only a clear yes says that an account may be used; an unknown word or nothing at all says no."""
    connection = a_file(
        tmp_path,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, stamp TEXT, email TEXT, enabled)",
        "INSERT INTO people (name) VALUES ('alice')",
        tables=replace(TABLES, enabled_column="enabled"),
    )
    with closing(sqlite3.connect(tmp_path / "people.sqlite", isolation_level=None)) as raw:
        raw.execute("UPDATE people SET enabled = ?", (kept,))
    async with opened(connection, passwords) as store:
        found = await store.find_by_name("alice")
        assert found is not None
        assert is_disabled == found.is_disabled


@pytest.mark.parametrize(
    ("kept", "until"),
    [
        (2208988800, datetime(2040, 1, 1, tzinfo=UTC)),
        ("2040-01-01T00:00:00+00:00", datetime(2040, 1, 1, tzinfo=UTC)),
        ("2040-01-01 00:00:00", datetime(2040, 1, 1, tzinfo=UTC)),
        ("some day", None),
    ],
)
async def test_lock_is_read_in_several_forms(
    tmp_path: Path, passwords: Argon2Passwords, kept: object, until: datetime | None
) -> None:
    """R-048: a moment is a number of seconds or a text; what is not understood locks for ever."""
    connection = a_file(
        tmp_path,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, stamp TEXT, email TEXT, locked)",
        "INSERT INTO people (name) VALUES ('alice'), ('bob')",
        tables=replace(TABLES, locked_until_column="locked"),
    )
    with closing(sqlite3.connect(tmp_path / "people.sqlite", isolation_level=None)) as raw:
        raw.execute("UPDATE people SET locked = ? WHERE name = 'alice'", (kept,))
    async with opened(connection, passwords) as store:
        locked, free = await store.find_by_name("alice"), await store.find_by_name("bob")
        assert locked is not None
        assert free is not None
        assert (True, until) == (locked.locked_since is not None, locked.locked_until)
        assert free.locked_since is None


async def test_tables_without_transactions_are_only_read(
    guarded_mariadb: GuardedMariaDB, passwords: Argon2Passwords
) -> None:
    """P-1: where a half write could not be undone, nothing is written."""
    database = GuardedDatabase(guarded_mariadb)
    await database.client.run(
        "CREATE TABLE people (id integer AUTO_INCREMENT PRIMARY KEY, name varchar(100), stamp varchar(40), "
        "email varchar(100)) ENGINE=MyISAM"
    )
    await database.client.run("INSERT INTO people (name) VALUES ('bob')")
    await guarded_mariadb.let(database.client, "SELECT", "INSERT", "UPDATE", "DELETE")
    async with opened(database.connection(tables=TABLES), passwords) as store:
        assert await store.find_by_name("bob") is not None
        with pytest.raises(UserStoreRejected) as refusal:
            await store.add(new_entry("alice"), None)
        assert "user_store_refuses_writes" == refusal.value.code
    assert 1 == len(await database.client.run("SELECT * FROM people"))


async def test_own_tables_are_made_once_by_several(tmp_path: Path, passwords: Argon2Passwords) -> None:
    """Tables of ours are made at the first use, and found by whoever comes later."""
    connection = SQLConnection(f"sqlite:///{tmp_path}/own.sqlite", tls=TLSMode.NONE, owns_tables=True)
    async with opened(connection, passwords) as here, opened(connection, passwords) as there:
        made = await here.add(new_entry("alice", favourite_colour="red"), "Correct-Horse-9")
        assert made == await there.find_by_name("alice")
        assert ("red",) == made.attributes["favourite_colour"]
        assert await there.check_password(made.id, "Correct-Horse-9")


async def test_file_of_somebody_else_is_not_made(tmp_path: Path, passwords: Argon2Passwords) -> None:
    """A file that is missing is a fault, unless the tables are ours to make; once it is there, it is read."""
    connection = SQLConnection(f"sqlite:///{tmp_path}/people.sqlite", tls=TLSMode.NONE, tables=TABLES)
    async with opened(connection, passwords) as store:
        with pytest.raises(UserStoreUnavailable) as fault:
            await store.find_by_name("alice")
        assert "user_store_unreachable" == fault.value.code
        assert [] == os.listdir(tmp_path)
        a_file(
            tmp_path,
            "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, stamp TEXT, email TEXT)",
            "INSERT INTO people (name) VALUES ('alice')",
        )
        assert await store.find_by_name("alice") is not None
