"""Brings operations to their end that nobody is at any more: what stands is finished, what does not is undone.

Recovery never creates: it has no password, and what was decided then may not be right now.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jitney.errors import Conflict, JitneyError, NotFound, UserStoreRejected, UserStoreUnavailable
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import (
    Change,
    CloseOperation,
    PublishUser,
    RecordEvent,
    RecordOutcome,
    RemoveUser,
    RequireIdentityProvider,
    SaveOperation,
)
from jitney.model.entry import Entry
from jitney.model.operation import Operation, OperationKind, OperationState
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.user import User, UserState
from jitney.operations.entries_of_users import new_entry
from jitney.operations.making import LEASE, LOOK_AGAIN, WATCHED_FOR, entries_of
from jitney.ports import (
    AccountLinks,
    Clock,
    ConsentReceipts,
    Entropy,
    EntryStore,
    IdentityProviders,
    Operations,
    UnitOfWork,
    UserStore,
    UserStores,
)

FIRST_PAUSE, LONGEST_PAUSE, MOST_WAITING = 0.02, 0.25, 12.0
"""How many seconds a sign-in waits for another one that makes the same user."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Finishes and undoes; safe to run on every node at once, since every step is fenced (REL-12)."""

    operations: Operations
    user_stores: UserStores
    links: AccountLinks
    receipts: ConsentReceipts
    identity_providers: IdentityProviders
    work: UnitOfWork
    clock: Clock
    entropy: Entropy
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def settle(self, user_id: str) -> bool:
        """Return when nothing is under way for this user, having ended it where nobody else is at it.

        ``False`` says that nothing was under way to begin with.
        Raises ``UserStoreUnavailable`` where that takes too long or the store cannot be asked.
        """
        waited, pause, was_under_way = 0.0, FIRST_PAUSE, False
        while (operation := await self.operations.of_user(user_id)) is not None:
            if operation.state is OperationState.UNDONE:
                return was_under_way
            was_under_way = True
            if not operation.is_held(self.clock.now()):
                await self.resolve(operation)
                return True
            if waited >= MOST_WAITING:
                raise UserStoreUnavailable(
                    "user_store_unanswered", "Your account is being made. Please try again in a moment."
                )
            await self.pause(pause)
            waited, pause = waited + pause, min(2 * pause, LONGEST_PAUSE)
        return was_under_way

    async def sweep(self) -> tuple[int, tuple[JitneyError, ...]]:
        """Resolve what is due; returns how many, and the faults of those that must wait.

        All at once: a store that says nothing must not keep those of the others waiting (P-4, P-11).
        """
        due = await self.operations.due(self.clock.now())
        found = await asyncio.gather(*map(self._fault_of, due))
        faults = tuple(fault for fault in found if fault is not None)
        return len(due) - len(faults), faults

    async def _fault_of(self, operation: Operation) -> JitneyError | None:
        try:
            await self.resolve(operation)
        except JitneyError as fault:
            return fault
        return None

    async def resolve(self, operation: Operation) -> None:
        """Take an operation over and bring it to its end; whoever was quicker has done so already.

        Raises ``UserStoreUnavailable`` where the store cannot be asked: it is due again when the lease is over.
        """
        taken = operation.taken(self.clock.now() + LEASE)
        try:
            await self.work.commit(SaveOperation(taken))
            await self._end(taken)
        except Conflict as lost:
            if lost.what not in {"operation", "user", "identity_provider"}:
                raise

    async def _end(self, operation: Operation) -> None:
        store = await self.user_stores.find(operation.domain)
        if store is None and operation.state is OperationState.UNDONE:
            # The store was taken out of the house, and nobody has a way to it any more.
            await self.work.commit(CloseOperation(operation.id, operation.fence))
            return
        if store is None or store.entries is None or not store.description.enabled:
            raise UserStoreUnavailable(
                "user_store_unreachable", "The user store is switched off.", domain=operation.domain
            )
        if operation.kind is OperationKind.REMOVE:
            await self._remove(operation, store)
        elif operation.state is OperationState.UNDONE:
            await self._watch(operation, store)
        else:
            await self._finish_or_undo(operation, store)

    async def _finish_or_undo(self, operation: Operation, store: UserStore) -> None:
        entries = entries_of(store)
        user = await store.find(operation.user_id)
        entry = await entries.find_made(operation.name, operation.user_id)
        closing = CloseOperation(operation.id, operation.fence)
        if user is None:
            # Nothing is reserved any more, so nothing may stand.
            if entry is not None:
                await entries.remove(entry.id, operation.user_id)
            await self.work.commit(closing)
        elif entry is None:
            await self._undo(operation, user)
        elif user.state is not UserState.PENDING:
            await self.work.commit(closing)
        else:
            await self._finish(operation, entries, user, entry)

    async def _finish(self, operation: Operation, entries: EntryStore, user: User, entry: Entry) -> None:
        """Publish what stands; where the store does not take the rest of it, nothing of it may stand.

        Nor may it where the provider that brought the user was switched off or removed meanwhile: nobody comes to
        be through it any more (REL-04).
        """
        still = await self._still_provisions(user)
        if still is None:
            await entries.remove(entry.id, user.id)
            await self._undo(operation, user)
            return
        wanted = new_entry(user, entries)
        try:
            if set(wanted.groups) - set(entry.groups):
                await entries.add(wanted, None)
        except (UserStoreRejected, Conflict, NotFound):
            await entries.remove(entry.id, user.id)
            await self._undo(operation, user)
            return
        by_operator = operation.actor.startswith("operator:")
        await self.work.commit(
            *still,
            CloseOperation(operation.id, operation.fence),
            PublishUser(user.id, entry.id),
            *(() if by_operator else await self._outcome(user)),
            self._event(Action.USER_ADDED if by_operator else Action.USER_PROVISIONED, operation),
            *await self._consent(user, operation),
            self._event(Action.OPERATION_FINISHED, operation),
        )

    async def _still_provisions(self, user: User) -> Sequence[Change] | None:
        """Return what holds the user's provider until the commit; ``None`` where it provisions nobody now."""
        if user.origin is None:
            return ()
        idp = await self.identity_providers.find(user.origin)
        if idp is None or not (idp.enabled and idp.policy.enabled):
            return None
        return (RequireIdentityProvider(idp.id, idp.version),)

    async def _undo(self, operation: Operation, user: User) -> None:
        now = self.clock.now()
        watched = operation.undone(look_again=now + LOOK_AGAIN, expires=now + WATCHED_FOR)
        await self.work.commit(
            SaveOperation(watched),
            RemoveUser(user.id, user.version),
            self._event(Action.OPERATION_UNDONE, operation),
        )

    async def _watch(self, operation: Operation, store: UserStore) -> None:
        """Take away what came to stand after all, until nothing can come any more."""
        entries = entries_of(store)
        late = await entries.find_made(operation.name, operation.user_id)
        if late is not None:
            await entries.remove(late.id, operation.user_id)
        now = self.clock.now()
        if operation.expires is None or operation.expires <= now:
            await self.work.commit(CloseOperation(operation.id, operation.fence))
        else:
            await self.work.commit(SaveOperation(operation.taken(now + LOOK_AGAIN)))

    async def _remove(self, operation: Operation, store: UserStore) -> None:
        user = await store.find(operation.user_id)
        closing = CloseOperation(operation.id, operation.fence)
        if user is None:
            await self.work.commit(closing)
            return
        if user.entry is not None:
            await entries_of(store).remove(user.entry, user.id)
        await self.work.commit(
            closing,
            RemoveUser(user.id, user.version),
            self._event(Action.USER_REMOVED, operation),
            self._event(Action.OPERATION_FINISHED, operation),
        )

    async def _outcome(self, user: User) -> tuple[Change, ...]:
        """Say under a reference of its own how an account came to be, whose sign-in did not live to say it."""
        links = await self.links.of_user(user.id)
        if not links:
            return ()
        outcome = Outcome(
            reference=self.entropy.reference(),
            at=self.clock.now(),
            kind=OutcomeKind.CREATED,
            reasons=(Reason("provisioned_by_recovery", {"domain": user.username.domain}),),
            idp=links[0].idp,
            subject=links[0].subject,
            user_id=user.id,
        )
        return (RecordOutcome(outcome),)

    async def _consent(self, user: User, operation: Operation) -> tuple[Change, ...]:
        """Record the consent that was reserved with the user, and counts from now on (P-9)."""
        given = await self.receipts.of_user(user.id)
        return (self._event(Action.CONSENT_GIVEN, operation),) if given else ()

    def _event(self, action: Action, operation: Operation) -> RecordEvent:
        now: datetime = self.clock.now()
        about = {"operation": operation.kind.value, "began": operation.began.isoformat()}
        return RecordEvent(
            AuditEvent(
                self.entropy.id(), now, action, operation.actor, f"user:{operation.user_id}",
                operation.reference, about,
            )
        )  # fmt: skip
