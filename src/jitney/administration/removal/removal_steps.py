"""Carry out the removal of an identity provider, one person a commit, from wherever it was broken off."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.people.user_readiness import check_settled
from jitney.administration.removal.fate_finding import Concerned, FateFinding
from jitney.administration.removal.removal_rounds import RemovalRound, Waiting
from jitney.errors import Conflict, Locked, UserStoreRejected, UserStoreUnavailable
from jitney.model.account_link import AccountLink
from jitney.model.audit_event import Action
from jitney.model.changes import (
    Change,
    EndSessionsOfUser,
    RecordEvent,
    RemoveAccountLink,
    RemoveUser,
    SaveProviderRemoval,
)
from jitney.model.provider_removal import Fate, ProviderRemoval, RemovalPhase
from jitney.operations.leaving import EntryLeaving
from jitney.operations.making import Begun
from jitney.operations.recovery import Recovery
from jitney.ports import AccountLinks, KnownUser, ProviderRemovals, UnitOfWork, UserStoreRecords

PAGE = 100
_LOOKS = 5
"""How often somebody is looked at again who changes in the same moment; then they wait."""


@dataclass(frozen=True, slots=True)
class ProviderClearing:
    """Deletes and unlinks; what is counted is counted in the commit in which it happens.

    So the counts are right after every crash, and of two nodes that go on with the same removal one is refused.
    """

    finding: FateFinding
    removals: ProviderRemovals
    account_links: AccountLinks
    records: UserStoreRecords
    leaving: EntryLeaving
    recovery: Recovery
    work: UnitOfWork
    trail: AuditTrail

    async def go_on(self, removal_id: str) -> AsyncIterator[ProviderRemoval | Waiting]:
        """Go through everybody who is left, and yield the removal after each commit, and each page of people.

        Ends when nobody is left, when all who are left have to wait (each reason is yielded once), or when somebody
        else goes on with the same removal.
        Raises ``Overloaded``.
        """
        removal = await self.removals.find(removal_id)
        if removal is None or removal.phase is RemovalPhase.DONE:
            return
        now = RemovalRound(removal)
        try:
            async for met in self._everybody(now):
                yield met
            if not now.waiting and not await self.account_links.count_of(removal.idp):
                yield await self._finish(now)
        except Conflict as lost:
            if lost.what != SaveProviderRemoval.guard:
                raise

    async def _everybody(self, now: RemovalRound) -> AsyncIterator[ProviderRemoval | Waiting]:
        if now.removal.phase is RemovalPhase.ORIGINS:
            async for met in self._orphaned(now):
                yield met
            if not now.waiting:
                await self._save(now, now.removal.moved(phase=RemovalPhase.LINKS, after=""))
        async for met in self._linked(now):
            yield met

    async def _orphaned(self, now: RemovalRound) -> AsyncIterator[ProviderRemoval | Waiting]:
        """Delete those whom the provider brought and whom nothing opens any more; others are no matter of ours."""
        after = now.removal.after
        while page := await self.records.users_of_origin(now.removal.idp, after=after, limit=PAGE):
            for known in page:
                if now.removal.deletes_users and (met := await self._orphan(now, known)):
                    yield met
            after = page[-1].id
            if not now.waiting:
                await self._save(now, now.removal.moved(after=after))
            yield now.removal

    async def _orphan(self, now: RemovalRound, known: KnownUser) -> ProviderRemoval | Waiting | None:
        if await self.finding.is_linked(known.id, now.removal.idp):
            return None
        return await self._take(now, known.id, known.domain)

    async def _linked(self, now: RemovalRound) -> AsyncIterator[ProviderRemoval | Waiting]:
        after = ""
        while page := await self.account_links.page_of(now.removal.idp, after=after, limit=PAGE):
            for link in page:
                if met := await self._take(now, link.user_id, link.domain, link=link):
                    yield met
            after = page[-1].subject
            yield now.removal

    async def _take(
        self, now: RemovalRound, user_id: str, domain: str, *, link: AccountLink | None = None
    ) -> ProviderRemoval | Waiting | None:
        """Bring one person to their fate; ``None`` where there is nothing to do, or nothing new to say of it."""
        before = now.removal
        try:
            await self._meet(now, user_id, domain, link)
        except (UserStoreUnavailable, UserStoreRejected, Locked) as fault:
            return now.wait(domain, fault)
        except Conflict as fault:
            if fault.what == SaveProviderRemoval.guard:
                raise
            return now.wait(domain, fault)
        return now.removal if now.removal is not before else None

    async def _meet(self, now: RemovalRound, user_id: str, domain: str, link: AccountLink | None) -> None:
        """Look, decide and act; whoever changes in between is looked at again."""
        for looks in range(_LOOKS):
            person = await self.finding.look(user_id, domain, now.going)
            if person is None:
                await self._forget(link)
                return
            if link is not None and link not in person.links:
                return
            try:
                await self._act(now, person)
            except Conflict as changed:
                if changed.what == SaveProviderRemoval.guard or looks == _LOOKS - 1:
                    raise
                continue
            if not person.is_under_way:
                return

    async def _act(self, now: RemovalRound, person: Concerned) -> None:
        if person.is_under_way:
            await self._settle(person)
            return
        judged = await self._judge(now, person)
        if judged.fate is not Fate.DELETED:
            if judged.links and not _would_be_met_again(now, judged):
                await self._unlink(now, judged)
            return
        await self.finding.users.writable_store(judged.user.username.domain)
        if judged.store.entries is None:
            await self._delete(now, judged)
        else:
            await self._delete_outside(now, judged)

    async def _judge(self, now: RemovalRound, person: Concerned) -> Concerned:
        """Ask the store where it matters, but no store a second time that has not answered in this round."""
        shut = now.shut.get(person.user.username.domain)
        if shut is not None and person.goes_outside:
            raise shut
        return await self.finding.ask(person, now.going)

    async def _settle(self, person: Concerned) -> None:
        """Bring to its end what is under way and nobody is at; raises ``Locked`` where somebody is."""
        operation = await self.recovery.operations.of_user(person.user.id)
        if operation is None or operation.is_held(self.trail.clock.now()):
            check_settled(person.user)
            return
        await self.recovery.resolve(operation)

    async def _unlink(self, now: RemovalRound, person: Concerned) -> None:
        """Keep somebody, and take from them every way in through this provider (R-084)."""
        removal = _counted(now.removal, person.fate)
        about = {"idp": removal.name, "why": f"identity provider removed, {person.fate.value}"}
        event = self._event(removal, Action.ACCOUNT_UNLINKED, f"user:{person.user.id}", **about)
        ending = EndSessionsOfUser(person.user.id, self.trail.clock.now())
        await self._save(now, removal, *map(RemoveAccountLink, person.links), ending, event)

    async def _delete(self, now: RemovalRound, person: Concerned) -> None:
        removing = RemoveUser(person.user.id, person.user.version)
        removal = _counted(now.removal, Fate.DELETED)
        await self._save(now, removal, removing, self._removed(removal, person))

    async def _delete_outside(self, now: RemovalRound, person: Concerned) -> None:
        """Delete somebody with the entry that we made; they are counted in the commit that shuts them out.

        What is broken off behind it is finished by recovery; where the store does not let the entry go, the commit
        that gives the user back takes them out of the count again.
        """
        before, store = now.removal, person.store
        counted = _counted(before, Fate.DELETED)
        begun = Begun(before.actor)
        leaving = await self.leaving.begin(
            store, person.user, begun=begun, recording=[SaveProviderRemoval(counted)]
        )
        now.removal = counted
        uncounted = counted.moved(done=before.done)
        try:
            await self.leaving.complete(
                store,
                leaving,
                recording=[self._removed(counted, person)],
                giving_back=[SaveProviderRemoval(uncounted)],
            )
        except UserStoreRejected:
            now.removal = await self.removals.find(before.id) or counted
            raise

    async def _forget(self, link: AccountLink | None) -> None:
        """Take away a link that opens nobody, if it did not go with its user; nobody is counted for it."""
        if link is not None and await self.account_links.find(link.idp, link.subject) == link:
            await self.work.commit(RemoveAccountLink(link))

    async def _finish(self, now: RemovalRound) -> ProviderRemoval:
        """Say that nobody is left."""
        done = now.removal.done
        removal = now.removal.moved(phase=RemovalPhase.DONE, after="", finished=self.trail.clock.now())
        about = {"name": removal.name, "deleted": str(done.deleted), "kept": str(done.kept)}
        event = self._event(
            removal, Action.IDENTITY_PROVIDER_REMOVAL_ENDED, f"idp:{removal.idp}", **about
        )  # fmt: skip
        await self._save(now, removal, event)
        return removal

    async def _save(self, now: RemovalRound, removal: ProviderRemoval, *changes: Change) -> None:
        await self.work.commit(*changes, SaveProviderRemoval(removal))
        now.removal = removal

    def _removed(self, removal: ProviderRemoval, person: Concerned) -> RecordEvent:
        about = {
            "user_name": str(person.user.username),
            "reason": f"identity provider {removal.name} removed",
        }
        return self._event(removal, Action.USER_REMOVED, f"user:{person.user.id}", **about)

    def _event(self, removal: ProviderRemoval, action: Action, target: str, **about: str) -> RecordEvent:
        return self.trail.record_as(removal.actor, action, target, **about)


def _would_be_met_again(now: RemovalRound, person: Concerned) -> bool:
    """Say whether somebody, once unlinked, would be met as one who has no link, and be counted a second time.

    So it is as long as somebody without a link waits; until then the link, which opens nothing, stays.
    """
    return now.removal.phase is RemovalPhase.ORIGINS and person.user.origin == now.removal.idp


def _counted(removal: ProviderRemoval, fate: Fate) -> ProviderRemoval:
    return removal.moved(done=removal.done.with_one(fate))
