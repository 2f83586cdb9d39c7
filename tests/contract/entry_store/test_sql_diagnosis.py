"""Trying a database says step by step what is wrong and how to mend it, and leaves nothing behind."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.entry_store.guarded import GuardedDatabase, GuardedPostgreSQL
from tests.contract.entry_store.sql_clients import SQLiteClient
from tests.contract.entry_store.sql_kinds import MAPPED, connection_to, mapped_ddl
from tests.contract.entry_store.standing import DESCRIPTION

from jitney.model.diagnosis import Diagnosis, Finding
from jitney.model.user_store_record import SQLConnection, TLSMode, UserStoreRecord
from jitney.userstores.entries_sql.diagnosis import diagnose

pytestmark = pytest.mark.anyio

STEPS = ["name_resolution", "connection", "tls", "bind", "base", "read", "schema", "write"]


async def tried(connection: SQLConnection, *, read_only: bool = False) -> Diagnosis:
    description = replace(DESCRIPTION, read_only=read_only)
    return await diagnose(UserStoreRecord("store-1", description, connection), connection)


def told(diagnosis: Diagnosis) -> dict[str, str | None]:
    """Return the code of each step that did not go well, up to the first bad one."""
    return {
        step.name: step.code
        for step in diagnosis.steps
        if step.finding in {Finding.BAD, Finding.DOUBTFUL} and step.code is not None
    }


async def test_good_database_passes_every_step(database: GuardedDatabase) -> None:
    """R-043, R-044: with everything right each step is good, the write was tried, and no row has come of it."""
    ca = database.guarded.certificates.authority.ca_file.read_text()
    diagnosis = await tried(database.connection(tls=TLSMode.TLS, ca_certificates=ca))
    assert STEPS == [step.name for step in diagnosis.steps]
    assert {Finding.GOOD} == {step.finding for step in diagnosis.steps}, diagnosis
    assert diagnosis.is_good
    assert [] == await database.people()


async def test_write_is_not_tried_where_none_is_meant(database: GuardedDatabase) -> None:
    """A store that is read only needs no right to write."""
    await database.guarded.let(database.client, "SELECT")
    diagnosis = await tried(database.connection(), read_only=True)
    assert STEPS[:-1] == [step.name for step in diagnosis.steps]
    assert diagnosis.is_good


@pytest.mark.parametrize(
    ("changed", "step", "code"),
    [
        (
            {"url": "postgresql://guarded@no-such-host.invalid/x"},
            "name_resolution",
            "user_store_name_unknown",
        ),
        ({"url": "oracle://guarded@127.0.0.1/x"}, "connection", "user_store_unreachable"),
        ({"url": "no address"}, "connection", "user_store_unreachable"),
        ({"port": 1}, "connection", "user_store_unreachable"),
        ({"tls": TLSMode.TLS}, "tls", "user_store_certificate_untrusted"),
        ({"tls": TLSMode.TLS, "ca_certificates": "no certificate"}, "tls", "user_store_tls_failed"),
        ({"password": "wrong"}, "bind", "user_store_bind_refused"),
        ({"tables": replace(MAPPED, users="no such table")}, "base", "user_store_table_missing"),
        ({"tables": replace(MAPPED, password_column="no such column")}, "base", "user_store_column_missing"),
        ({"tables": replace(MAPPED, memberships="no such table")}, "base", "user_store_table_missing"),
    ],
)
async def test_what_is_wrong_is_said_at_its_step(
    database: GuardedDatabase, changed: dict[str, Any], step: str, code: str
) -> None:
    """Each mistake is told at the step where it lies, with a sentence; what comes behind it is not tried."""
    diagnosis = await tried(database.connection(**changed))
    bad = [each for each in diagnosis.steps if each.finding is Finding.BAD]
    assert [(step, code)] == [(each.name, each.code) for each in bad]
    assert bad[0].sentence
    assert not diagnosis.is_good
    behind = [each.finding for each in diagnosis.steps if STEPS.index(each.name) > STEPS.index(step)]
    assert {Finding.NOT_TRIED} >= set(behind)


@pytest.mark.parametrize("table", ["missing table", "missing column"])
async def test_missing_name_stands_in_the_sentence(database: GuardedDatabase, table: str) -> None:
    """An existing table with a missing column: the operator reads which one."""
    wrong = {"missing table": "users", "missing column": "name_column"}[table]
    diagnosis = await tried(database.connection(tables=replace(MAPPED, **{wrong: "no such name"})))
    assert ["base"] == [step.name for step in diagnosis.steps if "no such name" in step.sentence]


@pytest.mark.parametrize(
    ("rights", "step", "code"),
    [
        ((), "base", None),
        (("SELECT",), "write", "user_store_permission_denied"),
        (("SELECT", "INSERT"), "write", "user_store_permission_denied"),
        (("SELECT", "INSERT", "UPDATE"), "write", "user_store_permission_denied"),
    ],
)
async def test_missing_right_is_found(
    database: GuardedDatabase, rights: tuple[str, ...], step: str, code: str | None
) -> None:
    """Every right that is missing is found before somebody needs it, and trying has changed nothing."""
    await database.guarded.let(database.client, *rights)
    diagnosis = await tried(database.connection())
    bad = [each for each in diagnosis.steps if each.finding is Finding.BAD]
    assert 1 == len(bad)
    # Where even reading is forbidden, MariaDB does not tell that there is a database at all.
    assert (bad[0].name, bad[0].code) == (step, code) or code is None
    assert [] == await database.people()


async def test_read_only_server_is_found(database: GuardedDatabase) -> None:
    """A server that takes no writes is told as such, unless none are meant."""
    await database.guarded.refuse_writes(database.client, refuses=True)
    try:
        diagnosis = await tried(database.connection())
        meant = await tried(database.connection(), read_only=True)
    finally:
        await database.guarded.refuse_writes(database.client, refuses=False)
    assert "user_store_refuses_writes" == told(diagnosis).get("write")
    assert meant.is_good


async def test_tables_that_do_not_fit_are_judged(database: GuardedDatabase) -> None:
    """A column that nobody fills stops new people; strange passwords and names without an index are said."""
    on = ' ON "Staff Members"' if database.guarded.dialect == "mariadb" else ""
    await database.client.run('DROP INDEX "one name"' + on)
    await database.client.run(
        'INSERT INTO "Staff Members" ("login", "pass word") VALUES (?, ?)',
        ("alice", "$2b$10$N9qo8uLOickgx2ZMRZoMye"),
    )
    diagnosis = await tried(database.connection())
    assert {
        "tls": "user_store_not_protected",
        "read": "user_store_hashes_unknown",
        "schema": "user_store_names_not_unique",
    } == told(diagnosis)
    assert diagnosis.is_good
    await database.client.run('ALTER TABLE "Staff Members" ADD COLUMN "badge" varchar(9)')
    await database.client.run('UPDATE "Staff Members" SET "badge" = \'x\'')
    change = {
        "postgresql": 'ALTER TABLE "Staff Members" ALTER COLUMN "badge" SET NOT NULL',
        "mariadb": 'ALTER TABLE "Staff Members" MODIFY "badge" varchar(9) NOT NULL',
    }
    await database.client.run(change[database.guarded.dialect])
    worse = await tried(database.connection())
    assert "user_store_column_unmapped" == told(worse).get("schema")
    assert any("badge" in step.sentence for step in worse.steps)


async def test_own_tables_are_not_made_by_trying(
    guarded_postgresql: GuardedPostgreSQL, tmp_path: Path
) -> None:
    """R-044: trying keeps nothing: neither a file nor a table comes of it, and whether it could is known."""
    missing = SQLConnection(f"sqlite:///{tmp_path}/own.sqlite", tls=TLSMode.NONE, owns_tables=True)
    assert (await tried(missing)).is_good
    assert [] == os.listdir(tmp_path)
    database = GuardedDatabase(guarded_postgresql)
    own = replace(database.connection(), owns_tables=True)
    refused = await tried(own)
    assert "user_store_permission_denied" == told(refused).get("write")
    await database.client.run("GRANT CREATE ON SCHEMA public TO guarded")
    assert (await tried(own)).is_good
    found = await database.client.run(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    assert [] == found


async def test_file_passes_every_step(tmp_path: Path) -> None:
    """A file needs neither a name nor TLS nor an account; one that is missing is told."""
    client = SQLiteClient(tmp_path / "people.sqlite")
    for statement in mapped_ddl("sqlite", unique=True):
        await client.run(statement)
    good = await tried(connection_to(client, owns=False))
    assert ["connection", "base", "read", "schema", "write"] == [step.name for step in good.steps]
    assert {Finding.GOOD} == {step.finding for step in good.steps}
    elsewhere = replace(connection_to(client, owns=False), url=f"sqlite:///{tmp_path}/missing.sqlite")
    assert {"connection": "user_store_unreachable"} == told(await tried(elsewhere))
    assert ["people.sqlite"] == os.listdir(tmp_path)
