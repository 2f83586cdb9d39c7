"""Databases that are read-only, forbidden, full or busy: each has a code, and nothing is half written."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncmy
import asyncpg
import pytest
from tests.contract.entry_store.guarded import GuardedDatabase
from tests.contract.entry_store.opened import opened, refused
from tests.contract.entry_store.people import new_entry
from tests.contract.entry_store.sql_kinds import MAPPED

from jitney.errors import (
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.entry import EntryChanges
from jitney.model.user_store_record import SQLConnection
from jitney.userstores.entries_sql.store import SQLEntryStore
from jitney.userstores.passwords import Argon2Passwords

pytestmark = pytest.mark.anyio


Verb = Callable[[SQLEntryStore, str, str], Any]
WRITES: dict[str, Verb] = {
    "add": lambda store, _id, _stamp: store.add(new_entry("bob", groups=("staff",)), "Correct-Horse-9"),
    "change": lambda store, key, _stamp: store.change(key, EntryChanges({"email": ("new@example.org",)})),
    "join": lambda store, key, _stamp: store.change(key, EntryChanges(groups_joined=("guests",))),
    "set_password": lambda store, key, _stamp: store.set_password(key, "Correct-Horse-9"),
    "remove": lambda store, key, stamp: store.remove(key, stamp),
}


async def a_bad_time(
    database: GuardedDatabase, passwords: Argon2Passwords, code: str, verb: str, connection: SQLConnection
) -> None:
    """A write is refused with the code and changes nothing, while reading works."""
    new = new_entry("alice")
    async with opened(connection, passwords) as store:
        found = await store.find_by_name("alice")
        assert found is not None
        before = await database.people()
        attempt = WRITES[verb](store, found.id, found.stamp or new.stamp)
        assert code == await refused(attempt, UserStoreRejected)
        assert before == await database.people()
        assert found == await store.find(found.id)


@pytest.mark.parametrize("verb", WRITES)
async def test_writes_to_a_read_only_server_are_refused(
    database: GuardedDatabase, passwords: Argon2Passwords, verb: str
) -> None:
    """A replica or a server that was set to reading takes no write of any kind, and is read as before."""
    async with opened(database.connection(), passwords) as store:
        await store.add(new_entry("alice"), None)
    await database.guarded.refuse_writes(database.client, refuses=True)
    try:
        await a_bad_time(database, passwords, "user_store_refuses_writes", verb, database.connection())
    finally:
        await database.guarded.refuse_writes(database.client, refuses=False)


@pytest.mark.parametrize("verb", WRITES)
async def test_writes_without_the_right_are_refused(
    database: GuardedDatabase, passwords: Argon2Passwords, verb: str
) -> None:
    """An account that may only read is told so, and changes nothing."""
    async with opened(database.connection(), passwords) as store:
        await store.add(new_entry("alice"), None)
    await database.guarded.let(database.client, "SELECT")
    await a_bad_time(database, passwords, "user_store_permission_denied", verb, database.connection())


@pytest.mark.parametrize("verb", WRITES)
async def test_rows_without_a_stamp_are_only_read(
    database: GuardedDatabase, passwords: Argon2Passwords, verb: str
) -> None:
    """P-4: where no column tells our rows from others', none is written."""
    async with opened(database.connection(), passwords) as store:
        await store.add(new_entry("alice"), None)
    connection = database.connection(tables=replace(MAPPED, stamp_column=None))
    if verb == "remove":
        async with opened(connection, passwords) as store:
            found = await store.find_by_name("alice")
            assert found is not None
            assert not await store.remove(found.id, "any stamp")
            assert found == await store.find(found.id)
        return
    await a_bad_time(database, passwords, "user_store_refuses_writes", verb, connection)


