"""Lock, unlock, disable and enable accounts, set passwords, end sessions: what changes who may sign in."""

from dataclasses import dataclass
from datetime import datetime

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.administration.operator_reach import check_may_shut_out, check_reach
from jitney.administration.operator_ways import OperatorWays
from jitney.administration.people.identity_locks import IdentityLockAdministration
from jitney.administration.people.locking import check_not_locked_there, find_entry, new_lock
from jitney.administration.people.user_drafts import check_password
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.people.user_readiness import check_settled, check_standing
from jitney.errors import NotAllowed
from jitney.model.audit_event import Action
from jitney.model.changes import AddUser, Change, EndSessionsOfUser, SetPassword, SetUserState
from jitney.model.user import User, UserState
from jitney.operations.entries_of_users import new_record
from jitney.ports import Clock, Passwords, UnitOfWork
from jitney.provisioning.store_rules import RulesOf


@dataclass(frozen=True, slots=True)
class AccountStates:
    """What an operator may do with the use of an account.

    Whatever narrows it ends every session of the user in the same commit (R-084).
    Nobody does it to somebody who may do more here (``operator_outranks_you``), and nobody shuts out themselves
    (``operator_may_not_lock_out_themselves``) or the last one who administers and may sign in
    (``operators_all_shut_out``): ``NotAllowed``.
    A lock and the state are those of our own record: a store outside our database is not touched, may be read-only,
    and need not answer. What the store itself says holds as well, and is mended there (R-048).
    """

    finding: UserFinding
    passwords: Passwords
    rules_of: RulesOf
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock
    identities: IdentityLockAdministration
    ways: OperatorWays

    async def lock(
        self, operator: Operator, reference: str, *, reason: str, until: datetime | None = None
    ) -> None:
        """Lock an account until ``until`` (``None``: until unlocked) and end its sessions.

        Where locks stand on social identities, those that open the account are locked with it, and stay so should
        the account be deleted.
        Raises ``NotFound``, ``InvalidInput`` (``lock_reason_missing``, ``lock_in_the_past``), and ``Locked``
        (``user_pending``, ``user_leaving``).
        """
        operator.need(Right.HELP)
        now = self.clock.now()
        lock = new_lock(reason, until, now=now)
        user, recording = await self._record(operator, reference)
        check_may_shut_out(operator, user)
        change = SetUserState(user.id, user.version, user.state, lock)
        identities = await self.identities.locking_of(operator, user, lock)
        ending = EndSessionsOfUser(user.id, now)
        held = await self.ways.holding(operator, user)
        await self._commit(operator, user, "locked", *held, *recording, change, *identities, ending)

    async def unlock(self, operator: Operator, reference: str) -> None:
        """Unlock an account and the social identities that open it; one that is not locked stays as it is.

        Raises ``NotFound``, ``NotAllowed`` (``user_locked_in_store``) for a lock that only the user store can lift,
        and ``UserStoreUnavailable``.
        """
        operator.need(Right.HELP)
        user, _ = await self._record(operator, reference)
        await check_not_locked_there(self.finding, user, now=self.clock.now())
        if user.lock is not None:
            change = SetUserState(user.id, user.version, user.state, None)
            identities = await self.identities.lifting_of(operator, user)
            await self._commit(operator, user, "unlocked", change, *identities)
        elif identities := await self.identities.lifting_of(operator, user):
            await self.work.commit(*identities)

    async def disable(self, operator: Operator, reference: str) -> None:
        """Switch an account off and end its sessions."""
        operator.need(Right.HELP)
        user, recording = await self._record(operator, reference)
        check_may_shut_out(operator, user)
        if user.state is not UserState.DISABLED:
            change = SetUserState(user.id, user.version, UserState.DISABLED, user.lock)
            held = await self.ways.holding(operator, user)
            ending = EndSessionsOfUser(user.id, self.clock.now())
            await self._commit(operator, user, "disabled", *held, *recording, change, ending)

    async def enable(self, operator: Operator, reference: str) -> None:
        """Switch an account on.

        Raises ``NotFound``, ``NotAllowed`` (``user_disabled_in_store``) where the user store itself has switched it
        off, and ``UserStoreUnavailable``.
        """
        operator.need(Right.HELP)
        user, _ = await self._record(operator, reference)
        entry = await find_entry(self.finding, user)
        if entry is not None and entry.is_disabled:
            raise NotAllowed(
                "user_disabled_in_store",
                "The user store itself has switched this account off. Switch it on there first.",
            )
        if user.state is UserState.DISABLED:
            change = SetUserState(user.id, user.version, UserState.ACTIVE, user.lock)
            await self._commit(operator, user, "enabled", change)

    async def set_password(self, operator: Operator, reference: str, password: str) -> None:
        """Set a password that fits the store's rule, and end the sessions under the old one.

        Raises ``NotFound`` (``user_not_found``, ``entry_gone``), ``UserStoreRejected`` (``password_…``),
        ``UserStoreUnavailable``, ``Conflict``.
        """
        operator.need(Right.HELP)
        user = await self.finding.get_writable(reference)
        check_reach(operator, user)
        check_standing(user)
        store = await self.finding.store(user.username.domain)
        check_password(password, self.rules_of(store.description))
        ending = EndSessionsOfUser(user.id, self.clock.now())
        if store.entries is None:
            change = SetPassword(user.id, user.version, await self.passwords.hash(password))
            await self._commit(operator, user, "password", change, ending)
            return
        await store.entries.set_password(user.entry or "", password)
        # After a crash here the new password holds and the sessions under the old one go on; the operator has no
        # answer then, and setting it again ends them.
        await self._commit(operator, user, "password", ending)

    async def end_sessions(self, operator: Operator, reference: str) -> None:
        """End every session of a user, with its codes and tokens."""
        operator.need(Right.HELP)
        user = await self.finding.get_record(reference)
        check_reach(operator, user)
        event = self.trail.record(operator, Action.SESSION_ENDED, f"user:{user.id}", which="all")
        await self.work.commit(EndSessionsOfUser(user.id, self.clock.now()), event)

    async def _record(self, operator: Operator, reference: str) -> tuple[User, tuple[Change, ...]]:
        """Return our own record of a user, and the change that makes it where the user was only seen yet."""
        user = await self.finding.get_record(reference)
        check_reach(operator, user)
        check_settled(user)
        if user.version:
            return user, ()
        record = new_record(user, self.clock.now())
        return record, (AddUser(record),)

    async def _commit(self, operator: Operator, user: User, what: str, *changes: Change) -> None:
        event = self.trail.record(operator, Action.USER_CHANGED, f"user:{user.id}", change=what)
        await self.work.commit(*changes, event)
