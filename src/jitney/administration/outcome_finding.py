"""Find how sign-ins ended, by what an operator knows of them, and tell the whole story of one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jitney.administration.operator import Operator
from jitney.administration.user_finding import UserFinding
from jitney.errors import NotFound
from jitney.model.audit_event import AuditEvent
from jitney.model.outcome import Outcome, OutcomeKind
from jitney.ports import IdentityProviders, OutcomeFilter, Records

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Sought:
    """What an operator knows: ``user`` is a name, ``DOMAIN/name`` or an id, also of a user who is gone.

    ``idp`` is the short name of an identity provider; ``code`` that of any of the reasons.
    """

    user: str | None = None
    idp: str | None = None
    subject: str | None = None
    application: str | None = None
    kind: OutcomeKind | None = None
    code: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50


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

    async def list(self, operator: Operator, sought: Sought) -> Sequence[Outcome]:
        """List outcomes, newest first; raises ``NotFound`` for a user or an identity provider there is not."""
        wanted = OutcomeFilter(
            kind=sought.kind,
            code=sought.code,
            application=sought.application,
            idp=await self._idp_id(sought.idp) if sought.idp else None,
            subject=sought.subject,
            user_id=await self._user_id(sought.user) if sought.user else None,
            since=sought.since,
            until=sought.until,
            limit=sought.limit,
        )
        return await self.records.outcomes(wanted)

    async def tell(self, operator: Operator, reference: str) -> ToldOutcome:
        """Return the outcome with this reference, as read off an error page; raises ``NotFound``."""
        found = await self.records.outcomes(OutcomeFilter(reference=reference.strip().upper()))
        if not found:
            raise NotFound(
                "outcome_not_found", "There is no sign-in with this reference.", reference=reference
            )
        outcome = found[0]
        events = await self.records.events(reference=outcome.reference)
        names = await self.names(operator, [outcome])
        return ToldOutcome(outcome, tuple(reversed(events)), names)

    async def names(self, operator: Operator, outcomes: Sequence[Outcome]) -> Mapping[str, str]:
        """Return the names behind the ids in these outcomes; whoever is gone has none."""
        names = {idp.id: idp.name for idp in await self.identity_providers.list()}
        for user_id in {one.user_id for one in outcomes if one.user_id}:
            if user := await self.finding.find_record(user_id):
                names[user.id] = str(user.username)
        return names

    async def _idp_id(self, name: str) -> str:
        idp = await self.identity_providers.find_by_name(name)
        if idp is None:
            raise NotFound("identity_provider_not_found", "There is no such identity provider.", name=name)
        return idp.id

    async def _user_id(self, reference: str) -> str:
        """Return the id of a user; what looks like an id is taken for one, since a removed user is nowhere else."""
        try:
            return (await self.finding.get_record(reference)).id
        except NotFound:
            if _ID.fullmatch(reference) is None:
                raise
        return reference
