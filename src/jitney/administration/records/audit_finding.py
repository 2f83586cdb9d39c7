"""Find audit events by who did what to whom, as an operator names them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from jitney.administration.operator import COMMAND_LINE, Operator, Right
from jitney.administration.people.setup import SET_UP_LINK
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.records.outcome_finding import ON_A_PAGE
from jitney.administration.records.record_names import ID, RecordNames
from jitney.administration.records.references import parse_reference
from jitney.errors import NotFound
from jitney.model.audit_event import Action, AuditEvent
from jitney.ports import EventFilter, IdentityProviders, Records, UserStoreRecords

_BY_THEMSELVES: Final = frozenset({COMMAND_LINE.id, SET_UP_LINK.id})
"""Operators who are nobody's user."""


@dataclass(frozen=True, slots=True)
class SoughtEvents:
    """What an operator knows of an event.

    ``actor`` and ``target`` are a kind and a name, as people say it: ``operator:root``, ``user:ENG/ada``,
    ``idp:acme``, ``application:shop``, ``user_store:ENG``; an id will do in the place of a name, and a text without
    a kind is compared as it is.
    """

    actor: str | None = None
    target: str | None = None
    action: Action | None = None
    reference: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = ON_A_PAGE
    behind: str | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events, the names behind the ids in them, and behind which event the next page begins, if any."""

    events: Sequence[AuditEvent]
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    behind: str | None = None


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """What an operator may ask of the audit."""

    records: Records
    finding: UserFinding
    identity_providers: IdentityProviders
    user_stores: UserStoreRecords
    names_of: RecordNames

    async def page(self, operator: Operator, sought: SoughtEvents) -> EventPage:
        """Return events, the newest first; raises ``NotFound`` for a user or an identity provider there is not."""
        wanted = await self.filter_of(operator, sought)
        found = await self.records.events_where(replace(wanted, limit=wanted.limit + 1))
        shown = found[: wanted.limit]
        behind = shown[-1].id if len(found) > len(shown) else None
        return EventPage(shown, await self.names_of.of_events(shown), behind)

    async def filter_of(self, operator: Operator, sought: SoughtEvents) -> EventFilter:
        """Return what is sought by ids; raises as ``page`` does."""
        operator.need(Right.SEE)
        reference = sought.reference
        return EventFilter(
            actor=await self._party(sought.actor) if sought.actor else None,
            target=await self._party(sought.target) if sought.target else None,
            action=sought.action,
            reference=(parse_reference(reference) or reference.strip().upper()) if reference else None,
            since=sought.since,
            until=sought.until,
            limit=sought.limit,
            behind=sought.behind,
        )

    async def _party(self, named: str) -> str:
        """Return how events name this party."""
        kind, colon, name = named.partition(":")
        match kind if colon else "":
            case "user":
                return f"user:{await self._user_id(name)}"
            case "operator":
                return f"operator:{name if name in _BY_THEMSELVES else await self._user_id(name)}"
            case "idp":
                return f"idp:{await self._idp_id(name)}"
            case "user_store":
                record = await self.user_stores.find(name)
                return f"user_store:{record.id if record else name}"
            case _:
                return named

    async def _user_id(self, name: str) -> str:
        """Return the id of a user; what looks like an id is taken for one, since a removed user is nowhere else."""
        try:
            return (await self.finding.get_record(name)).id
        except NotFound:
            if ID.fullmatch(name) is None:
                raise
        return name

    async def _idp_id(self, name: str) -> str:
        idp = await self.identity_providers.find_by_name(name)
        if idp is None and ID.fullmatch(name) is None:
            raise NotFound("identity_provider_not_found", "There is no such identity provider.", name=name)
        return idp.id if idp else name
