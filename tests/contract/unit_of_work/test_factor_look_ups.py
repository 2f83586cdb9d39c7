"""What every sign-in and every job asks about factors, guesses and people is answered from an index."""

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from tests.contract.doors import opened

from jitney.database.statements import Statement
from jitney.storage import (
    account_links,
    attempts,
    factor_challenges,
    factors,
    identity_locks,
    known_users,
    sessions,
)

pytestmark = pytest.mark.anyio

LOOK_UPS: tuple[Statement, ...] = (
    *factors.LOOK_UPS,
    *identity_locks.LOOK_UPS,
    attempts.FIND,
    factor_challenges.FIND,
    factor_challenges.COUNT_SENT,
    known_users.PAGE_OF_ORIGIN,
    account_links.PAGE_OF,
    sessions.OF_USER,
)


@pytest.mark.parametrize("statement", LOOK_UPS, ids=repr)
async def test_look_up_on_sqlite_walks_through_no_table(statement: Statement, tmp_path: Path) -> None:
    """R-151: with a million people each look-up reads what it returns and no more."""
    file = tmp_path / "jitney.sqlite"
    async with opened(f"sqlite:///{file}"):
        pass
    sql = statement.sql_for("sqlite")
    with closing(sqlite3.connect(file)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", ["[]"] * sql.count("?")).fetchall()
    steps = [row[3] for row in plan]
    assert [] == [step for step in steps if step.startswith("SCAN") and not step.startswith("SCAN given")]
    assert any(step.startswith("SEARCH") for step in steps)


async def test_look_ups_on_postgresql_walk_through_no_table(postgresql_url: str) -> None:
    """R-151: the same holds on PostgreSQL, once it has an interest in indexes."""
    async with opened(postgresql_url):
        connection = await asyncpg.connect(postgresql_url)
        try:
            await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
            for number, statement in enumerate(LOOK_UPS):
                await connection.execute(f"PREPARE p{number} AS {statement.sql_for('postgresql')}")
                count = len(statement.compiled_for("postgresql").names)
                values = f"({', '.join(['NULL'] * count)})" if count else ""
                plan = await connection.fetch(f"EXPLAIN EXECUTE p{number}{values}")
                lines = "\n".join(row[0] for row in plan)
                assert ("Seq Scan" in lines, "Index" in lines) == (False, True), lines
        finally:
            await connection.close()
