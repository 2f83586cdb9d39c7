"""Remembered: what every request needs and what hardly ever changes, kept in memory for half a second.

Identity providers, applications, purposes, user stores; locks in ``remembered_locks.py``, the look in ``looks.py``.
A change is seen everywhere within that time (P-7 allows one second), and at once in the process that made it.
What counts is made exact by the final commit, which requires the version that was read (R-021): where that fails,
``ForgettingWork`` drops what is remembered, so that whoever looks again sees what is there.
"""

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from jitney.errors import Conflict
from jitney.model.application import Application
from jitney.model.changes import (
    AddUserStore,
    Change,
    RemoveIdentityLock,
    RemoveUserStore,
    SaveIdentityLock,
    SaveLook,
    SaveUserStore,
)
from jitney.model.consent import Purpose
from jitney.model.identity_provider import IdentityProvider
from jitney.model.user_store_record import UserStoreRecord
from jitney.ports import (
    Applications,
    IdentityProviders,
    KnownUser,
    Purposes,
    UnitOfWork,
    UserStoreRecords,
)
from jitney.storage.short_memory import SECONDS, ShortMemory

_SEEN_AT_ONCE = (
    AddUserStore,
    SaveUserStore,
    RemoveUserStore,
    SaveIdentityLock,
    RemoveIdentityLock,
    SaveLook,
)
_LONGEST_KEY = 255
"""Longer than any domain or identifier; what is asked for beyond it is nobody's, and not remembered."""


