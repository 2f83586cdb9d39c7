"""Removes a user of a store outside our database: shut out at once, then the entry, then our record."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from jitney.errors import Conflict, NotAllowed, StoreUnanswered, UserStoreRejected, UserStoreUnavailable
from jitney.model.changes import (
    AddOperation,
    Change,
    CloseOperation,
    EndSessionsOfUser,
    RemoveUser,
    SetUserState,
)
from jitney.model.operation import Operation, OperationKind
from jitney.model.user import User, UserState
from jitney.operations.making import LEASE, Begun, entries_of
from jitney.ports import Clock, Entropy, EntryStore, UnitOfWork, UserStore


@dataclass(frozen=True, slots=True)
class Leaving:
    """A removal that has begun: ``user`` as it was before, and the entry to take away, if there still is one."""

    operation: Operation
    user: User
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class EntryLeaving:
    """Removes users with the entries that we made for them."""

    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def remove(
        self,
        store: UserStore,
        user: User,
        *,
        recording: Sequence[Change],
        begun: Begun,
        holding: Sequence[Change] = (),
    ) -> None:
        """Remove a user for whom we made the entry; ``recording`` goes with the last commit.

        ``user`` is our own record; ``holding`` is what must hold when the user is shut out.
        From the first commit on nobody comes in as that user (P-7); a crash behind it is finished by recovery.
        Raises ``NotAllowed`` ``entry_not_ours`` for an entry that somebody else made: it is never removed (P-4).
        Raises ``Conflict`` where the user was changed meanwhile, ``UserStoreUnavailable``, ``UserStoreRejected``:
        the user is as before then; and ``StoreUnanswered``, which leaves the rest to recovery.
        """
        await self.complete(
            store, await self.begin(store, user, begun=begun, recording=holding), recording=recording
        )

    async def begin(
        self, store: UserStore, user: User, *, begun: Begun, recording: Sequence[Change] = ()
    ) -> Leaving:
        """Shut a user out; ``recording`` goes with that commit, behind which recovery finishes the rest.

        Raises as ``remove`` does, but ``UserStoreRejected`` and ``StoreUnanswered``.
        """
        entries = entries_of(store)
        found = await entries.find(user.entry) if user.entry else None
        if found is not None and found.stamp != user.id:
            raise NotAllowed(
                "entry_not_ours", "This entry was not made here, so it is not removed from here."
            )
        now = self.clock.now()
        operation = Operation(
            self.entropy.id(), OperationKind.REMOVE, user.id, user.username.domain, user.username.name,
            began=now, lease_until=now + LEASE, actor=begun.actor, reference=begun.reference,
        )  # fmt: skip
        await self.work.commit(
            SetUserState(user.id, user.version, UserState.LEAVING, None),
            EndSessionsOfUser(user.id, now),
            AddOperation(operation),
            *recording,
        )
        return Leaving(operation, user, found.id if found is not None else None)

    async def complete(
        self,
        store: UserStore,
        leaving: Leaving,
        *,
        recording: Sequence[Change],
        giving_back: Sequence[Change] = (),
    ) -> None:
        """Take the entry away, and then our record with ``recording``.

        Raises ``UserStoreRejected``, and ``giving_back`` has gone with the commit that gives the user back; and
        ``StoreUnanswered``, which leaves the rest to recovery.
        """
        if leaving.entry_id is not None:
            await self._remove_entry(entries_of(store), leaving, giving_back)
        await self._finish(leaving.operation, leaving.user, recording)

    async def _remove_entry(
        self, entries: EntryStore, leaving: Leaving, giving_back: Sequence[Change]
    ) -> None:
        try:
            await entries.remove(leaving.entry_id or "", leaving.user.id)
        except UserStoreRejected:
            await self._let_stay(leaving.operation, leaving.user, giving_back)
            raise
        except UserStoreUnavailable as fault:
            raise StoreUnanswered(
                "user_store_unanswered",
                "The account is shut, and it is removed as soon as the store answers.",
                cause=fault.code,
            ) from fault

    async def _let_stay(self, operation: Operation, user: User, giving_back: Sequence[Change]) -> None:
        """Give a user back whom the store does not let go; only the sessions have ended."""
        with suppress(Conflict):
            await self.work.commit(
                CloseOperation(operation.id, operation.fence),
                SetUserState(user.id, user.version + 1, user.state, user.lock),
                *giving_back,
            )

    async def _finish(self, operation: Operation, user: User, recording: Sequence[Change]) -> None:
        """Remove our record; where somebody else took over meanwhile, they do that, and record it."""
        closing = CloseOperation(operation.id, operation.fence)
        try:
            await self.work.commit(closing, RemoveUser(user.id, user.version + 1), *recording)
        except Conflict as lost:
            if lost.what != closing.guard:
                raise
