"""Databases that are busy, away, slow or careless: each has a code, and nothing is half done."""

import asyncio
import os
import resource
import sqlite3
from pathlib import Path

import asyncpg
import pytest
from tests.contract.database import hotel
from tests.contract.database.hotel import guest, renew, require_open, room
from tests.servers.postgresql import PostgreSQLServer

from jitney.database.database import Database
from jitney.database.opening import open_database
from jitney.database.postgresql import PostgreSQLDatabase
from jitney.database.sqlite import SQLiteDatabase
from jitney.database.statements import Write
from jitney.errors import Conflict, Misconfigured, Overloaded

pytestmark = pytest.mark.anyio

CLOSE = Write(hotel.CLOSE_ROOM, {"id": "r"}, must=1)
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


async def guests(database: Database) -> list[str]:
    """The names of all guests."""
    return [row["id"] for row in await database.fetch(hotel.ALL_GUESTS)]


async def refused(database: Database, *writes: Write) -> str:
    """The code with which these writes are refused."""
    with pytest.raises(Overloaded) as fault:
        await database.commit(writes)
    assert (fault.value.__cause__, fault.value.__context__) == (None, None)
    return fault.value.code


async def until_somebody_waits(
    connection: "asyncpg.Connection[asyncpg.Record]", *, how_many: int = 1
) -> None:
    """Return when that many transactions wait for a lock."""
    while await connection.fetchval(WAITING) < how_many:  # noqa: ASYNC110 (only the server knows)
        await asyncio.sleep(0)


async def test_a_sqlite_lock_that_is_held_too_long_is_reported_as_busy(tmp_path: Path) -> None:
    """R-151: who cannot get the write lock in time is sent away, and may come again."""
    path = tmp_path / "hotel.sqlite"
    database = await SQLiteDatabase.open(path, hotel.SCHEMA, patience=0.05)
    await database.migrate()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "database_busy" == await refused(database, room("r"))
    other.execute("ROLLBACK")
    assert [] == list(await database.fetch(hotel.ALL_ROOMS))
    await database.commit([room("r")])
    assert [row["id"] for row in await database.fetch(hotel.ALL_ROOMS)] == ["r"]
    other.close()
    await database.close()


async def test_a_full_sqlite_queue_sheds(tmp_path: Path) -> None:
    """R-151: the queue of commits is bounded; what does not fit is refused before any work."""
    path = tmp_path / "hotel.sqlite"
    database = await SQLiteDatabase.open(path, hotel.SCHEMA, waiting=3)
    await database.migrate()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = [asyncio.create_task(database.commit([room(name)])) for name in "abc"]
    await asyncio.sleep(0)
    assert "database_busy" == await refused(database, room("d"))
    other.execute("ROLLBACK")
    await asyncio.gather(*waiting)
    assert [row["id"] for row in await database.fetch(hotel.ALL_ROOMS)] == ["a", "b", "c"]
    other.close()
    await database.close()


