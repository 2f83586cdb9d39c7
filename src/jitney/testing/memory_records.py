"""Memory records: how every sign-in ended, and the audit events, found by walking through all."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from jitney.model.audit_event import AuditEvent
from jitney.model.outcome import Outcome, OutcomeKind
from jitney.ports import EventFilter, LastSignIns, OutcomeCount, OutcomeFilter
from jitney.testing.memory_state import MemoryState

_MOST_RECORDS = 1000
_MOST_PROVIDERS = 1000

_Record = TypeVar("_Record", Outcome, AuditEvent)


@dataclass(frozen=True, slots=True)
class MemoryRecords:
    """Lists what happened in the state that ``look`` returns."""

    look: Callable[[], MemoryState]

    async def outcomes(self, wanted: OutcomeFilter) -> Sequence[Outcome]:
        """List outcomes, newest first, at most ``limit``."""
        listed = _behind(
            _newest_first(self.look().outcomes), lambda each: each.reference == wanted.behind, wanted
        )
        return [each for each in listed if _fits(each, wanted)][: _bounded(wanted.limit)]

    async def counts(self, since: datetime, until: datetime, *, step_seconds: int) -> Sequence[OutcomeCount]:
        """Count outcomes by stretches from ``since`` on, by provider and kind, the oldest first."""
        step = timedelta(seconds=max(1, step_seconds))
        counted = Counter(
            ((each.at - since) // step, each.idp, each.kind)
            for each in self.look().outcomes
            if since <= each.at < until
        )
        counts = [
            OutcomeCount(since + n * step, idp, kind, count) for (n, idp, kind), count in counted.items()
        ]
        return sorted(counts, key=lambda each: (each.since, each.idp or "", each.kind.value))

    async def last_of_providers(self, idps: Sequence[str]) -> Mapping[str, LastSignIns]:
        """Return the last sign-ins through each of these providers, by id."""
        asked = list(dict.fromkeys(idps))[:_MOST_PROVIDERS]
        found = {idp: self._last_of(idp) for idp in asked}
        return {idp: last for idp, last in found.items() if last != LastSignIns()}

    async def events(
        self, *, target: str | None = None, reference: str | None = None, limit: int = 50
    ) -> Sequence[AuditEvent]:
        """List audit events, newest first."""
        return await self.events_where(EventFilter(target=target, reference=reference, limit=limit))

    async def events_where(self, wanted: EventFilter) -> Sequence[AuditEvent]:
        """List audit events, newest first, at most ``limit``."""
        listed = _behind(_newest_first(self.look().events), lambda each: each.id == wanted.behind, wanted)
        return [each for each in listed if _event_fits(each, wanted)][: _bounded(wanted.limit)]

    def _last_of(self, idp: str) -> LastSignIns:
        ended = [
            each
            for each in _newest_first(self.look().outcomes)
            if each.idp == idp and each.kind is not OutcomeKind.PENDING
        ]
        return LastSignIns(
            succeeded=next((each for each in ended if each.kind is not OutcomeKind.REFUSED), None),
            refused=next((each for each in ended if each.kind is OutcomeKind.REFUSED), None),
        )


def _newest_first(records: Sequence[_Record]) -> Sequence[_Record]:
    """Sort from the oldest, then turn around: of two at one moment the later one comes first."""
    return sorted(records, key=lambda each: each.at)[::-1]


def _behind(
    records: Sequence[_Record], is_last: Callable[[_Record], bool], wanted: OutcomeFilter | EventFilter
) -> Sequence[_Record]:
    if wanted.behind is None:
        return records
    place = next((place for place, each in enumerate(records) if is_last(each)), len(records))
    return records[place + 1 :]


def _bounded(limit: int) -> int:
    return max(0, min(limit, _MOST_RECORDS))


def _fits(outcome: Outcome, wanted: OutcomeFilter) -> bool:
    return (
        wanted.reference in (None, outcome.reference)
        and wanted.kind in (None, outcome.kind)
        and (wanted.code is None or any(reason.code == wanted.code for reason in outcome.reasons))
        and wanted.application in (None, outcome.application)
        and wanted.idp in (None, outcome.idp)
        and wanted.subject in (None, outcome.subject)
        and wanted.user_id in (None, outcome.user_id)
        and _is_within(outcome.at, wanted)
    )


def _event_fits(event: AuditEvent, wanted: EventFilter) -> bool:
    return (
        wanted.target in (None, event.target)
        and wanted.actor in (None, event.actor)
        and wanted.action in (None, event.action)
        and wanted.reference in (None, event.reference)
        and _is_within(event.at, wanted)
    )


def _is_within(at: datetime, wanted: OutcomeFilter | EventFilter) -> bool:
    return (wanted.since is None or at >= wanted.since) and (wanted.until is None or at < wanted.until)
