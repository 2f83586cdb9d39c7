"""Migrations: forward only, once, and whole or not at all."""

import asyncio
import shutil
import signal
from pathlib import Path

import pytest
from sqlalchemy import insert
from tests.contract.database import hotel
from tests.contract.database.hotel import guest, room
from tests.contract.database.migrating import migrate, migrate_and_die_before

from jitney.database.database import Database, Schema
from jitney.database.opening import open_database
from jitney.database.statements import Statement, Write
from jitney.errors import Misconfigured

pytestmark = pytest.mark.anyio


BROKEN = '''
"""A change that breaks in its middle."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table("half", sa.Column("id", sa.Text, primary_key=True))
    op.execute("{sql}")
'''


def scripts(tmp_path: Path, *, up_to: str, broken: str = "") -> Schema:
    """The hotel's schema with the scripts up to that number, and perhaps one that breaks."""
    folder = tmp_path / f"scripts-{up_to}-{len(broken)}"
    (folder / "versions").mkdir(parents=True)
    for script in (hotel.MIGRATIONS / "versions").glob("*.py"):
        if script.name[:4] <= up_to:
            shutil.copy(script, folder / "versions")
    if broken:
        (folder / "versions" / "0003_broken.py").write_text(BROKEN.format(sql=broken))
    return Schema(hotel.tables, folder)


async def test_rebuilding_a_table_keeps_the_rows_that_refer_to_it(database_url: str, tmp_path: Path) -> None:
    """R-143: an upgrade loses nothing, though SQLite drops and makes the parent table anew."""
    before = await open_database(database_url, scripts(tmp_path, up_to="0001"))
    await before.migrate()
    await before.close()
    database = await open_database(database_url, hotel.SCHEMA)
    old_room = Statement("old_room", insert(hotel.rooms).values(id="r", version=1, open=True).inline())
    await database.commit([Write(old_room, {}), guest("g"), guest("h", host="g")])
    await database.migrate()
    assert [row["id"] for row in await database.fetch(hotel.ALL_GUESTS)] == ["g", "h"]
    assert [] == list(await database.check())
    await database.close()


async def test_nodes_that_start_together_migrate_once(database_url: str) -> None:
    """R-148: the second node finds the work done."""
    outcomes = await asyncio.gather(*(migrate(database_url, hotel.SCHEMA) for _ in range(4)))
    assert outcomes == [[], [], [], []]
    assert [] == await migrate(database_url, hotel.SCHEMA)


async def test_a_migration_that_breaks_leaves_everything_as_it_was(database_url: str, tmp_path: Path) -> None:
    """R-148: a failed migration is undone whole, told without the driver's words, and may be repeated."""
    await migrate(database_url, hotel.SCHEMA)
    with pytest.raises(Misconfigured) as fault:
        await migrate(database_url, scripts(tmp_path, up_to="0002", broken="SELECT * FROM nowhere"))
    assert "migration_failed" == fault.value.code
    assert [] == await migrate(database_url, hotel.SCHEMA)
    assert [] == await migrate(database_url, scripts(tmp_path, up_to="0002", broken="SELECT 1"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_migration_that_would_orphan_rows_is_undone(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    """R-143: foreign keys sleep while SQLite migrates, so they are checked before it becomes durable."""
    await database.commit([room("r"), guest("g")])
    with pytest.raises(Misconfigured) as fault:
        await migrate(database_url, scripts(tmp_path, up_to="0002", broken="DELETE FROM rooms"))
    assert (fault.value.code, fault.value.details["tables"]) == ("migration_failed", ["guests"])
    assert [row["id"] for row in await database.fetch(hotel.ALL_ROOMS)] == ["r"]


async def test_a_database_of_a_later_version_is_refused(database_url: str, tmp_path: Path) -> None:
    """R-146: a schema that this code does not know is left alone."""
    await migrate(database_url, scripts(tmp_path, up_to="0002", broken="SELECT 1"))
    with pytest.raises(Misconfigured) as fault:
        await migrate(database_url, hotel.SCHEMA)
    assert "schema_unknown" == fault.value.code


def test_a_migration_killed_at_any_statement_can_be_repeated(database_url: str) -> None:
    """R-148: the process is killed before its first, second, … statement, until one run comes to its end."""
    killed = 0
    while (status := migrate_and_die_before(database_url, hotel.SCHEMA, statement=killed)) == -signal.SIGKILL:
        killed += 1
    assert 0 == status
    assert killed > 10
    assert [] == asyncio.run(migrate(database_url, hotel.SCHEMA))
