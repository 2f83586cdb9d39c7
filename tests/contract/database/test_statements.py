"""Statements: compiled once, and no value that a driver would have to convert."""

import pytest
from sqlalchemy import Column, DateTime, MetaData, Table, Text, bindparam, insert, select, text
from tests.contract.database import hotel
from tests.contract.database.hotel import guest, renew, require_open, room

from jitney.database.one_statement import Shapes, arguments_of
from jitney.database.statements import Dialect, Statement, Write

visits = Table("visits", MetaData(), Column("id", Text, primary_key=True), Column("at", DateTime))


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("sqlite", "SELECT rooms.id \nFROM rooms \nWHERE rooms.id = ? AND rooms.open IS 1"),
        (
            "postgresql",
            "SELECT rooms.id \nFROM rooms \nWHERE rooms.id = $1::VARCHAR AND rooms.open IS true FOR SHARE",
        ),
    ],
)
def test_a_statement_speaks_the_dialect_of_each_driver(dialect: Dialect, sql: str) -> None:
    """A requirement locks its row on PostgreSQL; on SQLite the one writer needs no lock."""
    assert sql == hotel.REQUIRE_OPEN_ROOM.sql_for(dialect)
    assert hotel.REQUIRE_OPEN_ROOM.compiled_for(dialect) is hotel.REQUIRE_OPEN_ROOM.compiled_for(dialect)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    "core",
    [insert(visits), select(visits).where(visits.c.id.in_(bindparam("ids", expanding=True)))],
)
def test_lists_and_times_are_refused(dialect: Dialect, core: object) -> None:
    """What the two drivers would convert differently is no parameter."""
    with pytest.raises(TypeError):
        Statement("visit", core).sql_for(dialect)  # pyright: ignore[reportArgumentType]


def test_text_is_no_statement() -> None:
    """SQL in a string is refused."""
    with pytest.raises(TypeError):
        Statement("text", text("SELECT 1"))


@pytest.mark.parametrize(
    ("writes", "in_one"),
    [
        ([room("r"), guest("g"), guest("h"), Write(hotel.FIND_ROOM, {"id": "x"}, ordered=False)], True),
        ([require_open("r"), guest("g")], True),
        ([require_open("r"), renew("r", seen=1)], False),
        ([renew("r", seen=1), renew("s", seen=1)], False),
        ([renew("r", seen=1)._replace(ordered=False), renew("s", seen=1)._replace(ordered=False)], True),
        ([guest("g")._replace(ordered=True), room("r")], False),
    ],
)
def test_writes_that_may_meet_are_not_put_into_one_statement(writes: list[Write], in_one: bool) -> None:
    """In one statement of PostgreSQL the second write to a row is lost, so such writes keep their order."""
    assert in_one == (Shapes().of(writes).sql is not None)


def test_one_statement_numbers_its_placeholders_through() -> None:
    """The values of all writes stand in the order of the placeholders."""
    writes = [require_open("r"), guest("g", key=b"k")]
    sql = Shapes().of(writes).sql or ""
    assert ["r", "g", "r", "g", b"k", None] == arguments_of(writes)
    assert ["$1", "$2", "$3", "$4", "$5", "$6"] == [f"${n}" for n in range(1, 9) if f"${n}::" in sql]


def test_shapes_are_bounded_and_the_oldest_is_forgotten() -> None:
    """R-151: no run of odd commits fills the memory."""
    shapes = Shapes(limit=2)
    first = shapes.of([room("r")])
    assert first is shapes.of([room("s")])
    shapes.of([guest("g")])
    shapes.of([room("r"), guest("g")])
    assert first is not shapes.of([room("r")])
