"""What the console asks about outcomes, audit events and arrivals is answered from an index, and sorted by it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import Table
from tests.contract.doors import opened

from jitney.database.statements import Statement
from jitney.storage import arrivals, outcome_counts, user_traces
from jitney.storage.record_listings import listing
from jitney.storage.tables import audit_events, outcomes

pytestmark = pytest.mark.anyio

_PAGE = ("limit", "last_at", "last_number")
LISTINGS: dict[str, Statement] = {
    " ".join((table.name, *given)): listing(table, frozenset({*given, *_PAGE}))
    for table, given in (
        (outcomes, ()),
        (outcomes, ("since", "until")),
        (outcomes, ("kind",)),
        (outcomes, ("application",)),
        (outcomes, ("idp",)),
        (outcomes, ("idp", "kind")),
        (outcomes, ("idp", "kind", "since", "until")),
        (outcomes, ("subject",)),
        (outcomes, ("user_id",)),
        (audit_events, ()),
        (audit_events, ("since", "until")),
        (audit_events, ("target",)),
        (audit_events, ("actor",)),
        (audit_events, ("action",)),
        (audit_events, ("actor", "since", "until")),
    )
}
OTHERS = {each.name: each for each in (arrivals.OF_PROVIDER, outcome_counts.LAST_OF_PROVIDERS)}


def _plan(file: Path, statement: Statement) -> list[str]:
    sql = statement.sql_for("sqlite")
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", ["[]"] * sql.count("?")).fetchall()
    return [row[3] for row in rows]


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A SQLite database with our tables."""
    async with opened(f"sqlite:///{tmp_path / 'jitney.sqlite'}"):
        return tmp_path / "jitney.sqlite"


@pytest.mark.parametrize("listed", LISTINGS)
async def test_page_is_read_from_an_index_and_not_sorted(listed: str, file: Path) -> None:
    """R-151, issue 7: with a million records a page costs what stands on it, wherever it begins."""
    (step,) = _plan(file, LISTINGS[listed])
    assert step.startswith("SEARCH")
    assert "INDEX" in step


@pytest.mark.parametrize(
    ("table", "given", "index"),
    [
        (outcomes, ("user_id", "application", "kind", "idp"), "ix_outcomes_user_id_at"),
        (outcomes, ("subject", "idp", "kind"), "ix_outcomes_subject_at"),
        (audit_events, ("action", "actor", "target"), "ix_audit_events_target_at"),
        (audit_events, ("action", "actor"), "ix_audit_events_actor_at"),
        (audit_events, ("action", "reference"), "ix_audit_events_reference"),
    ],
)
async def test_page_is_read_by_what_narrows_it_most(
    table: Table, given: tuple[str, ...], index: str, file: Path
) -> None:
    """R-151: who looks for one person's sign-ins to a much used application waits for that person's alone."""
    steps = _plan(file, listing(table, frozenset({*given, *_PAGE})))
    assert steps[0].startswith("SEARCH")
    assert index in steps[0].split()


@pytest.mark.parametrize("asked", OTHERS)
async def test_last_records_of_providers_are_read_from_an_index(asked: str, file: Path) -> None:
    """Issue 7: the list of two hundred providers reads the last sign-ins of each, and no others."""
    steps = _plan(file, OTHERS[asked])
    names = ("recorded_arrivals", "outcomes", "o ")
    assert [] == [step for step in steps if step.startswith(tuple(f"SCAN {name}" for name in names))]
    assert any(step.startswith("SEARCH") for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)


async def test_arrivals_of_who_is_deleted_are_found_by_their_subjects(file: Path) -> None:
    """R-015, R-151: deleting somebody reads their own outcomes, and none of the million others."""
    steps = _plan(file, user_traces.REMOVE_ARRIVALS)
    assert [] == [step for step in steps if step.startswith("SCAN") and "identities" not in step]
    assert any("ix_outcomes_subject_at (subject=?)" in step for step in steps)
    assert any("ix_outcomes_user_id_at (user_id=?)" in step for step in steps)
    assert any(
        step.startswith("SEARCH recorded_arrivals USING") and "(reference=?)" in step for step in steps
    )


async def test_arrivals_of_outcomes_are_found_by_their_references(file: Path) -> None:
    """R-151: the claims of somebody's thousand sign-ins are looked up, and those of all others are not read."""
    steps = _plan(file, arrivals.OF_REFERENCES)
    assert any(
        step.startswith("SEARCH recorded_arrivals USING") and "(reference=?)" in step for step in steps
    )


async def test_counting_on_sqlite_reads_one_index_and_no_record(file: Path) -> None:
    """Issue 7: counting walks along the index from group to group; it neither sorts nor looks at a row."""
    steps = _plan(file, outcome_counts.COUNTS)
    reads = [step for step in steps if step.startswith(("SEARCH o", "SCAN o"))]
    assert 5 == len(reads)
    assert all(step.startswith("SEARCH o USING COVERING INDEX ix_outcomes_idp") for step in reads)
    assert not any("TEMP B-TREE" in step for step in steps)


async def test_records_on_postgresql_are_found_by_an_index(postgresql_url: str) -> None:
    """R-151, issue 7: the same holds on PostgreSQL, once it has an interest in indexes."""
    more = (outcome_counts.COUNTS, user_traces.REMOVE_ARRIVALS, arrivals.OF_REFERENCES)
    statements = [*LISTINGS.values(), *OTHERS.values(), *more]
    async with opened(postgresql_url):
        connection = await asyncpg.connect(postgresql_url)
        try:
            await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
            for number, statement in enumerate(statements):
                await connection.execute(f"PREPARE p{number} AS {statement.sql_for('postgresql')}")
                count = len(statement.compiled_for("postgresql").names)
                plan = await connection.fetch(f"EXPLAIN EXECUTE p{number}({', '.join(['NULL'] * count)})")
                lines = "\n".join(row[0] for row in plan)
                assert ("Seq Scan" in lines, "Index" in lines) == (False, True), lines
        finally:
            await connection.close()
