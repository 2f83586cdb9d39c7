"""Remembered locks: whether anybody of a provider is locked, kept in memory for half a second."""

import time
from collections.abc import Callable, Sequence

from jitney.model.identity_lock import IdentityLock
from jitney.ports import IdentityLocks
from jitney.storage.short_memory import SECONDS, ShortMemory


class RememberedIdentityLocks:
    """Locks on social identities: whether a provider has any is at most ``seconds`` old, the locks are as of now.

    So a provider nobody of whom is locked costs no query, and a lock is in force everywhere within that time (P-7).
    """

    def __init__(
        self,
        behind: IdentityLocks,
        *,
        seconds: float = SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._behind = behind
        self._any: ShortMemory[bool] = ShortMemory(seconds, monotonic)

    async def any_of(self, idp: str) -> bool:
        """Say whether anybody of this provider is locked."""
        return await self._any.get(idp, lambda: self._behind.any_of(idp))

    async def of_identity(
        self, idp: str, *, subject: str | None, emails: Sequence[str]
    ) -> Sequence[IdentityLock]:
        """List the locks on this subject and on these addresses; as of now."""
        return await self._behind.of_identity(idp, subject=subject, emails=emails)

    async def of_provider(self, idp: str, *, limit: int = 100) -> Sequence[IdentityLock]:
        """List the locks of a provider's people; as of now."""
        return await self._behind.of_provider(idp, limit=limit)

    def forget(self) -> None:
        """Drop everything; to be called after a change."""
        self._any.forget()
