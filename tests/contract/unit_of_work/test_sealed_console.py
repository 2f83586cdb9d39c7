"""Who arrived, and what an operator had typed, rest sealed: bound to their rows, and to whom they belong."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table
from tests.contract.console_records import a_kept_form, an_arrival
from tests.contract.doors import opened, sql_doors

from jitney.database.database import Database
from jitney.database.statements import Statement, Write
from jitney.errors import Misconfigured
from jitney.model import changes as c
from jitney.storage.console_tables import kept_forms, recorded_arrivals

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An open database, in which one can look and change what is stored."""
    async with opened(f"sqlite:///{tmp_path / 'sealed.sqlite'}") as database:
        yield database


async def _set(database: Database, table: Table, row: str, **values: Any) -> None:
    """Change one row, as somebody would who can write to the database and not to Jitney."""
    (key,) = table.primary_key.columns
    change = table.update().where(key == row).values(values)
    await database.commit([Write(Statement("tamper", change), {}, must=1)])


async def _get(database: Database, table: Table, row: str, column: str) -> Any:
    (key,) = table.primary_key.columns
    found = await database.fetch_one(Statement("look", table.select().where(key == row)))
    assert found is not None
    return found[column]


async def test_nobody_reads_who_arrived_or_what_was_typed(database: Database) -> None:
    """R-125: no claim, no subject and no field of a form is readable in any row."""
    doors = sql_doors(database)
    await doors.unit_of_work.commit(c.RecordArrival(an_arrival()), c.KeepForm(a_kept_form()))
    rows = repr(await doors.snapshot())
    assert [False, False, False, True] == [
        each in rows for each in ("s3cret", "a@example.org", "display_name", "AAAA-0001")
    ]
    assert an_arrival() == await doors.arrivals.find("AAAA-0001")


async def test_arrival_opens_in_its_own_row(database: Database) -> None:
    """R-125: who came with one sign-in, copied into the row of another, did not come with that."""
    doors = sql_doors(database)
    second = an_arrival("AAAA-0002")
    await doors.unit_of_work.commit(c.RecordArrival(an_arrival()), c.RecordArrival(second))
    kept = await _get(database, recorded_arrivals, "AAAA-0002", "identity")
    stolen = await _get(database, recorded_arrivals, "AAAA-0001", "identity")
    await _set(database, recorded_arrivals, "AAAA-0002", identity=stolen)
    with pytest.raises(Misconfigured) as refusal:
        await doors.arrivals.find("AAAA-0002")
    assert "sealed_value_unreadable" == refusal.value.code
    await _set(database, recorded_arrivals, "AAAA-0002", identity=kept)
    assert second == await doors.arrivals.find("AAAA-0002")


@pytest.mark.parametrize(
    "tampered", [{"bound_to": "proof-9"}, {"path": "/console/purposes"}, {"key_hash": "key-9"}]
)
async def test_form_opens_for_nobody_else_and_nowhere_else(
    database: Database, tampered: dict[str, str]
) -> None:
    """R-115, R-125: whoever gives an operator's form to themselves, or to another page, reads nothing."""
    doors = sql_doors(database)
    await doors.unit_of_work.commit(c.KeepForm(a_kept_form()))
    key = tampered.get("key_hash", "key-1")
    await _set(database, kept_forms, "key-1", **tampered)
    with pytest.raises(Misconfigured) as refusal:
        await doors.kept_forms.find(key)
    assert "sealed_value_unreadable" == refusal.value.code
    form = a_kept_form()
    await _set(database, kept_forms, key, bound_to=form.bound_to, path=form.path, key_hash="key-1")
    assert form == await doors.kept_forms.find("key-1")


def test_arrivals_and_forms_show_nothing_in_a_representation() -> None:
    """R-120: an arrival or a form that ends up in a log or a trace tells nothing of a person and no secret."""
    shown = repr((an_arrival(), a_kept_form()))
    assert [False, False, True] == [each in shown for each in ("s3cret", "example.org", "AAAA-0001")]
