"""Tables that are not what they were, or that do what we did not ask: nothing is half written."""

import asyncio

import pytest
from tests.contract.entry_store.guarded import GuardedDatabase, GuardedPostgreSQL
from tests.contract.entry_store.opened import opened, refused
from tests.contract.entry_store.people import new_entry
from tests.servers.tcp_shim import TcpShim

from jitney.errors import (
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.userstores.passwords import Argon2Passwords

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("spoil", "mend", "code", "details"),
    [
        (
            'ALTER TABLE "Staff Members" RENAME COLUMN "e-mail" TO "mail"',
            'ALTER TABLE "Staff Members" RENAME COLUMN "mail" TO "e-mail"',
            "user_store_column_missing",
            {"table": "Staff Members", "column": "e-mail"},
        ),
        (
            'ALTER TABLE "team members" RENAME TO "members"',
            'ALTER TABLE "members" RENAME TO "team members"',
            "user_store_table_missing",
            {"table": "team members"},
        ),
    ],
)
async def test_missing_column_is_named(
    database: GuardedDatabase,
    passwords: Argon2Passwords,
    spoil: str,
    mend: str,
    code: str,
    details: dict[str, str],
) -> None:
    """A table or a column that is missing is named for the operator, and found once it is mended."""
    async with opened(database.connection(), passwords) as running:
        await running.add(new_entry("alice"), None)
        before = await database.people() if "column" in details else None
        await database.client.run(spoil)
        async with opened(database.connection(), passwords) as fresh:
            with pytest.raises(UserStoreUnavailable) as fault:
                await fresh.find_by_name("alice")
        assert (code, details) == (fault.value.code, dict(fault.value.details))
        assert code == await refused(running.find_by_name("alice"), UserStoreUnavailable)
        with pytest.raises(UserStoreUnavailable) as later:
            await running.add(new_entry("bob"), None)
        assert (code, details) == (later.value.code, dict(later.value.details))
        await database.client.run(mend)
        assert await running.find_by_name("alice") is not None
        assert before is None or before == await database.people()


async def test_row_that_a_trigger_has_changed_is_not_kept(
    guarded_postgresql: GuardedPostgreSQL, passwords: Argon2Passwords
) -> None:
    """R-045: what does not read back under its name and stamp is undone: nobody could find it again."""
    database = GuardedDatabase(guarded_postgresql)
    await database.make()
    await database.client.run(
        "CREATE FUNCTION rename() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.login = 'x-' || NEW.login; RETURN NEW; END $$"
    )
    await database.client.run(
        'CREATE TRIGGER rename BEFORE INSERT ON "Staff Members" FOR EACH ROW EXECUTE FUNCTION rename()'
    )
    async with opened(database.connection(), passwords) as store:
        attempt = store.add(new_entry("alice"), "Correct-Horse-9")
        assert "user_store_rejects_entry" == await refused(attempt, UserStoreRejected)
    assert [] == await database.people()


async def test_without_a_unique_index_one_of_many_gets_the_name(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """R-047: where no constraint keeps names apart, a lock of the name does, between all processes of ours."""
    await database.client.run(
        'DROP INDEX "one name"' + (' ON "Staff Members"' if database.guarded.dialect == "mariadb" else "")
    )
    async with (
        opened(database.connection(), passwords) as here,
        opened(database.connection(), passwords) as there,
    ):
        wanted = [new_entry("alice" if number % 2 else "Alice") for number in range(8)]
        answers = await asyncio.gather(
            *((here, there)[number % 2].add(new, None) for number, new in enumerate(wanted)),
            return_exceptions=True,
        )
    assert 1 == len(await database.people())
    assert 7 == [getattr(answer, "what", None) for answer in answers].count("user_name")


async def test_password_of_another_form_proves_nobody(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """R-124: a password that is not kept as argon2 is right for nobody, least of all what stands in the column."""
    for kept in ("plain-text-9", "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", ""):
        await database.client.run('DELETE FROM "Staff Members"')
        await database.client.run(
            'INSERT INTO "Staff Members" ("login", "pass word") VALUES (?, ?)', ("alice", kept)
        )
        async with opened(database.connection(), passwords) as store:
            found = await store.find_by_name("alice")
            assert found is not None
            for password in ("plain-text-9", kept, "password"):
                assert not await store.check_password(found.id, password)
            await store.set_password(found.id, "Correct-Horse-9")
            assert await store.check_password(found.id, "Correct-Horse-9")


async def test_port_that_nobody_listens_at_is_unreachable_and_comes_back(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """P-11: a store that is away is told as away, and is there again without a restart of ours."""
    async with (
        TcpShim(database.guarded.port) as shim,
        opened(database.connection(port=shim.port), passwords) as store,
    ):
        await store.add(new_entry("alice"), None)
        shim.refuse()
        assert "user_store_unreachable" == await refused(store.find_by_name("alice"), UserStoreUnavailable)
        attempt = store.add(new_entry("bob"), None)
        assert "user_store_unreachable" == await refused(attempt, UserStoreUnavailable)
        shim.listen()
        assert await store.find_by_name("alice") is not None
