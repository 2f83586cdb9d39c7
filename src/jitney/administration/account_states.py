"""Lock, unlock, disable and enable accounts, set passwords, end sessions: what changes who may sign in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator
from jitney.administration.user_drafts import check_password
from jitney.administration.user_finding import UserFinding
from jitney.errors import InvalidInput
from jitney.model.audit_event import Action
from jitney.model.changes import Change, EndSessionsOfUser, SetPassword, SetUserState
from jitney.model.user import Lock, User, UserState
from jitney.ports import Clock, Passwords, UnitOfWork
from jitney.provisioning.store_rules import StoreRules


@dataclass(frozen=True, slots=True)
class AccountStates:
    """What an operator may do with the use of an account.

    Whatever narrows it ends every session of the user in the same commit (R-084).
    """

    finding: UserFinding
    passwords: Passwords
    store_rules: Mapping[str, StoreRules]
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock

    async def lock(
        self, operator: Operator, reference: str, *, reason: str, until: datetime | None = None
    ) -> None:
        """Lock an account until ``until`` (``None``: until unlocked) and end its sessions.

        Raises ``NotFound``, and ``InvalidInput`` (``lock_reason_missing``, ``lock_in_the_past``).
        """
        now = self.clock.now()
        if not reason.strip() or len(reason) > 200:
            raise InvalidInput("lock_reason_missing", "A lock has a reason of 1 to 200 characters.")
        if until is not None and until <= now:
            raise InvalidInput("lock_in_the_past", "A lock ends in the future.")
        user = await self.finding.get_writable(reference)
        change = SetUserState(user.id, user.version, user.state, Lock(reason.strip(), now, until))
        await self._commit(operator, user, "locked", change, EndSessionsOfUser(user.id, now))

    async def lock_linked(
        self, operator: Operator, idp_name: str, subject: str, *, reason: str, until: datetime | None = None
    ) -> None:
        """Lock the account that a social identity opens; raises ``NotFound`` and what ``lock`` raises."""
        user = await self.finding.get_linked(idp_name, subject)
        await self.lock(operator, user.id, reason=reason, until=until)

    async def unlock(self, operator: Operator, reference: str) -> None:
        """Unlock an account; one that is not locked stays as it is."""
        user = await self.finding.get_writable(reference)
        if user.lock is not None:
            change = SetUserState(user.id, user.version, user.state, None)
            await self._commit(operator, user, "unlocked", change)

    async def disable(self, operator: Operator, reference: str) -> None:
        """Switch an account off and end its sessions."""
        user = await self.finding.get_writable(reference)
        if user.state is not UserState.DISABLED:
            change = SetUserState(user.id, user.version, UserState.DISABLED, user.lock)
            ending = EndSessionsOfUser(user.id, self.clock.now())
            await self._commit(operator, user, "disabled", change, ending)

    async def enable(self, operator: Operator, reference: str) -> None:
        """Switch an account on."""
        user = await self.finding.get_writable(reference)
        if user.state is not UserState.ACTIVE:
            change = SetUserState(user.id, user.version, UserState.ACTIVE, user.lock)
            await self._commit(operator, user, "enabled", change)

    async def set_password(self, operator: Operator, reference: str, password: str) -> None:
        """Set a password that fits the store's rule, and end the sessions under the old one.

        Raises ``NotFound``, ``UserStoreRejected`` (``password_…``), ``Conflict``.
        """
        user = await self.finding.get_writable(reference)
        store = self.finding.store(user.username.domain)
        check_password(password, self.store_rules[store.description.domain])
        password_hash = await self.passwords.hash(password)
        change = SetPassword(user.id, user.version, password_hash)
        ending = EndSessionsOfUser(user.id, self.clock.now())
        await self._commit(operator, user, "password", change, ending)

    async def end_sessions(self, operator: Operator, reference: str) -> None:
        """End every session of a user, with its codes and tokens."""
        user = await self.finding.get(reference)
        event = self.trail.record(operator, Action.SESSION_ENDED, f"user:{user.id}", which="all")
        await self.work.commit(EndSessionsOfUser(user.id, self.clock.now()), event)

    async def _commit(self, operator: Operator, user: User, what: str, *changes: Change) -> None:
        event = self.trail.record(operator, Action.USER_CHANGED, f"user:{user.id}", change=what)
        await self.work.commit(*changes, event)
