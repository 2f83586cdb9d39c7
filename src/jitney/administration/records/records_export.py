"""Hand out outcomes and audit events in bulk: to whom, how many, and never without a record of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields, replace
from typing import Final

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.administration.records.audit_finding import AuditFinding, EventPage, SoughtEvents
from jitney.administration.records.outcome_finding import OutcomeFinding, OutcomePage, Sought
from jitney.errors import NotAllowed
from jitney.model.audit_event import Action
from jitney.ports import EventFilter, OutcomeFilter, UnitOfWork

MOST_EXPORTED: Final = 100_000
"""How many records one export holds at most, the newest; who needs more narrows the time."""

_AT_ONCE: Final = 500
_NOT_TOLD: Final = frozenset({"limit", "behind", "subject"})
"""What the audit event does not repeat; a subject is personal, and that one was asked for is enough."""


@dataclass(frozen=True, slots=True)
class RecordsExport:
    """Reads page after page, for as long as the other side takes them.

    Whoever administers and whoever audits may export. The help desk may not: it looks up whom it helps, one by one,
    and has no need of everybody's sign-ins in one file. So who may help people, and not administer, is refused,
    also where they are an auditor besides: the narrower duty decides.
    """

    finding: OutcomeFinding
    audit: AuditFinding
    work: UnitOfWork
    trail: AuditTrail
    most: int = MOST_EXPORTED

    def may_export(self, operator: Operator) -> bool:
        """Say whether an operator may export."""
        return operator.may(Right.EXPORT)

    async def outcomes(self, operator: Operator, sought: Sought, *, form: str) -> AsyncIterator[OutcomePage]:
        """Record that an operator takes these outcomes as a file of this form, and return them page by page.

        Raises ``NotAllowed`` (``export_not_allowed``), and as ``OutcomeFinding.list``, and then records nothing.
        """
        self._check(operator)
        sought = self.finding.narrowed(sought)
        wanted = await self.finding.filter_of(operator, sought)
        await self._record(operator, "outcomes", form, wanted)
        return self._outcome_pages(operator, sought)

    async def events(
        self, operator: Operator, sought: SoughtEvents, *, form: str
    ) -> AsyncIterator[EventPage]:
        """Record that an operator takes these audit events as a file of this form, and return them page by page.

        The event of this very export is the first in it, where it fits. Raises as ``outcomes`` does.
        """
        self._check(operator)
        wanted = await self.audit.filter_of(operator, sought)
        await self._record(operator, "audit_events", form, wanted)
        return self._event_pages(operator, sought)

    async def _outcome_pages(self, operator: Operator, sought: Sought) -> AsyncIterator[OutcomePage]:
        here: Sought | None = replace(sought, behind=None)
        left = self.most
        while here is not None and left > 0:
            page = await self.finding.page(operator, replace(here, limit=min(_AT_ONCE, left)))
            yield page
            left -= len(page.outcomes)
            here = replace(here, behind=page.behind) if page.behind else None

    async def _event_pages(self, operator: Operator, sought: SoughtEvents) -> AsyncIterator[EventPage]:
        here: SoughtEvents | None = replace(sought, behind=None)
        left = self.most
        while here is not None and left > 0:
            page = await self.audit.page(operator, replace(here, limit=min(_AT_ONCE, left)))
            yield page
            left -= len(page.events)
            here = replace(here, behind=page.behind) if page.behind else None

    def _check(self, operator: Operator) -> None:
        operator.need(Right.SEE)
        if not self.may_export(operator):
            raise NotAllowed(
                "export_not_allowed",
                "The help desk looks people up one by one, and cannot export. Ask an auditor or an administrator.",
            )

    async def _record(
        self, operator: Operator, what: str, form: str, wanted: OutcomeFilter | EventFilter
    ) -> None:
        """Record the export before its first line leaves: none is ever handed out that the audit does not know."""
        given = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
        told = {
            f"by_{name}": str(value)
            for name, value in given.items()
            if value is not None and name not in _NOT_TOLD
        }
        if given.get("subject") is not None:
            told["by_subject"] = "yes"
        await self.work.commit(
            self.trail.record(operator, Action.RECORDS_EXPORTED, what, format=form, **told)
        )
