"""Record listings: how outcomes and audit events are asked for, newest first, page by page."""

from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, bindparam, select, tuple_

from jitney.database.database import Database, Row
from jitney.database.moments import to_micros
from jitney.database.statements import Statement
from jitney.ports import EventFilter, OutcomeFilter
from jitney.storage.tables import audit_events as _events
from jitney.storage.tables import outcomes as _outcomes

MOST_RECORDS = 1000
"""How many records one listing returns at most (R-151)."""

_KEYS: Final = {"outcomes": _outcomes.c.reference, "audit_events": _events.c.id}
"""By what the last record of a page is known."""

_PLACES: Final = {
    table.name: Statement(
        f"place_in_{table.name}",
        select(table.c.at, table.c.number)
        .where(_KEYS[table.name] == bindparam("key"))
        .order_by(table.c.number.desc())
        .limit(1),
    )
    for table in (_outcomes, _events)
}


_FEW: Final = ("reference", "user_id", "subject", "target", "actor")
"""What a few records have in common, the fewest first."""


async def list_records(
    database: Database, table: Table, wanted: OutcomeFilter | EventFilter
) -> Sequence[Row]:
    """Return the rows of one page; none behind a record that is not there."""
    given = _given(wanted)
    if "behind" in given:
        place = await database.fetch_one(_PLACES[table.name], key=given.pop("behind"))
        if place is None:
            return []
        given |= {"last_at": int(place["at"]), "last_number": int(place["number"])}
    return await database.fetch(listing(table, frozenset(given)), **given)


def _given(wanted: OutcomeFilter | EventFilter) -> dict[str, Any]:
    """Return what is asked for as the columns hold it."""
    given = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
    given = {name: value for name, value in given.items() if value is not None}
    given["limit"] = max(0, min(wanted.limit, MOST_RECORDS))
    for name in given.keys() & {"since", "until"}:
        given[name] = to_micros(given[name])
    for name in given.keys() & {"kind", "action"}:
        given[name] = given[name].value
    if "code" in given:
        given["code"] = _holding_code(given["code"])
    return given


@cache
def listing(table: Table, given: frozenset[str]) -> Statement:
    """Build the listing for one set of given fields; there are some hundreds at most.

    Of two records at one moment the later one stands first: so the next page begins exactly behind the last.
    """
    told = given - {"code", "since", "until", "limit", "last_at", "last_number"}
    few = next((name for name in _FEW if name in told), None)
    conditions = [_is(table.c[name], by_index=few in (None, name)) for name in sorted(told)]
    if "code" in given:
        conditions.append(table.c.reasons.like(bindparam("code"), escape="\\"))
    if "since" in given:
        conditions.append(table.c.at >= bindparam("since"))
    if "until" in given:
        conditions.append(table.c.at < bindparam("until"))
    if "last_at" in given:
        number = bindparam("last_number", type_=table.c.number.type)
        last = tuple_(bindparam("last_at", type_=table.c.at.type), number)
        conditions.append(tuple_(table.c.at, table.c.number) < last)
    newest = select(table).where(*conditions).order_by(table.c.at.desc(), table.c.number.desc())
    return Statement(table.name, newest.limit(bindparam("limit", type_=table.c.number.type)))


def _is(column: Column[Any], *, by_index: bool) -> ColumnElement[bool]:
    """Compare a column with what is given; not by its index, where that of another column finds fewer records.

    SQLite does not know which does.
    """
    compared: ColumnElement[Any] = column if by_index else column.concat("")
    return compared == bindparam(column.name)


def _holding_code(code: str) -> str:
    """Return the pattern for reasons of which one has this code, as ``records.py`` writes them.

    What stands in a reason's texts cannot look like that, since its quotation marks are escaped.
    """
    escaped = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in code)
    return f'%{{"code":"{escaped}"%'
