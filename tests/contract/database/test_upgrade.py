"""From the first release to this one: nothing is lost, and what is new stands empty."""

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex
from tests.contract.database.first_release import first_release, rows_of_the_first_release
from tests.contract.database.migrating import migrate, migrate_and_die_before
from tests.contract.doors import SCHEMA, Doors, opened, sql_doors
from tests.contract.records import (
    NOW,
    a_link,
    a_mail,
    a_pending,
    a_purpose,
    a_sign_in,
    an_application,
    an_attempt,
    an_identity,
    an_idp,
    an_outcome,
)

from jitney.database.opening import open_database
from jitney.model.changes import AddMail, AddPurpose, SaveSignIn, WithholdAttributes
from jitney.ports import OutcomeFilter

pytestmark = pytest.mark.anyio


async def _leave_the_first_release(url: str, folder: Path) -> None:
    database = await open_database(url, first_release(folder))
    try:
        await database.migrate()
        await database.commit(rows_of_the_first_release())
    finally:
        await database.close()


async def test_upgrade_keeps_what_the_first_release_wrote(database_url: str, tmp_path: Path) -> None:
    """R-143, P-14: every record reads back as it was, and a field that it lacks takes its default."""
    await _leave_the_first_release(database_url, tmp_path / "first")
    async with opened(database_url) as database:
        assert [] == list(await database.check())
        await _check_what_is_read(sql_doors(database))


async def test_node_of_the_first_release_goes_on_writing(database_url: str) -> None:
    """P-14, R-143: what an older node writes into the upgraded tables is read by a newer one all the same."""
    async with opened(database_url) as database:
        await database.commit(rows_of_the_first_release())
        await _check_what_is_read(sql_doors(database))


async def _check_what_is_read(doors: Doors) -> None:
    assert a_link() == await doors.account_links.find("idp-1", "subject-1")
    returned = a_sign_in().begun(an_attempt(), NOW).returned()
    assert returned.proven(an_identity(), NOW) == await doors.sign_ins.find_by_state("state-1")
    assert [an_outcome()] == list(await doors.records.outcomes(OutcomeFilter(reference="AAAA-0001")))
    assert an_application() == await doors.applications.find("app-1")
    idp = await doors.identity_providers.find("idp-1")
    assert idp is not None
    assert (an_idp().policy, an_idp().mappings) == (idp.policy, idp.mappings)
    found = await doors.primary.find_by_attribute("email", "alice@example.org")
    assert ["user-1"] == [user.id for user in found]


async def test_upgraded_records_take_what_is_new(database_url: str, tmp_path: Path) -> None:
    """P-14: a journey and a link of the first release go on, and the new tables are there."""
    await _leave_the_first_release(database_url, tmp_path / "first")
    async with opened(database_url) as database:
        doors = sql_doors(database)
        sign_in = await doors.sign_ins.find("handle-1")
        assert sign_in is not None
        asked = sign_in.asked(a_pending(), NOW)
        await doors.unit_of_work.commit(
            SaveSignIn(asked),
            WithholdAttributes("user-1", ("email",)),
            AddPurpose(a_purpose()),
            AddMail(a_mail()),
        )
        assert asked == await doors.sign_ins.find_by_page("page-1")
        (link,) = await doors.account_links.of_user("user-1")
        assert ("email",) == link.withheld
        assert [a_purpose()] == list(await doors.purposes.list())
        assert [a_mail()] == list(await doors.outbox.due(NOW))


def test_upgrade_killed_at_any_statement_can_be_repeated(database_url: str, tmp_path: Path) -> None:
    """R-148: killed before its first, second, … statement the upgrade leaves the first release, whole."""
    asyncio.run(_leave_the_first_release(database_url, tmp_path / "first"))
    killed = 0
    while (status := migrate_and_die_before(database_url, SCHEMA, statement=killed)) == -signal.SIGKILL:
        killed += 1
    assert 0 == status
    assert killed > 10
    assert [] == asyncio.run(migrate(database_url, SCHEMA))


def _indexes_that_are_narrowed() -> dict[str, str]:
    """The indexes with a condition or an expression, which no comparison of schemas looks into."""
    return {
        str(index.name): str(CreateIndex(index).compile(dialect=sqlite.dialect()))
        for table in SCHEMA.tables.tables.values()
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }


async def test_upgrade_makes_the_indexes_that_the_code_knows_on_sqlite(tmp_path: Path) -> None:
    """P-14: an index by whose condition a query is written is the one that the migration made."""
    file = tmp_path / "jitney.sqlite"
    expected = _indexes_that_are_narrowed()
    assert {"ix_sign_ins_page_hash", "ix_user_attributes_lookup"} == expected.keys()
    assert [] == await migrate(f"sqlite:///{file}", SCHEMA)
    with closing(sqlite3.connect(file)) as connection:
        found = dict(
            connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'").fetchall()
        )
    assert expected == {name: found[name] for name in expected}


async def test_upgrade_makes_the_indexes_that_the_code_knows_on_postgresql(postgresql_url: str) -> None:
    """P-14: PostgreSQL has the same indexes, by the same expression and under the same condition."""
    assert [] == await migrate(postgresql_url, SCHEMA)
    connection = await asyncpg.connect(postgresql_url)
    try:
        rows = await connection.fetch("SELECT indexname, indexdef FROM pg_indexes")
    finally:
        await connection.close()
    found = {row["indexname"]: row["indexdef"] for row in rows}
    assert "(page_hash) WHERE (page_hash IS NOT NULL)" in found["ix_sign_ins_page_hash"]
    assert "(name, lower(substr(value, 1, 200))) WHERE (name <> ALL" in found["ix_user_attributes_lookup"]
