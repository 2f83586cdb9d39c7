"""User name and password against the user stores: whose they are, at one price for every failure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jitney.model.changes import Change, RehashPassword
from jitney.model.user import User
from jitney.ports import Passwords, UserStore, UserStores
from jitney.provisioning.store_rules import canonical_username
from jitney.signin.sessions import may_sign_in


@dataclass(frozen=True, slots=True)
class Verified:
    """What name and password came to: a user who may sign in now, or the true cause, for the outcome alone."""

    user: User | None
    why_not: str = ""
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """The user whom a typed name means, and the hash to compare with; no user and no hash look the same later."""

    user: User | None
    password_hash: str | None
    why_not: str = "user_unknown"


@dataclass(frozen=True, slots=True)
class LocalCredentials:
    """Verifies what people type about accounts here."""

    user_stores: UserStores
    passwords: Passwords

    async def verify(self, typed_name: str, password: str, *, now: datetime) -> Verified:
        """Compare name and password; every failure costs the same (R-109).

        ``typed_name`` may be ``DOMAIN/name``.
        Raises ``Overloaded`` where too many passwords are being compared.
        """
        found = await self._find(typed_name)
        fits = await self.passwords.verify(password, found.password_hash)
        if found.user is None or not fits or not may_sign_in(found.user, now):
            return Verified(None, _why(found, fits=fits))
        return Verified(found.user, password_hash=found.password_hash)

    async def rehash(self, verified: Verified, password: str) -> Sequence[Change]:
        """Take the chance to store the same password under today's parameters (R-124)."""
        old = verified.password_hash
        if verified.user is None or old is None or not self.passwords.needs_rehash(old):
            return ()
        return (RehashPassword(verified.user.id, old, await self.passwords.hash(password)),)

    async def _find(self, typed_name: str) -> _Found:
        """Find the one user whom a name means; two stores that both know it are told apart by a domain (R-046)."""
        domain, slash, rest = typed_name.partition("/")
        named = self.user_stores.find(domain) if slash else None
        stores = [named] if named else [self.user_stores.find(each) for each in self.user_stores.domains()]
        name = rest if named else typed_name
        matches = [match for store in stores if store for match in await _matches(store, name)]
        if len(matches) != 1:
            return _Found(None, None, "user_ambiguous" if matches else "user_unknown")
        store, user = matches[0]
        return _Found(user, await store.find_password_hash(user.id))


async def _matches(store: UserStore, name: str) -> list[tuple[UserStore, User]]:
    if not store.description.enabled:
        return []
    user = await store.find_by_name_key(canonical_username(store.description, name).key)
    return [(store, user)] if user else []


def _why(found: _Found, *, fits: bool) -> str:
    """Name the true cause, for the outcome alone: the person sees one sentence for all of them."""
    if found.user is None:
        return found.why_not
    if found.password_hash is None:
        return "no_local_password"
    return "user_may_not_sign_in" if fits else "password_wrong"
