"""Users are found by a value of theirs: quickly, in their own store alone, and by nothing that only looks alike."""

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from tests.contract.doors import Doors, opened
from tests.contract.records import ACME, a_user

from jitney.database.statements import Statement
from jitney.model.changes import AddUser, ChangeUser, RemoveUser
from jitney.model.user import AttributeValue, UserChanges, Username
from jitney.userstores import statements

pytestmark = pytest.mark.anyio

LONG = "x" * 3000


@pytest.fixture
def doors(doors_of_any_kind: Doors) -> Doors:
    """Doors whose PRIMARY is of each kind."""
    return doors_of_any_kind


def _with(number: int, *values: str, attribute: str = "email", domain: str = "PRIMARY") -> AddUser:
    """A user ``user-<number>`` whose attribute has these values."""
    name = f"name-{number}"
    held = {attribute: tuple(AttributeValue(value, ACME) for value in values)}
    return AddUser(a_user(f"user-{number}", username=Username(domain, name, name), attributes=held))


async def _found(doors: Doors, value: str, attribute: str = "email", limit: int = 2) -> list[str]:
    users = await doors.primary.find_by_attribute(attribute, value, limit=limit)
    return [user.id for user in users]


@pytest.mark.parametrize("attribute", ["email", "employee number", "given_name"])
async def test_user_is_found_by_any_of_its_values(doors: Doors, attribute: str) -> None:
    """R-006: every value of the attribute counts, ASCII letters compare without case, and the user is whole."""
    await doors.unit_of_work.commit(
        _with(1, "Ada@Example.org", "ada@second.example", "ADA@EXAMPLE.ORG", attribute=attribute),
        _with(2, "bob@example.org", attribute=attribute),
        _with(3, "ada@example.org", attribute="another"),
    )
    whole = await doors.primary.find("user-1")
    for value in ("ada@example.org", "ADA@example.ORG", "ada@SECOND.example"):
        assert [whole] == list(await doors.primary.find_by_attribute(attribute, value))
    assert [] == await _found(doors, "ada@example", attribute)
    assert [] == await _found(doors, "", attribute)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("ärger@example.org", "Ärger@example.org"),
        ("ada@example.org", "аda@example.org"),
        ("ada@example.org", "ada@example.org "),
        ("ada@example.org", "a_a@example.org"),
        ("ada@example.org", "%"),
        ("strasse@example.org", "straße@example.org"),
        ("kelvin@example.org", "\u212aelvin@example.org"),
        (f"{LONG}1", f"{LONG}2"),
    ],
)
async def test_value_that_only_looks_alike_finds_nobody(doors: Doors, stored: str, asked: str) -> None:
    """R-006, R-047: what differs beyond the case of ASCII letters is another value; the same value is found."""
    await doors.unit_of_work.commit(_with(1, stored))
    assert [] == await _found(doors, asked)
    assert ["user-1"] == await _found(doors, stored)


async def test_two_who_share_a_value_are_both_found_in_the_order_of_their_names(doors: Doors) -> None:
    """R-006: that a match is not the only one is seen, always in the same order, and never more than asked for."""
    for number in (3, 1, 2):
        await doors.unit_of_work.commit(_with(number, "shared@example.org", f"own-{number}@example.org"))
    assert ["user-1", "user-2"] == await _found(doors, "SHARED@example.org")
    assert ["user-1", "user-2", "user-3"] == await _found(doors, "shared@example.org", limit=50)
    assert ["user-1"] == await _found(doors, "shared@example.org", limit=1)
    assert [] == await _found(doors, "shared@example.org", limit=-1)


async def test_neighbour_store_is_not_looked_into(doors: Doors) -> None:
    """R-046: somebody of another store neither answers nor makes a match ambiguous."""
    await doors.unit_of_work.commit(_with(1, "ada@example.org"), _with(2, "ada@example.org", domain="ENG"))
    assert ["user-1"] == await _found(doors, "ada@example.org")
    eng = await doors.user_stores.find("ENG")
    assert eng is not None
    assert ["user-2"] == [user.id for user in await eng.find_by_attribute("email", "ada@example.org")]
    assert await doors.primary.find_repeated("email") is None


