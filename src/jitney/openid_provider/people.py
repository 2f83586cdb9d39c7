"""Whether a person may still be served: asked again before every token."""

from dataclasses import dataclass
from datetime import datetime

from jitney.errors import Locked, NotAllowed
from jitney.locked_identities import LockedIdentities
from jitney.model.changes import Change, RequireUser
from jitney.model.grant import Authentication
from jitney.model.session import LocalPerson, PassingPerson
from jitney.model.user import User, UserState
from jitney.ports import IdentityProviders, UserStores


@dataclass(frozen=True, slots=True)
class People:
    """Finds the person behind a sign-in as they are now."""

    user_stores: UserStores
    identity_providers: IdentityProviders
    locked: LockedIdentities

    async def get(self, authentication: Authentication, now: datetime) -> User | PassingPerson:
        """Return the person, or refuse one who may not be served any more (R-048, R-083).

        The attack is patience: somebody is locked, deleted, or their provider is switched off, and an unused
        code or a refresh token goes on opening doors in their name (CVE-2024-9517, CVE-2024-8995).
        Raises ``NotAllowed`` ``identity_provider_disabled``, ``user_gone``, ``user_store_disabled``; ``Locked``
        ``user_locked``, ``user_not_active``, ``identity_locked``; ``UserStoreUnavailable``.
        """
        if authentication.idp is not None:
            idp = await self.identity_providers.find(authentication.idp)
            if idp is None or not idp.enabled:
                raise NotAllowed("identity_provider_disabled", "This sign-in is not accepted any more.")
        person = authentication.person
        found = person if isinstance(person, PassingPerson) else await self._user(person, now)
        if await self.locked.find_behind(authentication.idp, authentication.subject, found):
            raise Locked("identity_locked", "This account cannot be used now.")
        return found

    async def _user(self, person: LocalPerson, now: datetime) -> User:
        store = await self.user_stores.find(person.domain)
        if store is None or not store.description.enabled:
            raise NotAllowed("user_store_disabled", "This sign-in is not accepted any more.")
        user = await store.find(person.user_id)
        if user is None:
            raise NotAllowed("user_gone", "This sign-in is not accepted any more.")
        if user.state is not UserState.ACTIVE:
            raise Locked("user_not_active", "This account cannot be used now.")
        if user.lock is not None and user.lock.is_in_force(now):
            raise Locked("user_locked", "This account cannot be used now.")
        return user


def still_served(authentication: Authentication, now: datetime) -> tuple[Change, ...]:
    """Return the guard that holds the person to the same inside the commit; a passing one has no record."""
    person = authentication.person
    return () if isinstance(person, PassingPerson) else (RequireUser(person.user_id, now),)
