"""Lock and unlock people by their social identity: by the subject, or the address, that a provider gives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.administration.operator_reach import check_may_shut_out, check_reach
from jitney.administration.operator_ways import OperatorWays
from jitney.administration.people.locking import check_not_locked_there, new_lock
from jitney.administration.people.opened_accounts import OpenedAccounts
from jitney.administration.people.user_readiness import check_settled
from jitney.errors import Conflict, InvalidInput, NotFound
from jitney.model.account_link import AccountLink
from jitney.model.audit_event import Action
from jitney.model.changes import (
    Change,
    EndSessionsOfUser,
    EndUpstreamSessions,
    RecordEvent,
    RemoveIdentityLock,
    SaveIdentityLock,
    SetUserState,
)
from jitney.model.identity_lock import IdentityLock, LockedBy, folded_email
from jitney.model.identity_provider import IdentityProvider
from jitney.model.user import Lock, User, UserState
from jitney.ports import Clock, IdentityProviders, UnitOfWork

_LONGEST = {LockedBy.SUBJECT: 255, LockedBy.EMAIL: 320}
_LOOKS = 4
"""How often it is looked again when somebody signs in, or is changed, at the same moment."""

_UNDER_WAY = frozenset({UserState.PENDING, UserState.LEAVING})


@dataclass(frozen=True, slots=True)
class SocialIdentity:
    """Whom an operator means: the provider's short name, and what names the person there."""

    idp_name: str
    by: LockedBy
    value: str


