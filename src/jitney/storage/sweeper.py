"""Sweeper: removes what has expired, page by page; and the leases that let one node do a job at a time (R-147)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, bindparam, delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from jitney.database.database import Database
from jitney.database.moments import to_micros
from jitney.database.statements import Statement, Write
from jitney.errors import Conflict
from jitney.ports import Clock
from jitney.storage.console_tables import kept_forms, recorded_arrivals
from jitney.storage.factor_tables import attempts, factor_challenges
from jitney.storage.tables import (
    codes,
    job_leases,
    logout_trips,
    sessions,
    setup_links,
    sign_ins,
    spent_once,
    token_families,
)

PAGE = 500
"""How many rows one transaction removes, so that no sign-in waits long behind it."""

MOST_PAGES = 20
"""How many pages of one table one sweep removes; the rest is for the next."""

GRACE = {
    sign_ins: timedelta(hours=1),
    sessions: timedelta(0),
    logout_trips: timedelta(hours=1),
    codes: timedelta(days=1),
    token_families: timedelta(days=1),
    spent_once: timedelta(minutes=10),
    setup_links: timedelta(0),
    factor_challenges: timedelta(hours=1),
    attempts: timedelta(minutes=10),
    recorded_arrivals: timedelta(0),
    kept_forms: timedelta(0),
}
"""For how long an expired row is still kept.

A sign-in, so that its page can say that it came too late, and a logout trip, so that it still leads back;
a code, so that its second redemption is still known for what it is and revokes its family (R-081);
a spent id, so that a clock that is set back revives nothing (P-12), and so what was tried;
a challenge, so that its answer is told that it came too late.
Who arrived, and what an operator had typed, is not kept a moment longer than was said.
"""


class _Page:
    """The statements that count and remove one page of a table."""

    def __init__(self, table: Table) -> None:
        columns = list(table.primary_key.columns)
        key: ColumnElement[Any] = columns[0] if len(columns) == 1 else tuple_(*columns)
        expired = (
            select(*columns)
            .where(table.c.expires <= bindparam("until", type_=BigInteger))
            .order_by(table.c.expires)
            .limit(bindparam("page", type_=BigInteger))
        )
        self.count = Statement(
            f"count_expired_{table.name}", select(func.count()).select_from(expired.subquery())
        )
        self.remove = Statement(f"remove_expired_{table.name}", delete(table).where(key.in_(expired)))


_PAGES = {table: _Page(table) for table in GRACE}

_OURS_OR_OVER = (job_leases.c.node == bindparam("node")) | (
    job_leases.c.until <= bindparam("now", type_=BigInteger)
)
_TAKEN = {"node": bindparam("node"), "until": bindparam("until")}
_CLAIM = Statement(
    "claim_job",
    sqlite.insert(job_leases)
    .values({"job": bindparam("job"), **_TAKEN})
    .on_conflict_do_update(index_elements=["job"], set_=_TAKEN, where=_OURS_OR_OVER),
    postgresql=postgresql.insert(job_leases)
    .values({"job": bindparam("job"), **_TAKEN})
    .on_conflict_do_update(index_elements=["job"], set_=_TAKEN, where=_OURS_OR_OVER),
)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Removes what has expired; safe to stop at any point and to begin again."""

    database: Database

    async def sweep(self, now: datetime) -> Mapping[str, int]:
        """Remove expired rows; returns how many by table, without tables that had none."""
        removed = {table.name: await self._sweep(table, now - grace) for table, grace in GRACE.items()}
        return {name: rows for name, rows in removed.items() if rows}

    async def _sweep(self, table: Table, until: datetime) -> int:
        page, bounds = _PAGES[table], {"until": to_micros(until), "page": PAGE}
        removed = 0
        for _ in range(MOST_PAGES):
            row = await self.database.fetch_one(page.count, **bounds)
            expired = 0 if row is None else int(row[0])
            if expired:
                await self.database.commit([Write(page.remove, bounds)])
            removed += expired
            if expired < PAGE:
                break
        return removed


@dataclass(frozen=True, slots=True)
class Leases:
    """Who does a job now."""

    database: Database
    clock: Clock

    async def claim(self, job: str, node: str, seconds: int) -> bool:
        """Take or renew the lease of a job for some seconds; ``False`` while another node holds it."""
        now = self.clock.now()
        lease = {
            "job": job,
            "node": node,
            "now": to_micros(now),
            "until": to_micros(now + timedelta(seconds=seconds)),
        }
        try:
            await self.database.commit([Write(_CLAIM, lease, must=1, guard="job")])
        except Conflict:
            return False
        return True