async def test_groups_are_written_only_where_the_operator_says_so(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """Groups that we may not write are neither joined nor left, and those that we may not read are not shown."""
    async with opened(database.connection(), passwords) as store:
        made = await store.add(new_entry("alice", groups=("staff",)), None)
    before = await database.people()
    async with opened(database.connection(groups_may_be_written=False), passwords) as store:
        for changes in (EntryChanges(groups_joined=("guests",)), EntryChanges(groups_left=("staff",))):
            attempt = store.change(made.id, changes)
            assert "user_store_refuses_writes" == await refused(attempt, UserStoreRejected)
    assert before == await database.people()
    async with opened(database.connection(groups_may_be_read=False), passwords) as store:
        shown = await store.find(made.id)
        assert (made.groups, ()) == (("staff",), shown.groups if shown else None)
        assert frozenset() == await store.find_groups(["staff"])


RAISED = {
    "postgresql": {
        "user_store_full": "53100", "user_store_rejects_entry": "23514", "user_store_permission_denied": "42501",
        "user_store_refuses_writes": "25006",
    },
    "mariadb": {
        "user_store_full": "1021", "user_store_rejects_entry": "4025", "user_store_permission_denied": "1142",
        "user_store_refuses_writes": "1290",
    },
}  # fmt: skip
RAISED_BUSY = {"postgresql": "40P01", "mariadb": "1213"}


async def raises(database: GuardedDatabase, number: str) -> None:
    """Let the database raise an error of its own, by a trigger, whenever a person is added."""
    if database.guarded.dialect == "postgresql":
        await database.client.run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{number}'; END $$"
        )
        await database.client.run(
            'CREATE TRIGGER refuse BEFORE INSERT ON "Staff Members" FOR EACH ROW EXECUTE FUNCTION refuse()'
        )
    else:
        await database.client.run(
            'CREATE TRIGGER refuse BEFORE INSERT ON "Staff Members" FOR EACH ROW '
            f"SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {number}"
        )


@pytest.mark.parametrize("code", RAISED["postgresql"])
async def test_refusal_of_the_database_has_a_code(
    database: GuardedDatabase, passwords: Argon2Passwords, code: str
) -> None:
    """Full, forbidden, read-only, or against a rule: each is a refusal of its own, and nothing is left behind."""
    await raises(database, RAISED[database.guarded.dialect][code])
    async with opened(database.connection(), passwords) as store:
        attempt = store.add(new_entry("alice", groups=("staff",)), "Correct-Horse-9")
        assert code == await refused(attempt, UserStoreRejected)
    assert [] == await database.people()


async def test_deadlock_is_busy(database: GuardedDatabase, passwords: Argon2Passwords) -> None:
    """What the database asks to be tried again is busy, and nothing was changed."""
    await raises(database, RAISED_BUSY[database.guarded.dialect])
    async with opened(database.connection(), passwords) as store:
        assert "user_store_busy" == await refused(store.add(new_entry("alice"), None), UserStoreUnavailable)
    assert [] == await database.people()


async def test_lock_that_is_held_too_long_is_busy(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """Who waits for a row that somebody else holds is sent away in time, and may come again."""
    async with opened(database.connection(read_seconds=2), passwords) as store:
        made = await store.add(new_entry("alice"), None)
        before = await database.people()
        async with holding(database):
            attempt = store.change(made.id, EntryChanges({"email": ("new@example.org",)}))
            assert "user_store_busy" == await refused(attempt, UserStoreUnavailable)
        assert before == await database.people()
        await store.change(made.id, EntryChanges({"email": ("new@example.org",)}))


@asynccontextmanager
async def holding(database: GuardedDatabase) -> AsyncIterator[None]:
    """Hold the rows of all people, as another program would in the middle of its work."""
    sql = 'SELECT * FROM "Staff Members" FOR UPDATE'
    if database.guarded.dialect == "postgresql":
        connection = await asyncpg.connect(database.client.url)
        async with connection.transaction():
            await connection.execute(sql)
            yield
        await connection.close()
        return
    server = database.guarded.server
    connection = await asyncmy.connect(
        host="127.0.0.1", port=server.port, user=server.user, password=server.password, db=database.name
    )
    async with connection.cursor() as cursor:
        await cursor.execute(sql.replace('"', "`"))
        yield
        await cursor.execute("ROLLBACK")
    connection.close()


async def test_account_without_a_connection_left_is_busy(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """R-151: a server that has no connection left for us is busy, not gone."""
    await database.guarded.admit(database.client, 1)
    try:
        async with opened(database.connection(), passwords) as first:
            await first.find("1")
            async with opened(database.connection(), passwords) as second:
                assert "user_store_busy" == await refused(second.find("1"), UserStoreUnavailable)
            assert await first.find("1") is None
    finally:
        await database.guarded.admit(database.client, -1)
