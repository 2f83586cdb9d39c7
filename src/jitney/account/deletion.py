"""The end of one's own account: who may delete theirs, and how it is done."""

from dataclasses import dataclass, replace

from jitney.account.own_trail import OwnTrail
from jitney.errors import InvalidInput, NotAllowed, NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import RemoveUser
from jitney.model.myself import Myself
from jitney.operations.leaving import EntryLeaving
from jitney.operations.making import Begun
from jitney.ports import Clock, UnitOfWork, UserStore, UserStores


@dataclass(frozen=True, slots=True)
class AccountDeletion:
    """Deletes accounts for the people whose they are.

    What was said about the identity stays: a lock on it outlives the account, so that nobody deletes a lock away
    with what it locks (R-035).
    """

    user_stores: UserStores
    leaving: EntryLeaving
    work: UnitOfWork
    trail: OwnTrail
    clock: Clock

    async def find_refusal(self, me: Myself) -> NotAllowed | None:
        """Return why this account may not be deleted here, ``None`` where it may be.

        Raises ``UserStoreUnavailable``, and ``NotFound`` where the store is gone.
        """
        if me.user.is_operator:
            return NotAllowed(
                "operator_may_not_leave",
                "You administer this service. Another administrator must take that away first.",
            )
        store = await self._store(me)
        if store.description.read_only:
            return NotAllowed("account_kept_elsewhere", "Your account is kept elsewhere. Delete it there.")
        if store.entries is not None and me.user.entry is not None:
            entry = await store.entries.find(me.user.entry)
            if entry is not None and entry.stamp != me.id:
                return NotAllowed(
                    "account_kept_elsewhere", "Your account is kept elsewhere. Delete it there."
                )
        return None

    async def delete(self, me: Myself, typed_name: str) -> None:
        """Delete the account with everything that hangs on it, its sessions and tokens first of all (R-015).

        The attack: one click into a page that somebody else has prepared, or a browser that was left open. So the
        person types the name of their account, and has signed in just now.
        Raises ``NotAllowed`` (``sign_in_not_recent``, ``second_factor_not_recent``, ``operator_may_not_leave``,
        ``account_kept_elsewhere``, ``entry_not_ours``), ``InvalidInput`` (``deletion_not_confirmed``), ``Conflict``
        where the account was changed meanwhile, ``UserStoreRejected``, ``UserStoreUnavailable``: the account is as
        before; and ``StoreUnanswered``, after which it goes as soon as the store answers.
        """
        now = self.clock.now()
        me.check_fresh(now)
        if refusal := await self.find_refusal(me):
            raise refusal
        if typed_name.strip() != str(me.user.username):
            raise InvalidInput(
                "deletion_not_confirmed", "This is not the name of your account. Please type it exactly."
            )
        store = await self._store(me)
        event = self.trail.record(me, Action.USER_REMOVED, user_name=str(me.user.username))
        if store.entries is None:
            await self.work.commit(*me.holding(now), RemoveUser(me.id, me.user.version), event)
            return
        # As it was looked at: whoever was given an office meanwhile has another version, and is not deleted.
        record = replace(await store.records.find(me.id) or me.user, version=me.user.version)
        # The session is held by a commit of its own: with the next one the account is shut, and it ends.
        await self.work.commit(*me.holding(now))
        await self.leaving.remove(store, record, recording=[event], begun=Begun(me.actor))

    async def _store(self, me: Myself) -> UserStore:
        store = await self.user_stores.find(me.user.username.domain)
        if store is None:
            raise NotFound("user_store_not_found", "There is no such user store.")
        return store
