"""Commits: all or nothing, guards that have names, races that have one winner."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from tests.contract.database import hotel
from tests.contract.database.hotel import guest, renew, require_open, room

from jitney.database.database import Database
from jitney.database.faults import StatementError
from jitney.database.opening import open_database
from jitney.database.statements import Write
from jitney.errors import Conflict, InvalidInput, JitneyError

pytestmark = pytest.mark.anyio


async def outcome(database: Database, writes: Sequence[Write]) -> str:
    """``done``, or the fault's code with what it names."""
    try:
        await database.commit(writes)
    except Conflict as fault:
        return f"{fault.code} {fault.what}"
    except JitneyError as fault:
        return fault.code
    return "done"


async def ids(database: Database) -> list[str]:
    """Every room and guest that is stored."""
    rows = [*await database.fetch(hotel.ALL_ROOMS), *await database.fetch(hotel.ALL_GUESTS)]
    return [row["id"] for row in rows]


async def test_what_was_committed_is_read_at_once(database: Database) -> None:
    """A commit is visible to the next read, with booleans, numbers, bytes and null as they were given."""
    await database.commit([room("r", open=False), guest("g", key=b"\x00\xff")])
    found = await database.fetch_one(hotel.FIND_ROOM, id="r")
    (arrived,) = await database.fetch(hotel.ALL_GUESTS)
    assert found is not None
    assert (1, False, bool) == (found["version"], found["open"], type(found["open"]))
    assert (b"\x00\xff", bytes, None) == (arrived["key"], type(arrived["key"]), arrived["host_id"])


async def test_what_is_not_there_is_none(database: Database) -> None:
    """A read that finds nothing gives ``None`` or no rows."""
    assert await database.fetch_one(hotel.FIND_ROOM, id="r") is None
    assert [] == list(await database.fetch(hotel.ALL_ROOMS))


@pytest.mark.parametrize(
    ("writes", "what"),
    [
        ([room("new"), room("r")], "pk_rooms"),
        ([room("new"), guest("x", name="g")], "uq_guests_room_id_name"),
        ([room("new"), guest("x", key=b"g")], "ix_guests_key"),
        ([room("new"), guest("x", "nowhere")], "fk_guests_room_id_rooms"),
        ([room("new"), guest("x", host="nobody")], "fk_guests_host_id_guests"),
        ([room("new"), renew("r", seen=7)], "room_version"),
        ([room("new"), renew("r", seen=1), renew("r", seen=1)], "room_version"),
        ([guest("x", host="g"), require_open("shut")], "room_open"),
        ([guest("x"), Write(hotel.CLOSE_ROOM, {"id": "nowhere"}, must=1)], "close_room"),
        ([renew("r", seen=7), guest("g")], "room_version"),
        ([guest("g", name="x", key=b"x"), renew("r", seen=7)], "pk_guests"),
    ],
)
async def test_one_failing_write_undoes_all_and_is_named(
    database: Database, writes: list[Write], what: str
) -> None:
    """R-131: a commit is carried out whole or not at all, and both databases name the same guard."""
    await database.commit([room("r"), room("shut", open=False), guest("g")])
    assert f"conflict {what}" == await outcome(database, writes)
    assert await ids(database) == ["r", "shut", "g"]
    found = await database.fetch_one(hotel.FIND_ROOM, id="r")
    assert found is not None
    assert 1 == found["version"]


async def test_writes_that_build_on_each_other_are_carried_out_in_order(database: Database) -> None:
    """A later write sees what an earlier one of the same commit did."""
    remove = Write(hotel.REMOVE_GUEST, {"id": "g"}, must=1)
    await database.commit([room("r"), guest("g"), renew("r", seen=1), renew("r", seen=2), require_open("r")])
    await database.commit([remove, guest("g", name="again")])
    found = await database.fetch_one(hotel.FIND_ROOM, id="r")
    (arrived,) = await database.fetch(hotel.ALL_GUESTS)
    assert found is not None
    assert (found["version"], arrived["name"]) == (3, "again")


async def test_an_empty_commit_does_nothing(database: Database) -> None:
    """No writes are no fault."""
    assert "done" == await outcome(database, [])


async def test_a_failing_job_leaves_its_neighbours_alone(database: Database) -> None:
    """R-131: of many commits at once, exactly those fail that have a reason of their own."""
    await database.commit([room("r")])
    jobs = [[guest(f"g{n}"), renew("r", seen=7)] if n % 3 == 0 else [guest(f"g{n}")] for n in range(60)]
    outcomes = await asyncio.gather(*(outcome(database, job) for job in jobs))
    assert Counter({"done": 40, "conflict room_version": 20}) == Counter(outcomes)
    assert 41 == len(await ids(database))