async def test_a_full_disk_acknowledges_nothing(tmp_path: Path) -> None:
    """R-132: a commit that cannot be written is not acknowledged; the next succeeds when there is room."""
    path = tmp_path / "hotel.sqlite"
    database = await SQLiteDatabase.open(path, hotel.SCHEMA)
    await database.migrate()
    await database.commit([room("r")])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (os.stat(f"{path}-wal").st_size, hard))
    try:
        assert "database_commit_unknown" == await refused(database, guest("g"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [] == await guests(database)
    await database.commit([guest("h")])
    assert await guests(database) == ["h"]
    await database.close()


async def test_who_gives_up_waiting_is_not_carried_out(tmp_path: Path) -> None:
    """R-152: a commit that is abandoned before its turn leaves nothing."""
    path = tmp_path / "hotel.sqlite"
    database = await SQLiteDatabase.open(path, hotel.SCHEMA)
    await database.migrate()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    kept, abandoned = (asyncio.create_task(database.commit([room(name)])) for name in "ab")
    await asyncio.sleep(0)
    abandoned.cancel()
    other.execute("ROLLBACK")
    await kept
    assert [row["id"] for row in await database.fetch(hotel.ALL_ROOMS)] == ["a"]
    other.close()
    await database.close()


async def test_closing_finishes_what_was_begun(database_url: str) -> None:
    """R-152: commits that wait when the database is closed are durable; later ones are refused."""
    database = await open_database(database_url, hotel.SCHEMA)
    await database.migrate()
    waiting = [asyncio.create_task(database.commit([room(f"r{n:02}")])) for n in range(20)]
    await asyncio.sleep(0)
    await database.close()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    again = await open_database(database_url, hotel.SCHEMA)
    stored = len(await again.fetch(hotel.ALL_ROOMS))
    await again.close()
    assert "database_unavailable" == await refused(database, room("late"))
    assert stored == done.count(None)


async def test_a_held_row_lets_the_update_wait(postgresql_url: str) -> None:
    """R-131: a requirement holds its row until the commit; who changes it waits, and none passes later."""
    database = await open_database(postgresql_url, hotel.SCHEMA)
    await database.migrate()
    await database.commit([room("r")])
    other = await asyncpg.connect(postgresql_url)
    async with other.transaction():
        await other.execute(hotel.REQUIRE_OPEN_ROOM.sql_for("postgresql"), "r")
        await other.execute("INSERT INTO guests (id, room_id, name, key) VALUES ('g', 'r', 'g', 'g')")
        closing = asyncio.create_task(database.commit([CLOSE]))
        observer = await asyncpg.connect(postgresql_url)
        await until_somebody_waits(observer)
        assert not closing.done()
    await closing
    with pytest.raises(Conflict) as refusal:
        await database.commit([require_open("r"), guest("late")])
    assert "room_open" == refusal.value.what
    assert await guests(database) == ["g"]
    await observer.close()
    await other.close()
    await database.close()


@pytest.mark.parametrize(
    ("meanwhile", "writes", "what"),
    [
        ("UPDATE rooms SET open = false", [require_open("r"), guest("x")], "room_open"),
        ("UPDATE rooms SET version = 2", [guest("x"), renew("r", seen=1)], "room_version"),
        (
            "INSERT INTO guests VALUES ('g', 'r', 'x', 'g', NULL)",
            [room("n"), guest("x")],
            "uq_guests_room_id_name",
        ),
        ("DELETE FROM rooms", [guest("x")], "fk_guests_room_id_rooms"),
    ],
)
async def test_who_waited_decides_by_what_is_there_then(
    postgresql_url: str, meanwhile: str, writes: list[Write], what: str
) -> None:
    """R-131: a commit that waits for another one judges by the other's outcome, not by what it saw before."""
    database = await open_database(postgresql_url, hotel.SCHEMA)
    await database.migrate()
    await database.commit([room("r")])
    other, observer = await asyncpg.connect(postgresql_url), await asyncpg.connect(postgresql_url)
    async with other.transaction():
        await other.execute(meanwhile)
        waiting = asyncio.create_task(database.commit(writes))
        await until_somebody_waits(observer)
    with pytest.raises(Conflict) as refusal:
        await waiting
    assert what == refusal.value.what
    assert "x" not in await guests(database)
    for each in (other, observer, database):
        await each.close()


async def test_a_postgresql_lock_that_is_held_too_long_is_reported_as_busy(postgresql_url: str) -> None:
    """R-140, R-151: waiting for a lock or for a connection has an end, and a limit on how many wait."""
    database = await PostgreSQLDatabase.open(
        postgresql_url, hotel.SCHEMA, connections=1, waiting=1, deadline=0.5
    )
    await database.migrate()
    await database.commit([room("r")])
    other = await asyncpg.connect(postgresql_url)
    async with other.transaction():
        await other.execute("UPDATE rooms SET version = 2")
        holds_the_connection = asyncio.create_task(refused(database, CLOSE))
        await until_somebody_waits(other)
        waits = asyncio.create_task(database.fetch(hotel.ALL_ROOMS))
        await asyncio.sleep(0)
        assert "database_busy" == await refused(database, room("shed"))
        assert "database_busy" == await holds_the_connection
        await asyncio.wait([waits])
        waits.exception()
    await database.commit([CLOSE])
    assert [row["id"] for row in await database.fetch(hotel.ALL_ROOMS)] == ["r"]
    await other.close()
    await database.close()


async def test_a_connection_lost_while_committing_leaves_the_outcome_open(postgresql_url: str) -> None:
    """R-132: an answer that never came is told as unknown; the next commit has a new connection."""
    database = await open_database(postgresql_url, hotel.SCHEMA)
    await database.migrate()
    await database.commit([room("r")])
    other = await asyncpg.connect(postgresql_url)
    async with other.transaction():
        await other.execute("UPDATE rooms SET version = 2")
        waiting = asyncio.create_task(refused(database, guest("g"), CLOSE))
        await until_somebody_waits(other)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )
        assert "database_commit_unknown" == await waiting
    await database.commit([guest("h"), CLOSE])
    assert await guests(database) == ["h"]
    await other.close()
    await database.close()


async def test_a_server_that_is_away_is_reported_and_found_again(
    postgresql_server: PostgreSQLServer, postgresql_url: str
) -> None:
    """R-140: while the server is down, reads and commits are refused; when it is back, they work again."""
    database = await open_database(postgresql_url, hotel.SCHEMA)
    await database.migrate()
    await database.commit([room("r")])
    postgresql_server.stop(at_once=True)
    try:
        assert await refused(database, room("s")) in {"database_unavailable", "database_commit_unknown"}
        assert "database_unavailable" == await refused(database, room("s"))
        with pytest.raises(Overloaded) as fault:
            await database.fetch(hotel.ALL_ROOMS)
        assert "database_unavailable" == fault.value.code
        with pytest.raises(Overloaded) as fault:
            await open_database(postgresql_url, hotel.SCHEMA)
        assert "database_unavailable" == fault.value.code
    finally:
        await asyncio.to_thread(postgresql_server.start)
    assert [row["id"] for row in await database.fetch(hotel.ALL_ROOMS)] == ["r"]
    await database.commit([room("s")])
    await database.close()


async def test_a_read_survives_connections_that_died(postgresql_url: str) -> None:
    """R-140: a connection that the server cut while it was idle costs a read nothing but a second try."""
    database = await open_database(postgresql_url, hotel.SCHEMA)
    await database.migrate()
    await database.commit([room("r")])
    other = await asyncpg.connect(postgresql_url)
    await other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jitney'"
    )
    assert [row["id"] for row in await database.fetch(hotel.ALL_ROOMS)] == ["r"]
    await other.close()
    await database.close()


