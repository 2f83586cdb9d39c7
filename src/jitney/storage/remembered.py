"""Remembered: identity providers, applications, purposes and user stores, kept in memory for half a second.

Every request needs them and they hardly ever change.
A change is seen everywhere within that time (P-7 allows one second), and at once in the process that made it.
What counts is made exact by the final commit, which requires the version that was read (R-021): where that fails,
``ForgettingWork`` drops what is remembered, so that whoever looks again sees what is there.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from jitney.errors import Conflict
from jitney.model.application import Application
from jitney.model.changes import AddUserStore, Change, RemoveUserStore, SaveUserStore
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

SECONDS = 0.5
_EDITS_OF_STORES = (AddUserStore, SaveUserStore, RemoveUserStore)
MOST_REMEMBERED = 1000
"""How many answers are kept at most, since ids that are asked for come from strangers (R-151)."""
_LONGEST_KEY = 255
"""Longer than any domain or identifier; what is asked for beyond it is nobody's, and not remembered."""

_Noun = TypeVar("_Noun")


class _Memory(Generic[_Noun]):
    """Answers by key, each with the monotonic second at which it ends (P-12)."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._answers: dict[object, tuple[float, _Noun]] = {}
        self._generation = 0

    async def get(self, key: object, ask: Callable[[], Awaitable[_Noun]]) -> _Noun:
        """Return what is remembered, or ask and remember."""
        now = self._monotonic()
        known = self._answers.get(key)
        if known is not None and now < known[0]:
            return known[1]
        generation = self._generation
        answer = await ask()
        # An answer that was on its way while somebody called forget() may be the old one: use it, do not
        # keep it.
        if generation == self._generation:
            if len(self._answers) >= MOST_REMEMBERED:
                self._answers.clear()
            # The half second counts from the question, not from the answer.
            self._answers[key] = (now + self._seconds, answer)
        return answer

    def forget(self) -> None:
        """Drop everything."""
        self._generation += 1
        self._answers.clear()


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
        self._one: _Memory[IdentityProvider | None] = _Memory(seconds, monotonic)
        self._of_a_realm: _Memory[Sequence[IdentityProvider]] = _Memory(seconds, monotonic)
        self._shown: _Memory[Sequence[IdentityProvider]] = _Memory(seconds, monotonic)
        self._any_by_domain: _Memory[bool] = _Memory(seconds, monotonic)

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

    Of user stores there are no others to be read: whoever adds one and then lets a policy name it must find it.
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
        if any(isinstance(change, _EDITS_OF_STORES) for change in changes):
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
        self._one: _Memory[Application | None] = _Memory(seconds, monotonic)
        self._all: _Memory[Sequence[Application]] = _Memory(seconds, monotonic)

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
        self._one: _Memory[Purpose | None] = _Memory(seconds, monotonic)
        self._all: _Memory[Sequence[Purpose]] = _Memory(seconds, monotonic)

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
        self._one: _Memory[UserStoreRecord | None] = _Memory(seconds, monotonic)
        self._all: _Memory[Sequence[UserStoreRecord]] = _Memory(seconds, monotonic)

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

    def forget(self) -> None:
        """Drop everything; to be called after a change."""
        self._one.forget()
        self._all.forget()
