"""Databases that cannot be reached, or that cannot prove who they are: each has a code, and nobody is let in."""

from typing import Any

import pytest
from tests.contract.entry_store.guarded import GuardedDatabase, GuardedPostgreSQL
from tests.contract.entry_store.opened import opened, refused
from tests.contract.entry_store.people import new_entry
from tests.servers.certificates import TestAuthority
from tests.servers.tcp_shim import TcpShim

from jitney.errors import (
    UserStoreUnavailable,
)
from jitney.model.user_store_record import TLSMode
from jitney.userstores.entries_sql.store import SQLEntryStore
from jitney.userstores.passwords import Argon2Passwords

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"password": "wrong"}, "user_store_bind_refused"),
        ({"password": None}, "user_store_bind_refused"),
        ({"user": "nobody"}, "user_store_bind_refused"),
        ({"port": 1}, "user_store_unreachable"),
        ({"database": "no_such_database"}, "user_store_base_missing"),
    ],
)
async def test_what_cannot_be_reached_has_a_code(
    database: GuardedDatabase, passwords: Argon2Passwords, changed: dict[str, Any], code: str
) -> None:
    """P-11: whatever stands between us and the database is told apart, by a fault and never as "nobody"."""
    if "database" in changed:
        await database.guarded.let(database.client, "SELECT")
        await _let_in_everywhere(database)
        database.name = changed["database"]
        changed = {}
    async with opened(database.connection(**changed), passwords) as store:
        assert code == await refused(store.find_by_name("alice"), UserStoreUnavailable)
        assert code == await refused(store.add(new_entry("alice"), "Correct-Horse-9"), UserStoreUnavailable)
    assert [] == await database.people()


async def _let_in_everywhere(database: GuardedDatabase) -> None:
    """MariaDB does not say of a database that it is missing to somebody who may not know."""
    if database.guarded.dialect == "mariadb":
        database.guarded.server.run_sql("mysql", "GRANT SELECT ON *.* TO 'guarded'@'127.0.0.1'")


async def test_right_account_is_let_in(database: GuardedDatabase, passwords: Argon2Passwords) -> None:
    """With the right password all works, so that the refusals mean what they say."""
    async with opened(database.connection(), passwords) as store:
        made = await store.add(new_entry("alice", groups=("staff",)), "Correct-Horse-9")
        assert await store.check_password(made.id, "Correct-Horse-9")


async def test_server_that_keeps_silent_is_given_up(
    database: GuardedDatabase, passwords: Argon2Passwords
) -> None:
    """R-043: whoever accepts a connection and says nothing is given up in time."""
    async with TcpShim(database.guarded.port) as shim:
        shim.black_hole()
        silent = database.connection(port=shim.port, connect_seconds=0.2)
        async with opened(silent, passwords) as store:
            assert "user_store_unreachable" == await refused(store.find("1"), UserStoreUnavailable)


@pytest.mark.parametrize("show", ["untrusted", "expired", "for another host"])
async def test_certificate_that_is_not_good_is_refused(
    database: GuardedDatabase, passwords: Argon2Passwords, tmp_path: Any, show: str
) -> None:
    """R-043: who shows no good certificate for this host hears no password of ours; the good one is trusted."""
    ours = database.guarded.certificates.authority
    shown = {
        "untrusted": lambda: TestAuthority(tmp_path / "other").good(),
        "expired": ours.expired,
        "for another host": ours.for_another_host,
    }
    guarded = database.connection(tls=TLSMode.TLS, ca_certificates=ours.ca_file.read_text())
    database.guarded.show(shown[show]())
    async with opened(guarded, passwords) as store:
        assert "user_store_tls_failed" == await _until_reloaded(store)
    database.guarded.show(ours.good())
    async with opened(guarded, passwords) as store:
        assert None is await _until_good(store)


async def _until_reloaded(store: SQLEntryStore) -> str:
    """PostgreSQL reads its certificate again when its main process gets to it."""
    while True:
        try:
            await store.find("1")
        except UserStoreUnavailable as fault:
            return fault.code
        await store.aclose()


async def _until_good(store: SQLEntryStore) -> None:
    for _ in range(200):
        try:
            await store.find("1")
        except UserStoreUnavailable:
            continue
        return
    pytest.fail("the good certificate was never trusted")


async def test_server_without_tls_hears_nothing(
    guarded_postgresql: GuardedPostgreSQL, passwords: Argon2Passwords
) -> None:
    """R-043: where the server has no TLS, the connection is not made without it."""
    database = GuardedDatabase(guarded_postgresql)
    await database.make()
    ca = guarded_postgresql.certificates.authority.ca_file.read_text()
    guarded_postgresql.speak_tls(speaks=False)
    try:
        async with opened(database.connection(tls=TLSMode.TLS, ca_certificates=ca), passwords) as store:
            assert "user_store_tls_failed" == await _until_reloaded(store)
    finally:
        guarded_postgresql.speak_tls(speaks=True)
    async with opened(database.connection(tls=TLSMode.TLS, ca_certificates=ca), passwords) as store:
        assert None is await _until_good(store)
