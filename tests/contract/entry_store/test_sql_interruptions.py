"""Databases that fall silent or break off in the middle: what was done is known, or said to be unknown."""

import asyncio

import pytest
from tests.contract.entry_store.guarded import GuardedDatabase
from tests.contract.entry_store.opened import opened, refused
from tests.contract.entry_store.people import new_entry
from tests.servers.tcp_shim import TcpShim

from jitney.errors import (
    StoreUnanswered,
    UserStoreUnavailable,
)
from jitney.model.entry import EntryChanges
from jitney.userstores.passwords import Argon2Passwords

pytestmark = pytest.mark.anyio


def commits(request: bytes) -> bool:
    """Say whether this is the commit itself, as either driver says it."""
    return request.endswith((b"COMMIT", b"COMMIT;\0"))


async def test_slow_answer_is_given_up_and_changes_nothing(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """R-043: a read or a write that is not answered in time is given up, and was not done; the next one works."""
    async with TcpShim(database.guarded.port) as shim:
        async with opened(database.connection(port=shim.port, read_seconds=0.5), passwords) as store:
            assert await store.find_by_name("alice") is None
            shim.black_hole()
            assert "user_store_timed_out" == await refused(store.find_by_name("alice"), UserStoreUnavailable)
        shim.pass_through()
        async with opened(database.connection(port=shim.port, read_seconds=0.5), passwords) as store:
            assert await store.find_by_name("alice") is None
            shim.black_hole()
            attempt = store.add(new_entry("alice"), "Correct-Horse-9")
            assert "user_store_timed_out" == await refused(attempt, UserStoreUnavailable)
        shim.pass_through()
        assert [] == await database.people()
        async with opened(database.connection(port=shim.port), passwords) as store:
            await store.add(new_entry("alice"), "Correct-Horse-9")


async def test_connection_that_died_in_the_pool_is_replaced(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """A server that was restarted since is found again without a fault, for reading and for writing."""
    async with (
        TcpShim(database.guarded.port) as shim,
        opened(database.connection(port=shim.port), passwords) as store,
    ):
        new = new_entry("alice")
        await store.add(new, None)
        shim.cut()
        assert await store.find_made("alice", new.stamp) is not None
        shim.cut()
        await store.add(new_entry("bob"), None)
    assert ["alice", "bob"] == [row[1] for row in await database.people()]


async def test_more_at_once_than_the_pool_holds_is_shed(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """R-151: the pool is bounded, and who finds it empty for too long is told that the store is busy."""
    async with TcpShim(database.guarded.port) as shim:
        small = database.connection(port=shim.port, pool_size=1, connect_seconds=0.3, read_seconds=3)
        async with opened(small, passwords) as store:
            await store.find_by_name("alice")
            shim.black_hole()
            hanging = asyncio.create_task(store.find_by_name("alice"))
            await shim.wait_until_struck()
            assert "user_store_busy" == await refused(store.find_by_name("bob"), UserStoreUnavailable)
            assert "user_store_timed_out" == await refused(hanging, UserStoreUnavailable)


async def test_lost_answer_to_a_commit_is_unknown(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """P-2, C26: a commit whose answer is lost is neither yes nor no; looking, and trying again, find one entry."""
    new = new_entry("alice", groups=("staff",))
    async with (
        TcpShim(database.guarded.port) as shim,
        opened(database.connection(port=shim.port), passwords) as store,
    ):
        assert await store.find_by_name("alice") is None
        shim.swallow_answers(commits)
        attempt = store.add(new, "Correct-Horse-9")
        assert "user_store_unanswered" == await refused(attempt, StoreUnanswered)
        shim.pass_through()
        found = await store.find_made("alice", new.stamp)
        assert found is not None
        assert found == await store.add(new, None)
        assert (("staff",), True) == (found.groups, await store.check_password(found.id, "Correct-Horse-9"))
    assert 2 == len(await database.people())


async def test_silence_about_a_commit_is_unknown(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """P-2: a commit that is not answered in time is unknown too, for changing and for removing as for adding."""
    async with TcpShim(database.guarded.port) as shim:
        async with opened(database.connection(port=shim.port), passwords) as store:
            new = new_entry("alice")
            made = await store.add(new, None)
        for write in (
            lambda store: store.add(new_entry("bob"), None),
            lambda store: store.change(made.id, EntryChanges({"email": ("a@example.org",)})),
            lambda store: store.set_password(made.id, "Correct-Horse-9"),
            lambda store: store.remove(made.id, new.stamp),
        ):
            async with opened(database.connection(port=shim.port), passwords) as store:
                await store.find("1")
                shim.swallow_answers(commits)
                assert "user_store_unanswered" == await refused(write(store), StoreUnanswered)
                shim.pass_through()
    assert ["bob"] == [row[1] for row in await database.people()]
