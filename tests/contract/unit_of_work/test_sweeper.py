"""Sweeper, leases and schema: what the databases do beside the changes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect
from tests.contract.console_records import a_kept_form, an_arrival
from tests.contract.doors import SCHEMA, opened, sql_doors
from tests.contract.factor_records import ASKED, a_challenge, a_lock_on, a_removal, some_attempts
from tests.contract.records import LATER, NOW, a_code, a_family, a_logout_trip, a_session, a_sign_in

from jitney.database.database import Database
from jitney.model import changes as c
from jitney.model.attempts import LONGEST, AttemptKind
from jitney.model.setup_link import SetupLink
from jitney.storage import sweeper
from jitney.storage.sweeper import Leases, Sweeper
from jitney.testing.standing_clock import StandingClock

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jitney.sqlite'}"
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
async def database(place: str) -> AsyncIterator[Database]:
    """An open database."""
    async with opened(place) as database:
        yield database


async def test_sweep_removes_what_expired_and_nothing_else(database: Database) -> None:
    """R-023, R-151: expired rows go after their grace, live ones stay, and a second sweep finds nothing."""
    doors = sql_doors(database)
    for number, days in enumerate((0, 2, 40)):
        end = NOW + days * DAY
        await doors.unit_of_work.commit(
            c.AddSignIn(a_sign_in(f"handle-{number}", expires=end)),
            c.AddSession(a_session(f"session-{number}", expires=end)),
            c.AddCode(replace(a_code(f"code-{number}"), expires=end)),
            c.AddTokenFamily(replace(a_family(f"family-{number}"), expires=end)),
            c.SpendOnce("jti", str(number), end),
            c.AddLogoutTrip(a_logout_trip(f"state-{number}", expires=end)),
        )
    await doors.unit_of_work.commit(c.AddSetupLink(SetupLink("token", NOW, NOW)))

    tables = ("sign_ins", "sessions", "codes", "token_families", "spent_once", "logout_trips")
    assert {"sessions": 1, "setup_links": 1} == await Sweeper(database).sweep(NOW)
    swept = await Sweeper(database).sweep(NOW + 3 * DAY)
    assert dict.fromkeys(tables, 2) | {"sessions": 1} == swept
    assert {} == await Sweeper(database).sweep(NOW + 3 * DAY)
    assert await doors.sign_ins.find("handle-2") is not None
    assert await doors.grants.find_code("code-2") is not None
    assert await doors.grants.find_family("family-2") is not None
    assert await doors.sessions.find("session-2") is not None
    assert await doors.logout_trips.find("state-2") is not None


async def test_sweep_forgets_what_was_asked_and_tried(database: Database) -> None:
    """R-096, R-151: challenges and attempts go when nothing of them counts any more, each row for itself."""
    doors = sql_doors(database)
    given_back = some_attempts("user-3").given_back(NOW).given_back(NOW - MICROSECOND)
    await doors.unit_of_work.commit(
        *(c.SaveFactorChallenge(a_challenge(asked=kind)) for kind in ASKED),
        c.SaveFactorChallenge(a_challenge("page-2", expires=NOW + 2 * DAY)),
        c.SaveAttempts(some_attempts("user-1")),
        c.SaveAttempts(some_attempts("user-2", moments=(NOW, NOW + DAY))),
        c.SaveAttempts(some_attempts("user-1", kind=AttemptKind.PASSWORD, moments=(NOW + DAY,))),
        c.SaveAttempts(some_attempts("user-3")),
        c.AddProviderRemoval(a_removal(finished=NOW)),
        c.SaveIdentityLock(a_lock_on()),
    )
    await doors.unit_of_work.commit(c.SaveAttempts(replace(given_back, version=2)))
    assert {} == await Sweeper(database).sweep(NOW + LONGEST - DAY)
    swept = await Sweeper(database).sweep(NOW + LONGEST + timedelta(minutes=10))
    assert {"factor_challenges": 3, "attempts": 2} == swept
    kinds = [("user-2", AttemptKind.TOTP), ("user-1", AttemptKind.PASSWORD), ("user-1", AttemptKind.TOTP)]
    assert [1, 1, 0] == [(await doors.attempts.find(*each)).version for each in kinds]
    assert 1 == await doors.factors.count_codes_sent(NOW)
    assert [a_lock_on()] == list(await doors.identity_locks.of_provider("idp-1"))
    assert a_removal(finished=NOW) == await doors.provider_removals.find("removal-1")


async def test_sweep_forgets_who_arrived_and_what_was_typed(database: Database) -> None:
    """R-004, R-151: an arrival and a form that waits go at the moment that was said, and no other with them."""
    doors = sql_doors(database)
    for number, days in enumerate((0, 2)):
        end = NOW + days * DAY
        await doors.unit_of_work.commit(
            c.RecordArrival(an_arrival(f"AAAA-{number}", expires=end)),
            c.KeepForm(a_kept_form(f"key-{number}", expires=end)),
        )
    assert {} == await Sweeper(database).sweep(NOW - MICROSECOND)
    assert {"recorded_arrivals": 1, "kept_forms": 1} == await Sweeper(database).sweep(NOW)
    assert [None, None] == [await doors.arrivals.find("AAAA-0"), await doors.kept_forms.find("key-0")]
    assert ["AAAA-1"] == [each.reference for each in await doors.arrivals.of_provider("idp-1")]
    assert await doors.kept_forms.find("key-1") is not None


async def test_sweep_goes_page_by_page(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-147: many rows are removed in several transactions."""
    monkeypatch.setattr(sweeper, "PAGE", 3)
    spend = [c.SpendOnce("jti", str(number), NOW) for number in range(10)]
    await sql_doors(database).unit_of_work.commit(*spend)
    tried = [c.SaveAttempts(some_attempts(f"user-{number}")) for number in range(10)]
    await sql_doors(database).unit_of_work.commit(*tried)
    assert {"spent_once": 10} == await Sweeper(database).sweep(LATER + timedelta(hours=1))
    assert {"attempts": 10} == await Sweeper(database).sweep(LATER + LONGEST + DAY)


