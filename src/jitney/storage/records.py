"""Records: how every sign-in ended, and the audit events; only a pending outcome is ever changed, once."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.statements import Statement, Write
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import RecordEvent, RecordOutcome, SettleOutcome
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.ports import OutcomeFilter
from jitney.storage.codec import Codec
from jitney.storage.tables import audit_events as _events
from jitney.storage.tables import outcomes as _outcomes

MOST_RECORDS = 1000
"""How many records one listing returns at most (R-151)."""

_REASONS: Codec[tuple[Reason, ...]] = Codec(tuple[Reason, ...])
_LINES: Codec[tuple[str, ...]] = Codec(tuple[str, ...])
_ABOUT: Codec[Mapping[str, str]] = Codec(Mapping[str, str])


def _append_to(table: Table) -> Statement:
    values = {column.name: bindparam(column.name) for column in table.c if column.name != "number"}
    return Statement(f"add_to_{table.name}", insert(table).values(values).inline())


_ADD_OUTCOME = _append_to(_outcomes)
_ADD_EVENT = _append_to(_events)
_SETTLE_OUTCOME = Statement(
    "settle_outcome",
    update(_outcomes)
    .where(_outcomes.c.reference == bindparam("reference"), _outcomes.c.kind == OutcomeKind.PENDING.value)
    .values(
        {each.name: bindparam(each.name) for each in _outcomes.c if each.name not in {"number", "reference"}}
    ),
)

_NEWEST_EVENTS = (
    select(_events).order_by(_events.c.number.desc()).limit(bindparam("limit", type_=_events.c.number.type))
)


class SQLRecords:
    """Lists what happened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outcomes(self, wanted: OutcomeFilter) -> Sequence[Outcome]:
        """List outcomes, newest first, at most ``limit``."""
        given = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
        given = {name: value for name, value in given.items() if value is not None}
        given["limit"] = _bounded(wanted.limit)
        for name in given.keys() & {"since", "until"}:
            given[name] = to_micros(given[name])
        if wanted.kind is not None:
            given["kind"] = wanted.kind.value
        if wanted.code is not None:
            given["code"] = _holding_code(wanted.code)
        rows = await self._database.fetch(_listing(frozenset(given)), **given)
        return [_outcome(row) for row in rows]

    async def events(
        self, *, target: str | None = None, reference: str | None = None, limit: int = 50
    ) -> Sequence[AuditEvent]:
        """List audit events, newest first."""
        wanted = {"target": target, "reference": reference}
        given = {name: value for name, value in wanted.items() if value is not None}
        rows = await self._database.fetch(_events_listing(frozenset(given)), limit=_bounded(limit), **given)
        return [_event(row) for row in rows]


@cache
def _listing(given: frozenset[str]) -> Statement:
    """Build the listing for one set of given fields; there are 512 at most."""
    told = ("reference", "kind", "application", "idp", "subject", "user_id")
    conditions: list[Any] = [_outcomes.c[name] == bindparam(name) for name in told if name in given]
    if "code" in given:
        conditions.append(_outcomes.c.reasons.like(bindparam("code"), escape="\\"))
    if "since" in given:
        conditions.append(_outcomes.c.at >= bindparam("since"))
    if "until" in given:
        conditions.append(_outcomes.c.at < bindparam("until"))
    newest = select(_outcomes).where(*conditions).order_by(_outcomes.c.at.desc(), _outcomes.c.number.desc())
    return Statement("outcomes", newest.limit(bindparam("limit", type_=_outcomes.c.number.type)))


def _holding_code(code: str) -> str:
    """Return the pattern for reasons of which one has this code, as ``_REASONS`` writes them.

    What stands in a reason's texts cannot look like that, since its quotation marks are escaped.
    """
    escaped = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in code)
    return f'%{{"code":"{escaped}"%'


@cache
def _events_listing(given: frozenset[str]) -> Statement:
    conditions = [_events.c[name] == bindparam(name) for name in sorted(given)]
    return Statement("audit_events", _NEWEST_EVENTS.where(*conditions))


def _bounded(limit: int) -> int:
    return max(0, min(limit, MOST_RECORDS))


def _add_outcome(change: RecordOutcome) -> list[Write]:
    return [Write(_ADD_OUTCOME, _outcome_row(change.outcome))]


def _settle_outcome(change: SettleOutcome) -> list[Write]:
    """Overwrite the pending row in its place; one that was settled before stays as it is."""
    return [Write(_SETTLE_OUTCOME, _outcome_row(change.outcome), must=1, guard=change.guard)]


def _outcome_row(outcome: Outcome) -> dict[str, Any]:
    return {
        "reference": outcome.reference,
        "at": to_micros(outcome.at),
        "kind": outcome.kind.value,
        "reasons": _REASONS.encode(outcome.reasons),
        "application": outcome.application,
        "idp": outcome.idp,
        "subject": outcome.subject,
        "user_id": outcome.user_id,
        "written": _LINES.encode(outcome.written) if outcome.written else None,
    }


def _add_event(change: RecordEvent) -> list[Write]:
    event = change.event
    row: dict[str, Any] = {
        "id": event.id,
        "at": to_micros(event.at),
        "action": event.action.value,
        "actor": event.actor,
        "target": event.target,
        "reference": event.reference,
        "about": _ABOUT.encode(event.about),
    }
    return [Write(_ADD_EVENT, row)]


RENDERS = {RecordOutcome: _add_outcome, SettleOutcome: _settle_outcome, RecordEvent: _add_event}


def _outcome(row: Row) -> Outcome:
    return Outcome(
        reference=row["reference"],
        at=from_micros(int(row["at"])),
        kind=OutcomeKind(row["kind"]),
        reasons=_REASONS.decode(row["reasons"]),
        application=row["application"],
        idp=row["idp"],
        subject=row["subject"],
        user_id=row["user_id"],
        written=_LINES.decode_or_null(row["written"]) or (),
    )


def _event(row: Row) -> AuditEvent:
    return AuditEvent(
        id=row["id"],
        at=from_micros(int(row["at"])),
        action=Action(row["action"]),
        actor=row["actor"],
        target=row["target"],
        reference=row["reference"],
        about=_ABOUT.decode(row["about"]),
    )
