"""Remove users: everything that is ours, or only what we keep of somebody else's."""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.administration.operator_reach import check_may_shut_out
from jitney.administration.operator_ways import OperatorWays
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.people.user_readiness import check_settled
from jitney.errors import Locked, NotAllowed, NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import Change, RecordEvent, RemoveUser
from jitney.model.user import User, UserState
from jitney.operations.leaving import EntryLeaving
from jitney.operations.making import Begun
from jitney.ports import UnitOfWork, UserStore


@dataclass(frozen=True, slots=True)
class UserRemoval:
    """Removes users with their links, sessions, codes and tokens; an id is never used again (R-015)."""

    finding: UserFinding
    leaving: EntryLeaving
    work: UnitOfWork
    trail: AuditTrail
    ways: OperatorWays

    async def remove(self, operator: Operator, reference: str) -> None:
        """Remove a user, and the entry that we made for it where it lives outside our database.

        A user whose entry has vanished there is removed without asking the store.
        Raises ``NotFound``; ``NotAllowed`` (``entry_not_ours``) for an entry that somebody else made, and
        (``operator_may_not_lock_out_themselves``, ``operators_all_shut_out``) for the operator's own account, or
        the last one of all who administer and may sign in;
        ``UserStoreRejected``, ``UserStoreUnavailable``, ``Conflict``, ``Locked`` (``user_pending``,
        ``user_leaving``): the user is as before; and ``StoreUnanswered``, after which it goes as soon as the store
        answers.
        """
        operator.need(Right.ADMINISTER)
        user = await self.finding.get(reference)
        check_may_shut_out(operator, user)
        check_settled(user)
        held = await self.ways.holding(operator, user)
        if user.state is UserState.GONE:
            await self.work.commit(*held, RemoveUser(user.id, user.version), self._event(operator, user))
            return
        store = await self.finding.writable_store(user.username.domain)
        if store.entries is None:
            await self.work.commit(*held, RemoveUser(user.id, user.version), self._event(operator, user))
        else:
            await self._remove_outside(operator, store, user, held)

    async def forget(self, operator: Operator, reference: str) -> None:
        """Remove our record of a user who lives outside our database; the entry there stays, and is not asked for.

        Whoever signs in with it later is somebody new to us.
        Raises ``NotFound`` (``user_not_recorded`` where we keep nothing), ``Locked`` (``user_pending``), and
        ``NotAllowed`` (``user_not_outside``) for a user whose only place is our own database.
        """
        operator.need(Right.ADMINISTER)
        user = await self.finding.get_record(reference)
        check_may_shut_out(operator, user)
        store = await self.finding.store(user.username.domain)
        if store.entries is None:
            raise NotAllowed("user_not_outside", "This user lives here; there is nothing else to keep.")
        if user.version == 0:
            raise NotFound("user_not_recorded", "Nothing is kept here of this user.")
        if user.state is UserState.PENDING:
            raise Locked("user_pending", "The account is not ready yet.")
        event = self._event(operator, user, kept="the entry in the user store")
        held = await self.ways.holding(operator, user)
        await self.work.commit(*held, RemoveUser(user.id, user.version), event)

    async def _remove_outside(
        self, operator: Operator, store: UserStore, user: User, held: Sequence[Change]
    ) -> None:
        """Remove by our own record, whose state is given back where the store does not let the entry go."""
        record = await store.records.find(user.id) or user
        begun = Begun(operator.actor)
        event = self._event(operator, user)
        await self.leaving.remove(store, record, recording=[event], begun=begun, holding=held)

    def _event(self, operator: Operator, user: User, **about: str) -> RecordEvent:
        about = {"user_name": str(user.username), **about}
        return self.trail.record(operator, Action.USER_REMOVED, f"user:{user.id}", **about)