async def test_job_is_claimed_by_one_node(database: Database) -> None:
    """R-147: of many nodes one has the lease; it may renew it, and another gets it when it has run out."""
    clock = StandingClock()
    leases = Leases(database, clock)
    claims = await asyncio.gather(*(leases.claim("sweep", f"node-{n}", 30) for n in range(10)))
    assert 1 == sum(claims)
    holder = f"node-{claims.index(True)}"
    assert await leases.claim("sweep", holder, 30)
    assert not await leases.claim("sweep", "another", 30)
    assert await leases.claim("other job", "another", 30)
    clock.advance(timedelta(seconds=30))
    assert await leases.claim("sweep", "another", 30)
    assert not await leases.claim("sweep", holder, 30)


@pytest.mark.filterwarnings("ignore:.*expression-based index")
async def test_migrations_make_the_tables_that_the_code_knows(database: Database, place: str) -> None:
    """R-146, P-14: migrating twice is harmless, and the result is what ``tables.py`` says."""
    await database.migrate()
    assert [] == list(await database.check())
    if place.startswith("sqlite"):
        with create_engine(place).connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert [] == compare_metadata(context, SCHEMA.tables)
            names = {name for name in inspect(connection).get_table_names() if name != "alembic_version"}
            assert set(SCHEMA.tables.tables) == names


async def test_every_text_column_is_compared_by_its_bytes(postgresql_url: str) -> None:
    """R-047: on PostgreSQL no column of ours leaves comparing or sorting text to the database's locale."""
    async with opened(postgresql_url):
        connection = await asyncpg.connect(postgresql_url)
        try:
            rows = await connection.fetch(
                "SELECT table_name, column_name, collation_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND data_type = 'text'"
            )
        finally:
            await connection.close()
    assert len(rows) > 50
    assert {"C"} == {row["collation_name"] for row in rows}
