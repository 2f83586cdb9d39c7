"""Makes a user in a store outside our database: all of it, or nothing that lasts."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from jitney.errors import (
    Conflict,
    InvalidInput,
    JitneyError,
    Overloaded,
    StoreUnanswered,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.changes import (
    AddOperation,
    AddUser,
    Change,
    CloseOperation,
    PublishUser,
    RemoveUser,
    SaveOperation,
)
from jitney.model.entry import Entry
from jitney.model.operation import Operation, OperationKind
from jitney.model.user import User, UserState
from jitney.operations.entries_of_users import new_entry
from jitney.ports import Clock, Entropy, EntryStore, UnitOfWork, UserStore
from jitney.provisioning.naming import NAME_OCCUPIED

LEASE = timedelta(seconds=20)
"""For longer than a write, reading it back and the commit behind it may take; after that others may take over."""

LOOK_AGAIN = timedelta(seconds=30)
WATCHED_FOR = timedelta(hours=1)
"""For how long a write without an answer may still come to pass."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Who began a write, for the audit: ``actor`` as an event names it, and the reference of what it belongs to."""

    actor: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """An entry that stands in its store, and the user whom nobody may use before ``publishing`` is committed."""

    operation: Operation
    user: User
    entry: Entry

    @property
    def publishing(self) -> tuple[Change, ...]:
        """Return the changes that let the user be used; refused (``operation``) where somebody took over."""
        closing = CloseOperation(self.operation.id, self.operation.fence)
        return closing, PublishUser(self.user.id, self.entry.id)


@dataclass(frozen=True, slots=True)
class EntryMaking:
    """Reserves, creates, and undoes what shall not be published."""

    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def make(
        self, store: UserStore, user: User, password: str | None, *, reserving: Sequence[Change], begun: Begun
    ) -> Made:
        """Reserve the name and what else is in ``reserving``, then make the entry.

        After every fault but ``StoreUnanswered`` nothing is left of it.
        Raises ``Conflict`` (a guard of the reservation; ``user_name_taken`` where the name is taken in the store),
        ``UserStoreRejected``, ``UserStoreUnavailable``, ``Overloaded`` (passwords); and ``StoreUnanswered``, which
        leaves the rest to recovery.
        """
        entries = entries_of(store)
        now = self.clock.now()
        operation = Operation(
            self.entropy.id(), OperationKind.ADD, user.id, user.username.domain, user.username.name,
            began=now, lease_until=now + LEASE, actor=begun.actor, reference=begun.reference,
        )  # fmt: skip
        pending = replace(user, state=UserState.PENDING)
        await self.work.commit(*reserving, AddUser(pending), AddOperation(operation))
        try:
            return Made(operation, user, await entries.add(new_entry(user, entries), password))
        except StoreUnanswered:
            return Made(operation, user, await self._read_back(entries, operation, user, password))
        except Conflict as taken:
            await self._forget(operation, user)
            raise Conflict(NAME_OCCUPIED, "A user of this name exists.", what=taken.what) from taken
        except (UserStoreRejected, UserStoreUnavailable, InvalidInput, Overloaded):
            # The last two are said of the password, which is hashed before anything is sent.
            await self._forget(operation, user)
            raise

    async def _read_back(
        self, entries: EntryStore, operation: Operation, user: User, password: str | None
    ) -> Entry:
        """Find out what an unanswered write has done; a no is not final, and is watched.

        Raises ``StoreUnanswered``, and the rest is left to recovery.
        """
        try:
            if await entries.find_made(user.username.name, user.id) is not None:
                # The groups are joined last, and may be missing.
                return await entries.add(new_entry(user, entries), password)
        except JitneyError as fault:
            raise _unanswered(fault.code) from fault
        await self._give_up(operation, user)
        raise _unanswered("not found when it was read back")

    async def unmake(self, store: UserStore, made: Made) -> None:
        """Take back an entry that was not published; what cannot be taken back now is watched until it can.

        Nobody takes back what is not theirs any more: whoever took the operation over after the lease may have
        published the entry, and it would be torn from under a user who is signed in.
        """
        held = made.operation.taken(self.clock.now() + LEASE)
        try:
            await self.work.commit(SaveOperation(held))
        except Conflict:
            await self._take_back_if_undone(store, made)
            return
        try:
            await entries_of(store).remove(made.entry.id, made.user.id)
        except JitneyError:
            await self._give_up(held, made.user)
        else:
            await self._forget(held, made.user)

    async def _take_back_if_undone(self, store: UserStore, made: Made) -> None:
        """Remove an entry that came too late: without a record nobody can publish it any more.

        What fails here is watched by whoever undid it.
        """
        with suppress(JitneyError):
            if await store.records.find(made.user.id) is None:
                await entries_of(store).remove(made.entry.id, made.user.id)

    async def _forget(self, operation: Operation, user: User) -> None:
        """Drop the reservation of a user of whom the store holds nothing.

        Where somebody else took the operation over, the rest is theirs.
        """
        with suppress(Conflict):
            await self.work.commit(
                CloseOperation(operation.id, operation.fence), RemoveUser(user.id, user.version)
            )

    async def _give_up(self, operation: Operation, user: User) -> None:
        now = self.clock.now()
        watched = operation.undone(look_again=now + LOOK_AGAIN, expires=now + WATCHED_FOR)
        with suppress(Conflict):
            await self.work.commit(SaveOperation(watched), RemoveUser(user.id, user.version))


def _unanswered(cause: str) -> StoreUnanswered:
    return StoreUnanswered(
        "user_store_unanswered",
        "The user store has not answered. In a minute the account is there, or nothing of it. Please look then.",
        cause=cause,
    )


def entries_of(store: UserStore) -> EntryStore:
    """Return what stands outside our database; to be asked only of a store that has that."""
    if store.entries is None:  # pragma: no cover (whoever comes here has looked)
        raise TypeError("the users of this store are written by the unit of work")
    return store.entries