async def test_value_that_is_gone_finds_nobody(doors: Doors) -> None:
    """R-006: a changed value and a removed user are not found by what was."""
    await doors.unit_of_work.commit(_with(1, "old@example.org"), _with(2, "bob@example.org"))
    new = UserChanges(attributes={"email": (AttributeValue("new@example.org", ACME),)})
    await doors.unit_of_work.commit(ChangeUser("user-1", 1, new))
    await doors.unit_of_work.commit(RemoveUser("user-2", 1))
    assert [] == await _found(doors, "old@example.org")
    assert ["user-1"] == await _found(doors, "new@example.org")
    assert [] == await _found(doors, "bob@example.org")


@pytest.mark.parametrize("attribute", ["email", "employee number", "given_name"])
async def test_value_that_two_users_share_is_named(doors: Doors, attribute: str) -> None:
    """jit.md 6: an attribute identifies nobody where two share a value; one user may hold it twice."""
    await doors.unit_of_work.commit(
        _with(1, "a@example.org", "A@example.org", attribute=attribute),
        _with(2, "Shared@example.org", attribute=attribute),
        _with(3, "zzz@example.org", attribute=attribute),
        _with(4, "a@example.org", attribute="another"),
    )
    assert await doors.primary.find_repeated(attribute) is None
    assert await doors.primary.find_repeated("never given") is None
    await doors.unit_of_work.commit(_with(5, "b@example.org", "sharED@example.org", attribute=attribute))
    assert "shared@example.org" == await doors.primary.find_repeated(attribute)


async def test_long_values_that_begin_alike_are_told_apart(doors: Doors) -> None:
    """R-006: beyond what the index knows of a value the whole of it is compared."""
    await doors.unit_of_work.commit(*(_with(number, f"{LONG}{number}") for number in range(3)))
    assert await doors.primary.find_repeated("email") is None
    await doors.unit_of_work.commit(_with(3, f"{LONG.upper()}1"))
    assert f"{LONG}1" == await doors.primary.find_repeated("email")
    assert ["user-1", "user-3"] == await _found(doors, f"{LONG}1")


async def test_shared_value_is_found_behind_many_pages_of_values(doors: Doors) -> None:
    """jit.md 6: however many values there are, and across the end of every page, the shared one is found."""
    many = [f"{number:04}@example.org" for number in range(1100)]
    await doors.unit_of_work.commit(_with(1, *many), _with(2, "9999@example.org"))
    assert await doors.primary.find_repeated("email") is None
    await doors.unit_of_work.commit(_with(3, many[999]))
    assert many[999] == await doors.primary.find_repeated("email")


_BY_INDEX = [statements.FIND_BY_INDEXED_VALUE, statements.PAGE_OF_VALUES]


@pytest.mark.parametrize("statement", _BY_INDEX, ids=repr)
async def test_sqlite_asks_the_index(tmp_path: Path, statement: Statement) -> None:
    """R-151: at a million users one part of the index is read, and no table from its beginning to its end."""
    file, sql = tmp_path / "jitney.sqlite", statement.sql_for("sqlite")
    async with opened(f"sqlite:///{file}"):
        with closing(sqlite3.connect(file)) as connection:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?")).fetchall()
    steps = [str(row[3]) for row in rows]
    assert any("ix_user_attributes_lookup (name=? AND <expr>" in step for step in steps)
    assert [] == [step for step in steps if step.startswith("SCAN")]


@pytest.mark.parametrize("statement", _BY_INDEX, ids=repr)
async def test_postgresql_asks_the_index(postgresql_url: str, statement: Statement) -> None:
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
    plan = "\n".join(row[0] for row in rows)
    assert "ix_user_attributes_lookup" in plan
    assert "(lower(substr(value, 1, 200))" in plan[plan.index("Index Cond") :]
