"""Connections that are kept for the next question: a few, not for long, and none that has died meanwhile."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from jitney.userstores.ldap.wire.answers import Unanswered
from jitney.userstores.ldap.wire.connection import DirectoryConnection
from jitney.userstores.ldap.wire.faults import fault

KEPT_SECONDS = 60.0
"""For less than firewalls and directories forget a connection that nobody uses."""

_Answer = TypeVar("_Answer")


class ConnectionPool:
    """At most ``size`` connections at once; whoever waits longer than ``seconds`` for one hears that it is busy."""

    def __init__(
        self, open_one: Callable[[], Awaitable[DirectoryConnection]], *, size: int, seconds: float
    ) -> None:
        self._open_one = open_one
        self._seconds = seconds
        self._free = asyncio.Semaphore(size)
        self._kept: deque[tuple[float, DirectoryConnection]] = deque()
        self._is_closed = False

    async def read(self, work: Callable[[DirectoryConnection], Awaitable[_Answer]]) -> _Answer:
        """Ask something that changes nothing: once more on a new connection, where an old one has died over it."""
        async with self._slot():
            kept = self._take_kept()
            if kept is not None:
                try:
                    return await self._use(kept, work)
                except Unanswered as flaw:
                    if not flaw.in_time:
                        raise
                    self._forget_kept()
            return await self._use(await self._open_one(), work)

    async def write(self, work: Callable[[DirectoryConnection], Awaitable[_Answer]]) -> _Answer:
        """Ask for a change: never twice, for the first may have been done though nobody said so."""
        async with self._slot():
            return await self._use(self._take_kept() or await self._open_one(), work)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[DirectoryConnection]:
        """Lend a new connection for questions that belong together; it is closed behind them."""
        async with self._slot():
            connection = await self._open_one()
            try:
                yield connection
            finally:
                connection.close()

    def close(self) -> None:
        """Close what is kept now, and what is in use as soon as it is given back."""
        self._is_closed = True
        self._forget_kept()

    async def _use(
        self, connection: DirectoryConnection, work: Callable[[DirectoryConnection], Awaitable[_Answer]]
    ) -> _Answer:
        try:
            return await work(connection)
        finally:
            if connection.is_open:
                self._keep(connection)

    def _keep(self, connection: DirectoryConnection) -> None:
        if self._is_closed:
            connection.close()
        else:
            self._kept.append((asyncio.get_running_loop().time(), connection))

    def _take_kept(self) -> DirectoryConnection | None:
        now = asyncio.get_running_loop().time()
        while self._kept and now - self._kept[0][0] > KEPT_SECONDS:
            self._kept.popleft()[1].close()
        while self._kept:
            connection = self._kept.pop()[1]
            if connection.is_silent():
                return connection
            connection.close()
        return None

    def _forget_kept(self) -> None:
        while self._kept:
            self._kept.pop()[1].close()

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            raise fault("user_store_busy") from None
        try:
            yield
        finally:
            self._free.release()
