"""Records: how every sign-in ended, and the audit events; only a pending outcome is ever changed, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Table, bindparam, insert, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.statements import Statement, Write
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import RecordEvent, RecordOutcome, SettleOutcome
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.ports import EventFilter, LastSignIns, OutcomeCount, OutcomeFilter
from jitney.storage.codec import Codec
from jitney.storage.outcome_counts import COUNTS, LAST_OF_PROVIDERS
from jitney.storage.record_listings import list_records
from jitney.storage.tables import audit_events as _events
from jitney.storage.tables import outcomes as _outcomes

MOST_PROVIDERS = 1000
"""Of how many providers the last sign-ins are looked up at most (R-151)."""

_MICROSECOND = timedelta(microseconds=1)
_KINDS = {kind.value: kind for kind in OutcomeKind}

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


class SQLRecords:
    """Lists what happened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outcomes(self, wanted: OutcomeFilter) -> Sequence[Outcome]:
        """List outcomes, newest first, at most ``limit``."""
        return [_outcome(row) for row in await list_records(self._database, _outcomes, wanted)]

    async def counts(self, since: datetime, until: datetime, *, step_seconds: int) -> Sequence[OutcomeCount]:
        """Count outcomes by stretches from ``since`` on, by provider and kind, the oldest first."""
        step = timedelta(seconds=max(1, step_seconds))
        bounds = {"since": to_micros(since), "until": to_micros(until), "step": step // _MICROSECOND}
        counts = [
            OutcomeCount(
                since + int(row["stretch"]) * step, row["idp"], _KINDS[row["kind"]], int(row["count"])
            )
            for row in await self._database.fetch(COUNTS, **bounds)
        ]
        return sorted(counts, key=lambda each: (each.since, each.idp or "", each.kind.value))

    async def last_of_providers(self, idps: Sequence[str]) -> Mapping[str, LastSignIns]:
        """Return the last sign-ins through each of these providers, at most 1000, by id."""
        asked = list(dict.fromkeys(idps))[:MOST_PROVIDERS]
        rows = await self._database.fetch(LAST_OF_PROVIDERS, idps=orjson.dumps(asked).decode())
        newest: dict[tuple[str, bool], Row] = {}
        for row in sorted(rows, key=lambda each: (int(each["at"]), int(each["number"]))):
            newest[row["idp"], row["kind"] == OutcomeKind.REFUSED.value] = row
        last = {key: _outcome(row) for key, row in newest.items()}
        return {idp: LastSignIns(last.get((idp, False)), last.get((idp, True))) for idp, _ in last}

    async def events(
        self, *, target: str | None = None, reference: str | None = None, limit: int = 50
    ) -> Sequence[AuditEvent]:
        """List audit events, newest first."""
        return await self.events_where(EventFilter(target=target, reference=reference, limit=limit))

    async def events_where(self, wanted: EventFilter) -> Sequence[AuditEvent]:
        """List audit events, newest first, at most ``limit``."""
        return [_event(row) for row in await list_records(self._database, _events, wanted)]


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
