"""The names behind the ids in outcomes and audit events, found in a few questions however long the list is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.people.setup import SET_UP_LINK
from jitney.model.audit_event import AuditEvent
from jitney.model.outcome import Outcome
from jitney.model.user import PRIMARY
from jitney.ports import IdentityProviders, KnownUser, UserStoreRecords

ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What our ids look like."""

_AT_ONCE: Final = 100
_OURS: Final = {one.id: one.name for one in (COMMAND_LINE, SET_UP_LINK)}


@dataclass(frozen=True, slots=True)
class RecordNames:
    """Finds short names of identity providers, and names of users; whoever is gone has none."""

    identity_providers: IdentityProviders
    users: UserStoreRecords

    async def of_idps(self, idps: Iterable[str]) -> Mapping[str, str]:
        """Return the short names of these identity providers, by id."""
        return await self._find(idps, ())

    async def of_outcomes(self, outcomes: Iterable[Outcome]) -> Mapping[str, str]:
        """Return the names behind the ids of these outcomes, by id."""
        kept = tuple(outcomes)
        idps = {one.idp for one in kept if one.idp}
        return await self._find(idps, {one.user_id for one in kept if one.user_id})

    async def of_events(self, events: Iterable[AuditEvent]) -> Mapping[str, str]:
        """Return the names behind the actors and the targets of these events, by id."""
        parties = {text.partition(":")[::2] for one in events for text in (one.actor, one.target)}
        users = {each for kind, each in parties if kind in {"user", "operator"}}
        found = await self._find({each for kind, each in parties if kind == "idp"}, users - _OURS.keys())
        return {**{each: _OURS[each] for each in sorted(users & _OURS.keys())}, **found}

    async def of_story(self, outcome: Outcome, events: Iterable[AuditEvent]) -> Mapping[str, str]:
        """Return the names behind every id in the whole story of one sign-in, also inside its texts."""
        told = tuple(events)
        texts = [*outcome.written, *(text for reason in outcome.reasons for text in reason.about.values())]
        texts += [text for event in told for text in event.about.values()]
        inside = {each for text in texts for each in ID.findall(text)}
        named = {**await self.of_outcomes([outcome]), **await self.of_events(told)}
        return {**await self._find(inside - named.keys(), inside - named.keys()), **named}

    async def _find(self, idps: Iterable[str], users: Iterable[str]) -> dict[str, str]:
        providers = [await self.identity_providers.find(each) for each in sorted(idps)[:_AT_ONCE]]
        known = await self.users.users_of_ids(sorted(users)[:_AT_ONCE])
        return {idp.id: idp.name for idp in providers if idp} | {user.id: _name(user) for user in known}


def _name(user: KnownUser) -> str:
    return user.name if user.domain == PRIMARY else f"{user.domain}/{user.name}"