@dataclass(frozen=True, slots=True)
class LockedIdentity:
    """What was locked: the identity itself, if ``on_identity``, and the accounts that it opens."""

    on_identity: bool
    accounts: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class IdentityLockAdministration:
    """What an operator may do with a social identity, whether or not it has an account here (R-035).

    ``enhanced`` speaks for the providers that do not say themselves whether a lock stands on the identity.
    """

    identity_providers: IdentityProviders
    accounts: OpenedAccounts
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock
    enhanced: bool
    ways: OperatorWays

    async def lock(
        self, operator: Operator, who: SocialIdentity, *, reason: str, until: datetime | None = None
    ) -> LockedIdentity:
        """Lock an identity and the accounts that it opens, and end their sessions, in one commit.

        The attack: somebody who is locked has the account deleted, and comes back as a new person; so the lock
        stands on the identity, and one that has no account here yet can be locked too. Where the provider's people
        are locked by their accounts alone, there must be one.
        Raises ``NotFound`` (``identity_provider_not_found``, ``user_not_found``), ``InvalidInput``
        (``lock_reason_missing``, ``lock_in_the_past``, ``social_identity_invalid``), ``Locked`` (``user_pending``,
        ``user_leaving``), ``NotAllowed`` (``operator_outranks_you``, ``operator_may_not_lock_out_themselves``,
        ``operators_all_shut_out``), ``Conflict``.
        """
        operator.need(Right.HELP)
        lock = new_lock(reason, until, now=self.clock.now())
        idp, value = await self._idp(who), _value(who)
        return await self._lock(operator, idp, IdentityLock(idp.id, who.by, value, lock), who)

    async def unlock(self, operator: Operator, who: SocialIdentity) -> LockedIdentity:
        """Unlock an identity, and the accounts that it opens; returns what was unlocked.

        Raises ``NotFound`` (``identity_provider_not_found``, ``user_not_found`` where nothing is locked and no
        account is opened), ``NotAllowed`` (``user_locked_in_store``, ``operator_outranks_you``),
        ``UserStoreUnavailable``, ``Conflict``.
        """
        operator.need(Right.HELP)
        idp, value = await self._idp(who), _value(who)
        locks = await self._standing(idp, who.by, value)
        accounts = await self.accounts.of_identity(idp, who.by, value, typed=who.value)
        if not (locks or accounts):
            raise _nobody(idp)
        for user in accounts:
            check_reach(operator, user)
            await check_not_locked_there(self.accounts.finding, user, now=self.clock.now())
        held = tuple(user for user in accounts if user.lock is not None)
        changes = [
            *(change for user in held for change in self._lifted(operator, user)),
            *(change for one in locks for change in self._gone(operator, one, idp.name)),
        ]
        if changes:
            await self.work.commit(*changes)
        return LockedIdentity(bool(locks), held)

    async def of_user(self, operator: Operator, user: User) -> Sequence[IdentityLock]:
        """List the locks, expired ones too, on the identities that open a user."""
        operator.need(Right.SEE)
        return await self.accounts.locks_of(user)

    async def locking_of(self, operator: Operator, user: User, lock: Lock) -> Sequence[Change]:
        """Return what locks the identities that open a user together with the account, where locks stand on them.

        So an account that is locked, deleted and made anew by the next sign-in is not open again.
        """
        operator.need(Right.HELP)
        changes: list[Change] = []
        for link in await self.accounts.account_links.of_user(user.id):
            idp = await self.identity_providers.find(link.idp)
            if idp is not None and self._stands(idp) and not await self._is_held_longer(link, user, lock):
                wanted = IdentityLock(link.idp, LockedBy.SUBJECT, link.subject, lock)
                changes += (SaveIdentityLock(wanted), self._event(operator, wanted, idp, accounts=1))
        return changes

    async def _is_held_longer(self, link: AccountLink, user: User, lock: Lock) -> bool:
        """Say whether a lock of its own stands on an identity, which this one of the account would shorten."""
        standing = await self.accounts.locks.of_identity(link.idp, subject=link.subject, emails=())
        return any(one.lock != user.lock and one.lock.holds_longer_than(lock) for one in standing)

    async def lifting_of(self, operator: Operator, user: User) -> Sequence[Change]:
        """Return what lifts the locks on the identities that open a user, by subject and by address."""
        operator.need(Right.HELP)
        changes: list[Change] = []
        for one in await self.accounts.locks_of(user):
            idp = await self.identity_providers.find(one.idp)
            changes += self._gone(operator, one, idp.name if idp else one.idp)
        return changes

    async def list(self, operator: Operator, idp_name: str) -> Sequence[IdentityLock]:
        """List the locks on the people of a provider, expired ones too, the newest first; raises ``NotFound``."""
        operator.need(Right.SEE)
        idp = await self._idp(SocialIdentity(idp_name, LockedBy.SUBJECT, ""))
        return await self.accounts.locks.of_provider(idp.id)

    async def _lock(
        self, operator: Operator, idp: IdentityProvider, wanted: IdentityLock, who: SocialIdentity
    ) -> LockedIdentity:
        for looks in range(_LOOKS):
            try:
                return await self._try_to_lock(operator, idp, wanted, who)
            except Conflict as lost:
                if looks == _LOOKS - 1 or lost.what != SetUserState.guard:
                    raise
        raise _nobody(idp)  # pragma: no cover (the last look has returned or raised)

    async def _try_to_lock(
        self, operator: Operator, idp: IdentityProvider, wanted: IdentityLock, who: SocialIdentity
    ) -> LockedIdentity:
        stands = self._stands(idp)
        found = await self.accounts.of_identity(idp, who.by, wanted.value, typed=who.value)
        if not (found or stands):
            raise _nobody(idp)
        before = [one.lock for one in await self._standing(idp, who.by, wanted.value)]
        # Whoever is being made at this moment is held by the lock on the identity.
        accounts = tuple(user for user in found if not (stands and user.state in _UNDER_WAY))
        for user in found:
            check_may_shut_out(operator, user)
        for user in accounts:
            check_settled(user)
        event = self._event(operator, wanted, idp, accounts=len(accounts))
        await self.work.commit(
            *await self.ways.holding(operator, *accounts),
            *((SaveIdentityLock(wanted), event) if stands else ()),
            *await self._ended(operator, idp, wanted, typed=who.value),
            *(change for user in accounts for change in self._locked(operator, user, wanted.lock, before)),
        )
        return LockedIdentity(stands, accounts)

    async def _ended(
        self, operator: Operator, idp: IdentityProvider, wanted: IdentityLock, *, typed: str
    ) -> tuple[Change, ...]:
        """End what an identity has begun, also for whoever passes through without an account.

        By an address it is ended for whoever has it from somebody else as well: who really comes by another one
        signs in again, and who does not is stopped at the door.
        """
        now = wanted.lock.since
        if wanted.locked_by is LockedBy.SUBJECT:
            return (EndUpstreamSessions(idp.id, wanted.value, None, now),)
        users = await self.accounts.may_be_of_email(idp, wanted.value, typed=typed)
        for user in users:
            check_reach(operator, user)
        return tuple(EndSessionsOfUser(user.id, now) for user in users)

    def _stands(self, idp: IdentityProvider) -> bool:
        return idp.enhanced.resolved(default=self.enhanced).lock_social_identity is True

    def _locked(
        self, operator: Operator, user: User, lock: Lock, before: Sequence[Lock]
    ) -> tuple[Change, ...]:
        """Lock an account with its identity; ``before`` are the locks that this one replaces.

        The attack: an account is locked for good, and a lock of an hour on one of its identities opens it.
        """
        event = self.trail.record(operator, Action.USER_CHANGED, f"user:{user.id}", change="locked")
        stays = user.lock is not None and user.lock not in before and user.lock.holds_longer_than(lock)
        state = SetUserState(user.id, user.version, user.state, user.lock if stays else lock)
        return state, EndSessionsOfUser(user.id, lock.since), event

    def _lifted(self, operator: Operator, user: User) -> tuple[Change, ...]:
        event = self.trail.record(operator, Action.USER_CHANGED, f"user:{user.id}", change="unlocked")
        return SetUserState(user.id, user.version, user.state, None), event

    def _gone(self, operator: Operator, lock: IdentityLock, idp_name: str) -> tuple[Change, ...]:
        about = {"idp": idp_name, "locked_by": lock.locked_by.value}
        event = self.trail.record(operator, Action.IDENTITY_UNLOCKED, f"idp:{lock.idp}", **about)
        return RemoveIdentityLock(lock.idp, lock.locked_by, lock.value), event

    def _event(
        self, operator: Operator, lock: IdentityLock, idp: IdentityProvider, *, accounts: int
    ) -> RecordEvent:
        """Record a lock on an identity; what names the person stands in no event (R-123)."""
        about = {"idp": idp.name, "locked_by": lock.locked_by.value, "accounts": str(accounts)}
        return self.trail.record(operator, Action.IDENTITY_LOCKED, f"idp:{idp.id}", **about)

    async def _standing(self, idp: IdentityProvider, by: LockedBy, value: str) -> Sequence[IdentityLock]:
        subject, emails = (value, ()) if by is LockedBy.SUBJECT else (None, (value,))
        return await self.accounts.locks.of_identity(idp.id, subject=subject, emails=emails)

    async def _idp(self, who: SocialIdentity) -> IdentityProvider:
        idp = await self.identity_providers.find_by_name(who.idp_name)
        if idp is None:
            raise NotFound(
                "identity_provider_not_found", "There is no such identity provider.", name=who.idp_name
            )
        return idp


def _value(who: SocialIdentity) -> str:
    """Return what is kept: a subject byte for byte, an address folded."""
    value = who.value if who.by is LockedBy.SUBJECT else folded_email(who.value)
    fits = value.strip() and len(value) <= _LONGEST[who.by] and "\0" not in value
    if not fits or (who.by is LockedBy.EMAIL and "@" not in value):
        raise InvalidInput(
            "social_identity_invalid", "A subject has 1 to 255 characters, and an address holds an @."
        )
    return value


def _nobody(idp: IdentityProvider) -> NotFound:
    return NotFound("user_not_found", "No user is linked to this identity.", idp=idp.name)