async def test_a_database_that_keeps_its_word_passes_the_check(database: Database) -> None:
    """R-146: what we open ourselves is durable, and its schema current."""
    assert [] == list(await database.check())


async def test_a_schema_that_is_not_current_is_found(database_url: str) -> None:
    """R-146: a database that was never migrated does not pass the check."""
    database = await open_database(database_url, hotel.SCHEMA)
    findings = [finding.code for finding in await database.check()]
    await database.close()
    assert findings == ["schema_not_current"]


async def test_a_server_that_may_lose_commits_is_found(
    postgresql_server: PostgreSQLServer, postgresql_url: str
) -> None:
    """R-146: a server that confirms before it has written does not pass the check."""
    name = postgresql_url.rpartition("/")[2]
    postgresql_server.run_sql("postgres", f"ALTER DATABASE {name} SET synchronous_commit = off")
    database = await open_database(postgresql_url, hotel.SCHEMA)
    await database.migrate()
    findings = [finding.code for finding in await database.check()]
    await database.close()
    assert findings == ["synchronous_commit_off"]


async def test_a_sqlite_file_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    """The file and its log hold secrets, so nobody else may read them."""
    database = await SQLiteDatabase.open(tmp_path / "hotel.sqlite", hotel.SCHEMA)
    await database.migrate()
    modes = [oct(os.stat(tmp_path / name).st_mode & 0o777) for name in os.listdir(tmp_path)]
    await database.close()
    assert {"0o600"} == set(modes)


@pytest.mark.parametrize("url", ["", "mysql://h/d", "sqlite://", "sqlite:///", "/var/lib/hotel.sqlite"])
async def test_an_unknown_url_is_misconfigured(url: str) -> None:
    """A URL that names no database of ours is refused with the setting's path."""
    with pytest.raises(Misconfigured) as fault:
        await open_database(url, hotel.SCHEMA)
    assert (fault.value.code, fault.value.path) == ("database_url_unknown", "database.url")


async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    """A file in a folder that is not there, and a file that is no database, are reported by their code."""
    (tmp_path / "text").write_text("no database, and long enough to be taken for one " * 100)
    for name in ("nowhere/hotel.sqlite", "text"):
        with pytest.raises(Overloaded) as fault:
            await open_database(f"sqlite:///{tmp_path / name}", hotel.SCHEMA)
        assert "database_unavailable" == fault.value.code
