"""User name and password against the user stores: whose they are, at one price for every failure.

Every comparison is a guess that was counted before, for its user, at whichever page it was made (R-046, R-096).
"""

import asyncio
import hmac
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from jitney.errors import Conflict, InvalidInput, Locked, Overloaded, UserStoreUnavailable
from jitney.model.attempts import AttemptKind
from jitney.model.changes import Change, RehashPassword, RequireUser, RequireUserStore
from jitney.model.user import User
from jitney.operations.entries_of_users import recorded
from jitney.ports import Passwords, UserStore, UserStores
from jitney.provisioning.store_rules import MAX_PASSWORD_BYTES, canonical_username
from jitney.signin.guesses import Counted, Guesses
from jitney.signin.sessions import may_sign_in

UNREACHABLE: Final = "user_store_unreachable"
_TWO_ENTRIES: Final = "user_store_two_entries"


@dataclass(frozen=True, slots=True)
class Verified:
    """What name and password came to: a user who may sign in now, or the true cause, for the outcome alone.

    ``cause`` is what a store that cannot be asked has said, ``domain`` which store it is whose answer settled it.
    ``held`` must be so in the commit that lets the user in: the store and the user are as they were; and of whom we
    keep no record yet (``user.version`` is 0), one is made.
    ``counted`` is the guess that this was; where it was right, it is given back with its effect.
    """

    user: User | None
    why_not: str = ""
    cause: str | None = None
    domain: str | None = None
    password_hash: str | None = None
    held: tuple[Change, ...] = ()
    counted: tuple[Counted, ...] = ()

    @property
    def is_undecided(self) -> bool:
        """Say whether a store could not be asked, so that nobody knows whether name and password are right."""
        return self.why_not == UNREACHABLE


@dataclass(frozen=True, slots=True)
class _Found:
    """The user whom a typed name means; and the store that compares the password, also where there is no user."""

    user: User | None = None
    store: UserStore | None = None
    why_not: str = "user_unknown"
    cause: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class _Meant:
    """Whom a typed name means; ``is_bare`` says that it came without a domain.

    ``budget`` is whose guesses are counted: the user's by the internal id, so that no alias opens a fresh one; and
    of a name that is nobody's the name's, so that it costs and ends as one that is somebody's (R-109).
    """

    found: _Found
    is_bare: bool
    budget: str


@dataclass(frozen=True, slots=True)
class LocalCredentials:
    """Verifies what people type about accounts here; ``name_key`` has 32 octets and stays the same for good."""

    user_stores: UserStores
    passwords: Passwords
    guesses: Guesses
    name_key: bytes = field(repr=False)

    async def verify(self, typed_name: str, password: str, *, now: datetime) -> Verified:
        """Compare name and password; every failure costs the same, as far as stores do (R-109).

        ``typed_name`` may be ``DOMAIN/name``; a blank password is no password, and nobody is asked (R-042).
        Raises ``InvalidInput`` for a password that is too long or holds what cannot be sent, ``Overloaded`` where
        too many passwords are being compared.
        """
        _check_sendable(password)
        if not password.strip():
            return Verified(None, "password_blank")
        meant = await self._find(typed_name)
        found = meant.found
        if found.cause is not None:
            return Verified(None, found.why_not, found.cause, found.domain)
        try:
            counted = await self.guesses.count(meant.budget, AttemptKind.PASSWORD)
        except Locked as no:
            return await self._exhausted(meant, password, no.code, now=now)
        try:
            verified = await self._compare(found, password, now=now, is_bare=meant.is_bare)
        except UserStoreUnavailable as fault:
            await self.guesses.commit(counted=(counted,))
            return Verified(None, UNREACHABLE, fault.code, found.domain)
        except Overloaded:
            await self.guesses.commit(counted=(counted,))
            raise
        return replace(verified, counted=(counted,))

    async def _exhausted(self, meant: _Meant, password: str, why: str, *, now: datetime) -> Verified:
        """Answer as for a wrong password, at the same price, and compare with nobody's (R-109)."""
        found = replace(meant.found, user=None)
        with suppress(UserStoreUnavailable):
            await self._compare(found, password, now=now, is_bare=meant.is_bare)
        return Verified(None, why, domain=found.domain)

    async def rehashed(self, verified: Verified, password: str) -> Verified:
        """Take the chance to store the same password under today's parameters (R-124).

        Whoever signs in twice at once stores the new hash once; the hash that stands is with what is returned.
        """
        user, old = verified.user, verified.password_hash
        if user is None or old is None or not self.passwords.needs_rehash(old):
            return verified
        new = await self.passwords.hash(password)
        with suppress(Conflict, Overloaded):
            await self.guesses.commit(RehashPassword(user.id, old, new))
            return replace(verified, password_hash=new)
        # A password that was changed meanwhile has raised the user's version, which ``held`` holds.
        store = await self.user_stores.find(user.username.domain)
        return replace(verified, password_hash=await store.find_password_hash(user.id) if store else old)

    async def _find(self, typed_name: str) -> _Meant:
        """Find the one user whom a name means.

        Two stores that both know it are told apart by a domain; and where one cannot be asked, nobody knows whether
        there are two (R-046). Whoever gives the domain needs no other store than that (P-11).
        """
        domain, slash, rest = typed_name.partition("/")
        known = self.user_stores
        named = await known.find(domain) if slash else None
        if named is not None:
            found = await _look(named, rest)
            return _Meant(found, False, self._budget(found, named, rest))
        stores = [store for each in await known.domains() if (store := await known.find(each))]
        looked = await asyncio.gather(*(_look(store, typed_name) for store in stores))
        found = _only(looked)
        return _Meant(found, True, self._budget(found, stores[0], typed_name))

    def _budget(self, found: _Found, store: UserStore, name: str) -> str:
        """Return whose guesses are counted; a name that is nobody's counts as ``store`` compares names.

        What was typed there may be a password by mistake, so its hash has a key.
        """
        if found.user is not None:
            return found.user.id
        typed = canonical_username(store.description, name).key.encode(errors="backslashreplace")
        text = store.description.domain.encode() + b"/" + typed
        return "name:" + hmac.digest(self.name_key, text, "sha256").hex()

    async def _compare(self, found: _Found, password: str, *, now: datetime, is_bare: bool) -> Verified:
        entries = found.store.entries if found.store else None
        if entries is None:
            password_hash = await _password_hash(found)
            fits = await self.passwords.verify(password, password_hash)
            return _verified(found, fits=fits, now=now, password_hash=password_hash)
        fits = await entries.check_password(found.user.entry if found.user else None, password)
        verified = _verified(found, fits=fits, now=now)
        if is_bare and verified.user is None:
            # A bare name that nobody has costs one comparison; so does one that is in a directory.
            await self.passwords.verify(password, None)
        return verified


