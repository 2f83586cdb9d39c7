"""A user of a store outside our database is found by the store's own id of its entry."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

import asyncpg
import pytest
from tests.contract.doors import Doors, opened, sql_doors
from tests.contract.records import a_user

from jitney.database.statements import Statement
from jitney.errors import InvalidInput
from jitney.model.changes import AddUser, ChangeUser, RemoveUser
from jitney.model.user import User, UserChanges, Username
from jitney.storage import known_users
from jitney.userstores import statements
from jitney.userstores.memory import MemoryUserStore
from jitney.userstores.sql import SQLUserStore

pytestmark = pytest.mark.anyio


def _of_eng(number: int, entry: str | None) -> User:
    name = f"name-{number}"
    return a_user(f"user-{number}", username=Username("ENG", name, name), entry=entry)


async def _eng(doors: Doors) -> SQLUserStore | MemoryUserStore:
    return cast("SQLUserStore | MemoryUserStore", await doors.user_stores.find("ENG"))


async def test_users_are_found_by_their_entries_all_at_once(doors: Doors) -> None:
    """R-045: records read back whole, by exactly these ids; an id that nobody has is not among the answers."""
    users = [_of_eng(number, f"Entry-{number}") for number in range(4)]
    await doors.unit_of_work.commit(*map(AddUser, [*users, _of_eng(4, None)]))
    eng = await _eng(doors)
    assert {"Entry-1": users[1], "Entry-3": users[3]} == dict(
        await eng.find_by_entries(["Entry-3", "entry-2", "Entry-1", "Entry-1", "unknown", ""])
    )
    assert {} == dict(await eng.find_by_entries([]))
    assert users[0] == await eng.find("user-0")


async def test_entry_of_a_neighbour_is_not_found(doors: Doors) -> None:
    """R-046: two directories may give the same id; each store knows its own alone."""
    await doors.unit_of_work.commit(AddUser(_of_eng(1, "7")), AddUser(a_user("user-2", entry="7")))
    primary = cast("SQLUserStore | MemoryUserStore", await doors.user_stores.find("PRIMARY"))
    assert {"7": "user-1"} == {k: u.id for k, u in (await (await _eng(doors)).find_by_entries(["7"])).items()}
    assert {"7": "user-2"} == {k: u.id for k, u in (await primary.find_by_entries(["7"])).items()}


@pytest.mark.parametrize("entry", ["\"'; --\\", "[1]", "null", "ünï 漢 𝒳", "cn=a,dc=b"])
async def test_any_id_of_an_entry_is_only_an_id(doors: Doors, entry: str) -> None:
    """R-041: an id from outside is a value wherever it goes."""
    await doors.unit_of_work.commit(AddUser(_of_eng(1, entry)), AddUser(_of_eng(2, "2")))
    found = await (await _eng(doors)).find_by_entries([entry])
    assert {entry: _of_eng(1, entry)} == dict(found)


@pytest.mark.parametrize("entry", ["a\0b", "a\ud800"])
async def test_id_that_cannot_be_stored_is_refused(tmp_path: Path, entry: str) -> None:
    """R-128: an id that no column holds is bad input and no crash, and is never cut to one that somebody has."""
    async with opened(f"sqlite:///{tmp_path / 'jitney.sqlite'}") as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(AddUser(_of_eng(1, "a")))
        eng = await _eng(doors)
        with pytest.raises(InvalidInput) as refusal:
            await eng.find_by_entries(["a", entry])
        assert "value_not_storable" == refusal.value.code
        assert {"a": _of_eng(1, "a")} == dict(await eng.find_by_entries(["a"]))


async def test_entry_stays_through_changes_and_goes_with_the_user(doors: Doors) -> None:
    """R-045: what changes on a user changes nothing of which entry it is; a removed user has none."""
    await doors.unit_of_work.commit(AddUser(_of_eng(1, "1")), AddUser(_of_eng(2, "2")))
    await doors.unit_of_work.commit(ChangeUser("user-1", 1, UserChanges(attributes={"email": ()})))
    await doors.unit_of_work.commit(RemoveUser("user-2", 1))
    found = await (await _eng(doors)).find_by_entries(["1", "2"])
    assert {"1": 2} == {entry: user.version for entry, user in found.items()}


_BY_INDEX = [(statements.FIND_BY_ENTRIES, "ix_users_domain_entry"), (known_users.PAGE, "ix_users_domain_id")]


@pytest.mark.parametrize(("statement", "index"), _BY_INDEX, ids=str)
async def test_sqlite_asks_the_index(tmp_path: Path, statement: Statement, index: str) -> None:
    """R-151: at a million users one part of the index is read, and no table from its beginning to its end."""
    file, sql = tmp_path / "jitney.sqlite", statement.sql_for("sqlite")
    async with opened(f"sqlite:///{file}"):
        with closing(sqlite3.connect(file)) as connection:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?")).fetchall()
    steps = [str(row[3]) for row in rows]
    assert any(step.startswith(f"SEARCH users USING INDEX {index} (domain=? AND ") for step in steps)
    assert [] == [step for step in steps if step.startswith(("SCAN users", "USE TEMP"))]


@pytest.mark.parametrize(("statement", "index"), _BY_INDEX, ids=str)
async def test_postgresql_can_ask_the_index(postgresql_url: str, statement: Statement, index: str) -> None:
    """R-151: PostgreSQL can answer from the index, whatever it is asked for."""
    compiled = statement.compiled_for("postgresql")
    async with opened(postgresql_url):
        connection = await asyncpg.connect(postgresql_url)
        try:
            await connection.execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
            await connection.execute(f"PREPARE asked AS {compiled.sql}")
            nulls = ", ".join(["NULL"] * len(compiled.names))
            rows = await connection.fetch(f"EXPLAIN EXECUTE asked({nulls})")
        finally:
            await connection.close()
    assert index in "\n".join(row[0] for row in rows)
