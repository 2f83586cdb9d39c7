"""Passwords: argon2id in a bounded pool of threads (R-124)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from jitney.errors import InvalidInput, Overloaded

LONGEST_PASSWORD = 1024
"""In bytes of UTF-8."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """What one hash costs: kibibytes of memory, passes over it, lanes.

    The default is the second choice of RFC 9106 brought down to what OWASP recommends: 19 MiB, two passes,
    one lane.
    """

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1


class Argon2Passwords:
    """Hashes and compares passwords, ``threads`` at a time; at most ``waiting`` more wait, the rest is shed.

    The attack: a flood of sign-ins with a password makes every one of them claim 19 MiB and a core, until
    nothing else is served. Beyond the queue the answer is ``Overloaded``, before any work was begun
    (R-151).
    """

    def __init__(self, cost: Argon2Cost | None = None, *, threads: int = 2, waiting: int = 64) -> None:
        cost = cost or Argon2Cost()
        self._hasher = _hasher(cost)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._most = threads + waiting
        self._under_way = 0
        # Compared against where there is no hash, so that the answer takes as long.
        self._nobodys = _hash_of_nobody(cost)

    async def hash(self, password: str) -> str:
        """Hash a password of at most 1024 bytes.

        Raises ``InvalidInput`` (``password_too_long``, ``password_invalid``) or ``Overloaded``
        (``passwords_busy``).
        """
        secret = _bytes(password)
        return await self._in_pool(lambda: self._hasher.hash(secret))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Compare; with ``None``, or a hash that is none, do the same work and answer ``False``.

        Raises ``InvalidInput`` for a password that ``hash`` would refuse, and ``Overloaded``.
        """
        secret = _bytes(password)
        return await self._in_pool(lambda: self._matches(secret, password_hash))

    def needs_rehash(self, password_hash: str) -> bool:
        """Say whether the hash was made with other parameters than today's."""
        try:
            return self._hasher.check_needs_rehash(password_hash)
        except InvalidHashError:
            return True

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, secret: bytes, password_hash: str | None) -> bool:
        if password_hash is not None:
            try:
                return self._hasher.verify(password_hash, secret)
            except VerificationError:
                return False
            except InvalidHashError:
                pass
        self._work_in_vain(secret)
        return False

    def _work_in_vain(self, secret: bytes) -> None:
        """Do what a comparison costs; whatever comes out of it means nothing."""
        with suppress(VerificationError):
            self._hasher.verify(self._nobodys, secret)

    async def _in_pool(self, work: Callable[[], _Answer]) -> _Answer:
        if self._under_way >= self._most:
            raise Overloaded("passwords_busy", "The service is busy. Please try again.")
        self._under_way += 1
        future = self._pool.submit(work)
        loop = asyncio.get_running_loop()
        # Counted down when the work ends, not when the caller goes away: a cancelled request still holds
        # its thread.
        future.add_done_callback(lambda _: _tell(loop, self._one_less))
        return await asyncio.wrap_future(future)

    def _one_less(self) -> None:
        self._under_way -= 1


def _hasher(cost: Argon2Cost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)


@cache
def _hash_of_nobody(cost: Argon2Cost) -> str:
    return _hasher(cost).hash("the password of nobody")


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(what)


def _bytes(password: str) -> bytes:
    try:
        secret = password.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "password_invalid", "The password holds characters that cannot be used."
        ) from error
    if len(secret) > LONGEST_PASSWORD:
        raise InvalidInput("password_too_long", "The password is too long.")
    return secret
