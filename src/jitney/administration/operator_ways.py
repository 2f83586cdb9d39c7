"""Who of those who operate could sign in no more if a provider, a user store or an account were closed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jitney.administration.operator import Operator, Right, rights_of
from jitney.errors import NotAllowed
from jitney.model.changes import (
    RequireAccountLink,
    RequireIdentityProvider,
    RequireUser,
    RequireUserStore,
)
from jitney.model.identity_provider import IdentityProvider
from jitney.model.user import OPERATOR_ROLES, User, UserState
from jitney.ports import AccountLinks, Clock, IdentityProviders, UserStore, UserStoreRecords, UserStores

_PAGE = 100
_NAMED = 5

Guards = tuple[RequireUser | RequireIdentityProvider | RequireUserStore | RequireAccountLink, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """What is about to let nobody in any more: a provider by its id, a store by its domain, accounts by theirs."""

    idp: str | None = None
    domain: str | None = None
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ShutOut:
    """Who operates and could not sign in any more, by name; ``held`` makes sure that somebody is left who may.

    It holds where nobody is shut out too: whoever has two ways loses both if each is closed by somebody who counts
    on the other.
    """

    names: tuple[str, ...] = ()
    held: Guards = ()

    @property
    def told(self) -> tuple[str, ...]:
        """Return it as a sentence, none where nobody is shut out."""
        if not self.names:
            return ()
        more = f" and {len(self.names) - _NAMED} more" if len(self.names) > _NAMED else ""
        return (f"These operators cannot sign in any more: {', '.join(self.names[:_NAMED])}{more}.",)


def lets_operators_in(idp: IdentityProvider) -> bool:
    """Say whether somebody who opens the console can choose a provider, or is led to it by their address."""
    return idp.enabled and (idp.home_realm.is_shown or bool(idp.home_realm.domains))


@dataclass(slots=True)
class _Seen:
    """Who loses their last way in, and by which way those who administer would still come."""

    shut_out: list[User] = field(default_factory=list[User])
    left: list[tuple[User, Guards]] = field(default_factory=list[tuple[User, Guards]])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(str(user.username) for user in self.shut_out))


@dataclass(frozen=True, slots=True)
class OperatorWays:
    """Looks at by which ways operators come in: a password, or a link to a provider that lets people in."""

    user_stores: UserStores
    records: UserStoreRecords
    account_links: AccountLinks
    identity_providers: IdentityProviders
    clock: Clock

    async def check(self, operator: Operator, closing: Closing) -> ShutOut:
        """Refuse to close the operator's own last way, or the last one of all who administer.

        The accident: the company's provider is switched off to see what happens, and nobody can switch it on again.
        The attack: two administrators switch off each other's way at the same moment; so the way of one who is left
        must still be there when the change is made (``held``).
        Raises ``NotAllowed`` (``operator_may_not_lock_out_themselves``, ``operators_all_shut_out``).
        """
        operator.need(Right.ADMINISTER)
        seen = await self._look(closing)
        if any(user.id == operator.id for user in seen.shut_out):
            raise NotAllowed(
                "operator_may_not_lock_out_themselves",
                "This is your own way in, so it would shut you out. Ask another administrator to do it.",
            )
        if any(_administers(user) for user in seen.shut_out) and not seen.left:
            raise NotAllowed(
                "operators_all_shut_out",
                "After this nobody who administers Jitney could sign in. Give one of them another way first.",
            )
        return ShutOut(seen.names, _witness(operator, seen.left))

    async def holding(self, operator: Operator, *people: User) -> Guards:
        """Return what must hold where accounts are closed, so that somebody is left who administers and comes in.

        The attack: two administrators shut out each other at the same moment; or one whose provider was switched
        off, and whose session has some hours left, shuts out the only one who could switch it on again.
        So the operator must still be who they were when their rights were read, and the way of one who is left
        must be there. On the machine itself even the last one can be locked, and made anew.
        Raises ``NotAllowed`` (``operators_all_shut_out``).
        """
        operator.need(Right.SEE)
        closed = frozenset(user.id for user in people if _administers(user) and user.id != operator.id)
        if operator.version is None or not closed:
            return ()
        still = RequireUser(operator.id, self.clock.now(), operator.version or None)
        return (still, *(await self.check(operator, Closing(accounts=closed))).held)

    async def names_without(self, operator: Operator, closing: Closing) -> tuple[str, ...]:
        """Return who operates and could not sign in any more, by name; a plan tells it, and refuses nothing."""
        operator.need(Right.SEE)
        return (await self._look(closing)).names

    async def _look(self, closing: Closing) -> _Seen:
        now, seen = self.clock.now(), _Seen()
        async for user, store in self._operators(now):
            way = await self._way(user, store, closing, now)
            if way is None and await self._way(user, store, Closing(), now) is not None:
                seen.shut_out.append(user)
            elif way is not None and _administers(user):
                seen.left.append((user, way))
        return seen

    async def _operators(self, now: datetime) -> AsyncIterator[tuple[User, UserStore]]:
        """Go through those who may sign in at all, each once."""
        seen = set[str]()
        for role in sorted(OPERATOR_ROLES):
            after, full = "", True
            while full:
                known = await self.records.users_of_role(role, after=after, limit=_PAGE)
                full, after = len(known) == _PAGE, known[-1].id if known else after
                for one in known:
                    store = await self.user_stores.find(one.domain)
                    user = await store.records.find(one.id) if store and one.id not in seen else None
                    seen.add(one.id)
                    if user is not None and store is not None and _may_sign_in(user, now):
                        yield user, store

    async def _way(self, user: User, store: UserStore, closing: Closing, now: datetime) -> Guards | None:
        """Return what must hold for a way in that stays open, ``None`` where there is no such way."""
        domain = store.description.domain
        if not store.description.enabled or domain == closing.domain or user.id in closing.accounts:
            return None
        record = await self.records.find(domain)
        at_home = (RequireUserStore(domain, record.version),) if record is not None else ()
        still = (RequireUser(user.id, now, user.version), *at_home)
        # A store outside our database knows by itself who has a password there.
        if user.has_password or store.entries is not None:
            return still
        for link in await self.account_links.of_user(user.id):
            idp = await self.identity_providers.find(link.idp) if link.idp != closing.idp else None
            if idp is not None and lets_operators_in(idp):
                opened = RequireAccountLink(link.idp, link.subject, user.id)
                return (*still, RequireIdentityProvider(idp.id, idp.version), opened)
        return None


def _administers(user: User) -> bool:
    return Right.ADMINISTER in rights_of([grant.name for grant in user.roles])


def _may_sign_in(user: User, now: datetime) -> bool:
    locked = user.lock is not None and user.lock.is_in_force(now)
    return user.state is UserState.ACTIVE and not locked


def _witness(operator: Operator, left: Sequence[tuple[User, Guards]]) -> Guards:
    """Return the way of the operator who does it, or else of any who is left."""
    own = [way for user, way in left if user.id == operator.id]
    return next(iter([*own, *(way for _, way in left)]), ())