async def test_of_two_hundred_who_want_one_key_exactly_one_gets_it(database: Database) -> None:
    """R-130: a race on a unique key has one winner, and every loser learns the constraint's name."""
    await database.commit([room("r")])
    race = (outcome(database, [guest(f"g{n}", name="ada"), require_open("r")]) for n in range(200))
    outcomes = await asyncio.gather(*race)
    assert Counter({"done": 1, "conflict uq_guests_room_id_name": 199}) == Counter(outcomes)
    assert 2 == len(await ids(database))


async def test_of_fifty_who_change_one_version_exactly_one_does(database: Database) -> None:
    """R-131: a change of a record that was changed meanwhile is refused, with all that came with it."""
    await database.commit([room("r")])
    race = (outcome(database, [renew("r", seen=1), room(f"new{n}")]) for n in range(50))
    outcomes = await asyncio.gather(*race)
    assert Counter({"done": 1, "conflict room_version": 49}) == Counter(outcomes)
    assert 2 == len(await ids(database))


async def test_crossing_commits_all_end_well(database: Database) -> None:
    """Commits that lock the same rows in opposite order are repeated until each is done."""
    await database.commit([room("a"), room("b")])
    close_a, close_b = (Write(hotel.CLOSE_ROOM, {"id": name}, must=1) for name in "ab")
    race = (outcome(database, [close_a, close_b] if n % 2 else [close_b, close_a]) for n in range(4))
    assert {"done"} == set(await asyncio.gather(*race))


async def test_after_a_room_is_shut_nobody_gets_in(database_url: str, database: Database) -> None:
    """R-131: who requires an open room, and who shuts it, exclude each other across connections."""
    other = await open_database(database_url, hotel.SCHEMA)
    await database.commit([room("r")])
    entering = [
        asyncio.create_task(outcome(database, [require_open("r"), guest(f"g{n}")])) for n in range(40)
    ]
    await other.commit([Write(hotel.CLOSE_ROOM, {"id": "r"}, must=1)])
    late = await outcome(database, [require_open("r"), guest("late")])
    entered = (await asyncio.gather(*entering)).count("done")
    await other.close()
    assert "conflict room_open" == late
    assert entered == len(await database.fetch(hotel.ALL_GUESTS))


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800b"])
async def test_text_that_cannot_be_stored_is_refused(database: Database, value: str) -> None:
    """A NUL or a lone surrogate is bad input on both databases, in writes and in reads."""
    assert "value_not_storable" == await outcome(database, [room("r"), room(value)])
    with pytest.raises(InvalidInput) as refusal:
        await database.fetch_one(hotel.FIND_ROOM, id=value)
    assert "value_not_storable" == refusal.value.code
    assert [] == await ids(database)


async def test_a_number_beyond_64_bits_is_refused(database: Database) -> None:
    """A number that no column holds is bad input on both databases."""
    await database.commit([room("r")])
    assert "value_not_storable" == await outcome(database, [renew("r", seen=2**63)])
    assert "done" == await outcome(database, [renew("r", seen=1)])


async def test_a_bug_is_told_without_values(database: Database) -> None:
    """No exception of a driver leaves the room, and the fault quotes no value."""
    with pytest.raises(StatementError) as fault:
        await database.commit([Write(hotel.ADD_GUEST, {**guest("secret").parameters, "name": None})])
    assert "secret" not in str(fault.value)
    assert (fault.value.__cause__, fault.value.__context__) == (None, None)


async def test_a_missing_or_unknown_parameter_is_a_bug(database: Database) -> None:
    """A statement gets exactly its parameters."""
    for parameters in ({}, {"name": "r"}, {"id": "r", "more": 1}):
        with pytest.raises(StatementError):
            await database.fetch_one(hotel.FIND_ROOM, **parameters)
    assert await database.fetch_one(hotel.FIND_ROOM, id="r") is None


async def test_a_write_is_no_read(database: Database) -> None:
    """A statement that writes is carried out by a commit alone."""
    await database.commit([room("r")])
    with pytest.raises(StatementError):
        await database.fetch(hotel.REMOVE_ROOM, id="r")
    assert await ids(database) == ["r"]
    await database.commit([Write(hotel.REMOVE_ROOM, {"id": "r"}, must=1)])
    assert [] == await ids(database)
