"""Everything that is kept of oneself, to take along."""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.account.export import Json, Kept, export_of
from jitney.account.my_history import MyHistory
from jitney.account.own_trail import OwnTrail
from jitney.model.account_link import AccountLink
from jitney.model.audit_event import Action
from jitney.model.identity_lock import IdentityLock, folded_email
from jitney.model.myself import Myself
from jitney.model.user import GivenBy
from jitney.ports import (
    AccountLinks,
    Arrivals,
    Clock,
    ConsentReceipts,
    Factors,
    IdentityLocks,
    IdentityProviders,
    Records,
    Sessions,
    UnitOfWork,
)

MOST_RECORDS = 1000
"""How many sign-ins, and how many events, an export holds; the newest."""


@dataclass(frozen=True, slots=True)
class MyData:
    """Collects what is kept, for the person whom it is about."""

    account_links: AccountLinks
    identity_providers: IdentityProviders
    identity_locks: IdentityLocks
    factors: Factors
    sessions: Sessions
    receipts: ConsentReceipts
    history: MyHistory
    records: Records
    arrivals: Arrivals
    work: UnitOfWork
    trail: OwnTrail
    clock: Clock

    async def export(self, me: Myself) -> Json:
        """Return everything as a JSON object, and keep that it was taken; raises ``Conflict``."""
        links = await self.account_links.of_user(me.id)
        sessions = await self.sessions.of_user(me.id)
        outcomes = await self.history.recent(me, limit=MOST_RECORDS)
        named = {one.idp for one in (*links, *sessions, *outcomes) if one.idp is not None}
        kept = Kept(
            user=me.user,
            links=links,
            identity_locks=[lock for link in links for lock in await self._locks_of(me, link)],
            factors=await self.factors.of_user(me.id),
            recovery_codes=await self.factors.count_recovery_codes(me.id),
            sessions=sessions,
            receipts=await self.receipts.of_user(me.id),
            outcomes=outcomes,
            arrivals=await self.arrivals.of_references([one.reference for one in outcomes]),
            events=await self.records.events(target=f"user:{me.id}", limit=MOST_RECORDS),
            providers=await self.names_of(named | givers_of(me)),
        )
        now = self.clock.now()
        await self.work.commit(*me.holding(now), self.trail.record(me, Action.ACCOUNT_EXPORTED))
        return export_of(kept, now)

    async def names_of(self, ids: set[str]) -> dict[str, str]:
        """Return the short names of identity providers by id, without those that are gone."""
        found = [await self.identity_providers.find(idp) for idp in sorted(ids)]
        return {one.id: one.name for one in found if one is not None}

    async def _locks_of(self, me: Myself, link: AccountLink) -> Sequence[IdentityLock]:
        emails = [
            folded_email(one.value)
            for one in me.user.attributes.get("email", ())
            if one.provenance.given_by is GivenBy.IDENTITY_PROVIDER and one.provenance.id == link.idp
        ]
        return await self.identity_locks.of_identity(link.idp, subject=link.subject, emails=emails)


def givers_of(me: Myself) -> set[str]:
    """Return the ids of the identity providers that gave the person anything."""
    user = me.user
    given = [value.provenance for values in user.attributes.values() for value in values]
    given += [grant.provenance for grant in (*user.roles, *user.groups)]
    named = {one.id for one in given if one.given_by is GivenBy.IDENTITY_PROVIDER}
    return named | ({user.origin} if user.origin else set())