async def _look(store: UserStore, name: str) -> _Found:
    """Look for a name in one store; one that is switched off knows nobody."""
    domain = store.description.domain
    if not store.description.enabled:
        return _Found()
    try:
        user = await store.find_by_name_key(canonical_username(store.description, name).key)
    except UserStoreUnavailable as fault:
        if fault.code == _TWO_ENTRIES:
            return _Found(None, store, _TWO_ENTRIES, domain=domain)
        return _Found(None, store, UNREACHABLE, fault.code, domain)
    return _Found(user, store, domain=domain)


def _only(looked: Sequence[_Found]) -> _Found:
    """Return the one whom all stores together know; without a store where there is none, or more than one."""
    if silent := [found for found in looked if found.cause is not None]:
        return silent[0]
    if twice := [found for found in looked if found.why_not == _TWO_ENTRIES]:
        return replace(twice[0], store=None)
    matches = [found for found in looked if found.user is not None]
    if len(matches) == 1:
        return matches[0]
    return _Found(why_not="user_ambiguous") if matches else _Found()


async def _password_hash(found: _Found) -> str | None:
    if found.user is None or found.store is None:
        return None
    return await found.store.find_password_hash(found.user.id)


def _verified(found: _Found, *, fits: bool, now: datetime, password_hash: str | None = None) -> Verified:
    """Judge a comparison; the true cause is for the outcome alone: the person sees one sentence for all of them."""
    user, store = found.user, found.store
    if user is None or store is None:
        return Verified(None, found.why_not, domain=found.domain if found.why_not == _TWO_ENTRIES else None)
    if store.entries is None and password_hash is None:
        return Verified(None, "no_local_password")
    if not may_sign_in(user, now) and (fits or store.entries is not None):
        # A directory says no to whoever is locked, whatever the password is.
        return Verified(None, "user_may_not_sign_in")
    if not fits:
        return Verified(None, "password_wrong")
    if user.version == 0:
        user = replace(user, created=now)
    return Verified(user, password_hash=password_hash, held=_held(user, store, now))


def _held(user: User, store: UserStore, now: datetime) -> tuple[Change, ...]:
    version = store.description.version
    still = (RequireUserStore(store.description.domain, version),) if version else ()
    _, recording = recorded(user, now)
    return (*still, *(recording or (RequireUser(user.id, now, user.version),)))


def _check_sendable(password: str) -> None:
    """Refuse what no store compares, before any is asked, and for everybody alike."""
    try:
        size = len(password.encode())
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "password_invalid", "The password holds characters that cannot be used."
        ) from error
    if size > MAX_PASSWORD_BYTES:
        raise InvalidInput("password_too_long", "The password is too long.")