class RememberedIdentityProviders:
    """Identity providers, at most ``seconds`` old."""

    def __init__(
        self,
        behind: IdentityProviders,
        *,
        seconds: float = SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._behind = behind
        self._one: ShortMemory[IdentityProvider | None] = ShortMemory(seconds, monotonic)
        self._of_a_realm: ShortMemory[Sequence[IdentityProvider]] = ShortMemory(seconds, monotonic)
        self._shown: ShortMemory[Sequence[IdentityProvider]] = ShortMemory(seconds, monotonic)
        self._any_by_domain: ShortMemory[bool] = ShortMemory(seconds, monotonic)

    async def find(self, id: str) -> IdentityProvider | None:
        """Find by internal id."""
        return await self._one.get(("id", id), lambda: self._behind.find(id))

    async def find_by_name(self, name: str) -> IdentityProvider | None:
        """Find by short name."""
        return await self._one.get(("name", name), lambda: self._behind.find_by_name(name))

    async def find_by_home_realm(self, identifier: str) -> IdentityProvider | None:
        """Find by the home realm identifier, enabled or not."""
        if len(identifier) > _LONGEST_KEY:
            return await self._behind.find_by_home_realm(identifier)
        realm = await self._of_a_realm.get(
            ("identifier", identifier), lambda: self._of_identifier(identifier)
        )
        return realm[0] if realm else None

    async def find_by_domain(self, domain: str) -> Sequence[IdentityProvider]:
        """Find the enabled providers of an e-mail domain."""
        if len(domain) > _LONGEST_KEY:
            return await self._behind.find_by_domain(domain)
        return await self._of_a_realm.get(("domain", domain), lambda: self._behind.find_by_domain(domain))

    async def any_found_by_domain(self) -> bool:
        """Say whether people of any enabled provider are found by the domain of their address."""
        return await self._any_by_domain.get("any", self._behind.any_found_by_domain)

    async def shown(self, *, limit: int = 50) -> Sequence[IdentityProvider]:
        """List those that are enabled and offered on the sign-in page."""
        return await self._shown.get(limit, lambda: self._behind.shown(limit=limit))

    async def list(self) -> Sequence[IdentityProvider]:
        """List all, by name, as of now: there may be thousands, and they are not kept in memory (R-151)."""
        return await self._behind.list()

    async def page(self, *, text: str = "", after: str = "", limit: int = 50) -> Sequence[IdentityProvider]:
        """List those in whose short or shown name a text stands, as of now."""
        return await self._behind.page(text=text, after=after, limit=limit)

    async def due_for_metadata(self, now: datetime, *, limit: int = 20) -> Sequence[IdentityProvider]:
        """List the SAML providers whose metadata shall be fetched again; as of now."""
        return await self._behind.due_for_metadata(now, limit=limit)

    def forget(self) -> None:
        """Drop everything; to be called after a change."""
        for memory in (self._one, self._of_a_realm, self._shown, self._any_by_domain):
            memory.forget()

    async def _of_identifier(self, identifier: str) -> Sequence[IdentityProvider]:
        found = await self._behind.find_by_home_realm(identifier)
        return () if found is None else (found,)


class _Remembering(Protocol):
    def forget(self) -> None: ...


class ForgettingWork:
    """A unit of work that drops what is remembered as soon as a commit shows that something has changed.

    Whoever adds a user store and then lets a policy name it must find it; and whoever locks somebody out expects
    that the next request says so.
    """

    def __init__(
        self,
        work: UnitOfWork,
        *memories: _Remembering,
    ) -> None:
        self._work = work
        self._memories = memories

    async def commit(self, *changes: Change) -> None:
        """Carry out all changes or none; raises as the unit of work behind does."""
        try:
            await self._work.commit(*changes)
        except Conflict:
            self._forget()
            raise
        if any(isinstance(change, _SEEN_AT_ONCE) for change in changes):
            self._forget()

    def _forget(self) -> None:
        for memory in self._memories:
            memory.forget()


class RememberedApplications:
    """Applications, at most ``seconds`` old."""

    def __init__(
        self,
        behind: Applications,
        *,
        seconds: float = SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._behind = behind
        self._one: ShortMemory[Application | None] = ShortMemory(seconds, monotonic)
        self._all: ShortMemory[Sequence[Application]] = ShortMemory(seconds, monotonic)

    async def find(self, id: str) -> Application | None:
        """Find by ``client_id``."""
        return await self._one.get(id, lambda: self._behind.find(id))

    async def list(self) -> Sequence[Application]:
        """List all, by id."""
        return await self._all.get("all", self._behind.list)

    def forget(self) -> None:
        """Drop everything; to be called after a change."""
        self._one.forget()
        self._all.forget()


class RememberedPurposes:
    """Purposes, at most ``seconds`` old; that the words which were read still stand is said by the commit."""

    def __init__(
        self,
        behind: Purposes,
        *,
        seconds: float = SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._behind = behind
        self._one: ShortMemory[Purpose | None] = ShortMemory(seconds, monotonic)
        self._all: ShortMemory[Sequence[Purpose]] = ShortMemory(seconds, monotonic)

    async def list(self) -> Sequence[Purpose]:
        """List all, by name."""
        return await self._all.get("all", self._behind.list)

    async def find_by_name(self, name: str) -> Purpose | None:
        """Find by name."""
        return await self._one.get(name, lambda: self._behind.find_by_name(name))

    def forget(self) -> None:
        """Drop everything; to be called after a change."""
        self._one.forget()
        self._all.forget()


class RememberedUserStoreRecords:
    """User stores, at most ``seconds`` old; that a store is still as it was read is said by the commit."""

    def __init__(
        self,
        behind: UserStoreRecords,
        *,
        seconds: float = SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._behind = behind
        self._one: ShortMemory[UserStoreRecord | None] = ShortMemory(seconds, monotonic)
        self._all: ShortMemory[Sequence[UserStoreRecord]] = ShortMemory(seconds, monotonic)

    async def find(self, domain: str) -> UserStoreRecord | None:
        """Find by domain, compared without case."""
        return await self._one.get(domain.upper(), lambda: self._behind.find(domain))

    async def list(self) -> Sequence[UserStoreRecord]:
        """List all, by domain."""
        return await self._all.get("all", self._behind.list)

    async def count_users(self, domain: str) -> int:
        """Count the users of a domain of whom we keep a record; as of now."""
        return await self._behind.count_users(domain)

    async def known_users(self, domain: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        """List the users of a domain of whom we keep a record by id; as of now."""
        return await self._behind.known_users(domain, after=after, limit=limit)

    async def users_of_origin(self, idp: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        """List the users whom an identity provider has provisioned, by id; as of now."""
        return await self._behind.users_of_origin(idp, after=after, limit=limit)

    async def users_of_role(self, role: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        """List the users who hold a role, by id; as of now."""
        return await self._behind.users_of_role(role, after=after, limit=limit)

    async def users_of_ids(self, ids: Collection[str]) -> Sequence[KnownUser]:
        """List those of these users of whom we keep a record; as of now."""
        return await self._behind.users_of_ids(ids)

    def forget(self) -> None:
        """Drop everything; to be called after a change."""
        self._one.forget()
        self._all.forget()
