"""From each release to this one: nothing is lost, and what is new stands empty."""

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex
from tests.contract.database.migrating import migrate, migrate_and_die_before
from tests.contract.database.releases import FIRST, RELEASES, SECOND, Release, leave
from tests.contract.doors import SCHEMA, Doors, opened, sql_doors
from tests.contract.records import (
    NOW,
    a_link,
    a_mail,
    a_pending,
    a_purpose,
    a_receipt,
    a_sign_in,
    a_user_elsewhere,
    a_user_store,
    an_application,
    an_attempt,
    an_identity,
    an_idp,
    an_operation,
    an_outcome,
)

from jitney.model.changes import (
    AddMail,
    AddOperation,
    AddPurpose,
    AddUser,
    AddUserStore,
    PublishUser,
    SaveSignIn,
    WithholdAttributes,
)
from jitney.model.user import GivenBy, Grant, Lock, Provenance, User, Username, UserState
from jitney.ports import OutcomeFilter

pytestmark = pytest.mark.anyio


@pytest.fixture(params=RELEASES.values(), ids=list(RELEASES))
def release(request: pytest.FixtureRequest) -> Release:
    """Each release before this one that differs in its tables."""
    return request.param


async def test_upgrade_keeps_what_a_release_wrote(
    database_url: str, tmp_path: Path, release: Release
) -> None:
    """R-143, P-14: every record reads back as it was, and a field that it lacks takes its default."""
    await leave(release, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        assert [] == list(await database.check())
        await _check_what_is_read(sql_doors(database))


async def test_node_of_an_older_release_goes_on_writing(database_url: str, release: Release) -> None:
    """P-14, R-143: what an older node writes into the upgraded tables is read by a newer one all the same."""
    async with opened(database_url) as database:
        await database.commit(release.rows())
        await _check_what_is_read(sql_doors(database))


async def test_upgrade_keeps_what_the_second_release_wrote(database_url: str, tmp_path: Path) -> None:
    """R-143, P-14: users keep everything and have no entry elsewhere; purposes and receipts read back equal."""
    await leave(SECOND, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        doors = sql_doors(database)
        bob = User(
            "user-2",
            Username("PRIMARY", "Bob", "bob"),
            created=NOW,
            state=UserState.DISABLED,
            lock=Lock("asked for it", since=NOW),
            roles=(Grant("staff", Provenance(GivenBy.OPERATOR, "op-1")),),
            has_password=True,
            version=7,
        )
        assert bob == await doors.primary.find_by_name_key("bob")
        eng = await doors.user_stores.find("ENG")
        assert eng is not None
        other = User("user-3", Username("ENG", "Bob", "bob"), created=NOW, origin="idp-1")
        assert [other] == list(await eng.page())
        assert [a_purpose()] == list(await doors.purposes.list())
        assert [a_receipt()] == list(await doors.receipts.of_user("user-1"))
        assert [] == list(await doors.user_store_records.list())
        assert [] == list(await doors.operations.due(NOW))


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
    await leave(FIRST, database_url, tmp_path / "older")
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


async def test_users_elsewhere_are_kept_beside_older_users(database_url: str, tmp_path: Path) -> None:
    """P-14: the new column and tables take what this release keeps, beside the users of the second one."""
    await leave(SECOND, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(
            AddUserStore(a_user_store()),
            AddUser(a_user_elsewhere("user-4", state=UserState.PENDING)),
            AddOperation(an_operation(user_id="user-4")),
        )
        await doors.unit_of_work.commit(PublishUser("user-4", "entry-1"))
        assert [a_user_store()] == list(await doors.user_store_records.list())
        assert an_operation(user_id="user-4") == await doors.operations.of_user("user-4")
        counts = [await doors.user_store_records.count_users(each) for each in ("PRIMARY", "ENG", "LDAP1")]
        assert [2, 1, 1] == counts


def test_upgrade_killed_at_any_statement_can_be_repeated(
    database_url: str, tmp_path: Path, release: Release
) -> None:
    """R-148: killed before its first, second, … statement the upgrade leaves the older release, whole."""
    asyncio.run(leave(release, database_url, tmp_path / "older"))
    killed = 0
    while (status := migrate_and_die_before(database_url, SCHEMA, statement=killed)) == -signal.SIGKILL:
        killed += 1
    assert 0 == status
    assert killed > release.statements
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
    assert {
        "ix_audit_events_reference",
        "ix_factor_challenges_created",
        "ix_sessions_upstream_name_idp",
        "ix_sign_ins_page_hash",
        "ix_user_attributes_lookup",
        "ix_users_domain_entry",
        "ix_users_domain_id",
        "ix_users_origin_id",
    } == expected.keys()
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
    assert "(reference) WHERE (reference IS NOT NULL)" in found["ix_audit_events_reference"]
    assert "(upstream_name, idp) WHERE (upstream_name IS NOT NULL)" in found["ix_sessions_upstream_name_idp"]
    assert "(page_hash) WHERE (page_hash IS NOT NULL)" in found["ix_sign_ins_page_hash"]
    assert "(name, lower(substr(value, 1, 200))) WHERE (name <> ALL" in found["ix_user_attributes_lookup"]
    assert "UNIQUE" in found["ix_users_domain_entry"]
    assert "(domain, entry) WHERE (entry IS NOT NULL)" in found["ix_users_domain_entry"]
    assert "(domain, id) WHERE (domain <> 'PRIMARY'::text)" in found["ix_users_domain_id"]
    assert "(origin, id) WHERE (origin IS NOT NULL)" in found["ix_users_origin_id"]
    assert "(created) WHERE (kind = 'email_otp'::text)" in found["ix_factor_challenges_created"]
