"""Find how sign-ins ended, by what an operator knows of them, and tell the whole story of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from jitney.administration.operator import Operator, Right
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.records.record_names import ID, RecordNames
from jitney.administration.records.references import parse_reference
from jitney.errors import NotFound
from jitney.model.audit_event import AuditEvent
from jitney.model.outcome import Outcome, OutcomeKind
from jitney.ports import Clock, IdentityProviders, OutcomeFilter, Records

ON_A_PAGE: Final = 50

REASON_SPAN: Final = timedelta(days=7)
"""How far back pages look for a reason where nothing else says whom or when: no index knows the reasons."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What an operator knows: ``user`` is a name, ``DOMAIN/name`` or an id, also of a user who is gone.

    ``idp`` is the short name of an identity provider, or the id of one that is gone; ``code`` that of any of the
    reasons. ``behind`` is the reference behind which a page begins.
    """

    user: str | None = None
    idp: str | None = None
    subject: str | None = None
    application: str | None = None
    kind: OutcomeKind | None = None
    code: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = ON_A_PAGE
    behind: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """Some outcomes, the names behind the ids in them, and behind which reference the next page begins, if any."""

    outcomes: Sequence[Outcome]
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    behind: str | None = None


@dataclass(frozen=True, slots=True)
class ToldOutcome:
    """An outcome with the audit events under its reference; ``names`` are those behind the ids in it."""

    outcome: Outcome
    events: Sequence[AuditEvent] = ()
    names: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class OutcomeFinding:
    """What an operator may ask about sign-ins."""

    records: Records
    finding: UserFinding
    identity_providers: IdentityProviders
    names_of: RecordNames
    clock: Clock

    async def list(self, operator: Operator, sought: Sought) -> Sequence[Outcome]:
        """List outcomes, newest first; raises ``NotFound`` for a user or an identity provider there is not."""
        return await self.records.outcomes(await self.filter_of(operator, sought))

    async def page(self, operator: Operator, sought: Sought) -> OutcomePage:
        """Return a page of what ``list`` lists, with names, and where the next one begins; as ``narrowed``."""
        wanted = await self.filter_of(operator, self.narrowed(sought))
        found = await self.records.outcomes(replace(wanted, limit=wanted.limit + 1))
        shown = found[: wanted.limit]
        behind = shown[-1].reference if len(found) > len(shown) else None
        return OutcomePage(shown, await self.names_of.of_outcomes(shown), behind)

    def narrowed(self, sought: Sought) -> Sought:
        """Return what is sought, bounded in time where it would go through every sign-in that ever was (R-127)."""
        is_bounded = sought.since or sought.user or sought.subject or not sought.code
        return sought if is_bounded else replace(sought, since=self.clock.now() - REASON_SPAN)

    async def filter_of(self, operator: Operator, sought: Sought) -> OutcomeFilter:
        """Return what is sought by ids; raises as ``list`` does."""
        operator.need(Right.SEE)
        return OutcomeFilter(
            kind=sought.kind,
            code=sought.code,
            application=sought.application,
            idp=await self._idp_id(sought.idp) if sought.idp else None,
            subject=sought.subject,
            user_id=await self._user_id(sought.user) if sought.user else None,
            since=sought.since,
            until=sought.until,
            limit=sought.limit,
            behind=sought.behind,
        )

    async def find_reference(self, operator: Operator, typed: str) -> str | None:
        """Return the reference that somebody typed as they heard it, ``None`` where no sign-in has it."""
        operator.need(Right.SEE)
        reference = parse_reference(typed)
        found = await self.records.outcomes(OutcomeFilter(reference=reference, limit=1)) if reference else ()
        return found[0].reference if found else None

    async def tell(self, operator: Operator, reference: str) -> ToldOutcome:
        """Return the outcome with this reference, as read off an error page; raises ``NotFound``."""
        operator.need(Right.SEE)
        as_kept = parse_reference(reference) or reference.strip().upper()
        found = await self.records.outcomes(OutcomeFilter(reference=as_kept, limit=1))
        if not found:
            raise NotFound(
                "outcome_not_found", "There is no sign-in with this reference.", reference=reference
            )
        outcome = found[0]
        events = await self.records.events(reference=outcome.reference)
        names = await self.names_of.of_story(outcome, events)
        return ToldOutcome(outcome, tuple(reversed(events)), names)

    async def names(self, operator: Operator, outcomes: Sequence[Outcome]) -> Mapping[str, str]:
        """Return the names behind the ids in these outcomes; whoever is gone has none."""
        operator.need(Right.SEE)
        return await self.names_of.of_outcomes(outcomes)

    async def _idp_id(self, name: str) -> str:
        """Return the id of a provider; what looks like an id is taken for one, since a removed one has no name."""
        idp = await self.identity_providers.find_by_name(name)
        if idp is None and ID.fullmatch(name):
            return name
        if idp is None:
            raise NotFound("identity_provider_not_found", "There is no such identity provider.", name=name)
        return idp.id

    async def _user_id(self, reference: str) -> str:
        """Return the id of a user; what looks like an id is taken for one, since a removed user is nowhere else."""
        try:
            return (await self.finding.get_record(reference)).id
        except NotFound:
            if ID.fullmatch(reference) is None:
                raise
        return reference
