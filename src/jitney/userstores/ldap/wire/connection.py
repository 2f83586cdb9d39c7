"""One open connection to a directory: asks one thing at a time, without a thread, and never waits for ever."""

import asyncio
import contextlib
import os
import select
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jitney.userstores.ldap.wire.answers import Answer, Code, Found, Refused, Unanswered
from jitney.userstores.ldap.wire.faults import fault
from jitney.userstores.ldap.wire.library import LIBRARY, PARSING_ERROR

BASE, CHILDREN, BELOW = 0, 1, 2
"""Scopes of a search (RFC 4511 4.5.1.2): the entry itself, those right below it, and it with all below it."""

EVERYTHING = "(objectClass=*)"
Modification = tuple[int, str, list[bytes] | None]
ADD, DELETE, REPLACE = 0, 1, 2
"""What a modification does with the values of an attribute (RFC 4511 4.6)."""

_REFERENCE = 115
_MOST_ON_A_PAGE = 10_000
_FILTER_FLAW = -7


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; ``at_most`` bounds the answer, 0 leaves the bound to the page's size."""

    base: str
    filter: str = EVERYTHING
    attributes: Sequence[str] = ("1.1",)
    scope: int = BELOW
    at_most: int = 1
    controls: tuple[Any, ...] = ()


class DirectoryConnection:
    """A bound handle of the library, whose socket does not block.

    Every verb raises ``Unanswered`` once ``seconds`` have passed; the connection is closed then, and so it is when
    the caller goes away meanwhile: what comes late must not be taken for the next answer.
    """

    def __init__(self, handle: Any, seconds: float) -> None:
        self._handle = handle
        self._seconds = seconds
        self._socket: int = handle.fileno()
        os.set_blocking(self._socket, False)
        self.is_open = True

    def is_silent(self) -> bool:
        """Say whether nothing has come unasked; before a directory goes away it says so, or ends the connection."""
        probe = select.poll()
        probe.register(self._socket, select.POLLIN | select.POLLERR | select.POLLHUP)
        return not probe.poll(0)

    def close(self) -> None:
        """Take leave."""
        if self.is_open:
            self.is_open = False
            with contextlib.suppress(LIBRARY.LDAPError):
                self._handle.unbind_ext()

    async def search(self, search: Search) -> Answer:
        """Return what was found; a result code is a part of the answer, for what came before it may be enough."""

        def ask() -> int:
            return self._handle.search_ext(
                search.base, search.scope, search.filter, list(search.attributes), 0,
                list(search.controls) or None, None, self._seconds, search.at_most,
            )  # fmt: skip

        found: list[Found] = []
        referrals: list[str] = []
        most = search.at_most or _MOST_ON_A_PAGE
        is_cut = False

        def keep(kind: int, dn: str | None, content: Any) -> None:
            nonlocal is_cut
            if kind == _REFERENCE or dn is None:
                referrals.extend(content)
            elif len(found) < most:
                found.append(Found(dn, {name.lower(): values for name, values in content.items()}))
            else:
                # Samba, for one, sends all that it finds, however few are asked for.
                is_cut = True

        try:
            controls = await self._carry_out(ask, keep)
        except Refused as refused:
            return Answer(refused.code, tuple(found), tuple(referrals), text=refused.text)
        code = Code.SIZE_LIMIT if is_cut else Code.SUCCESS
        return Answer(code, tuple(found), tuple(referrals), tuple(controls))

    async def add(
        self, dn: str, attributes: Sequence[tuple[str, list[bytes]]], *, controls: Sequence[Any] = ()
    ) -> None:
        """Make an entry; raises ``Refused``."""
        await self._carry_out(lambda: self._handle.add_ext(dn, list(attributes), list(controls) or None))

    async def modify(
        self, dn: str, modifications: Sequence[Modification], *, controls: Sequence[Any] = ()
    ) -> None:
        """Change an entry, all of it or nothing; raises ``Refused``."""
        await self._carry_out(
            lambda: self._handle.modify_ext(dn, list(modifications), list(controls) or None)
        )

    async def delete(self, dn: str, *, controls: Sequence[Any] = ()) -> None:
        """Remove an entry; raises ``Refused``."""
        await self._carry_out(lambda: self._handle.delete_ext(dn, list(controls) or None))

    async def _carry_out(
        self, ask: Callable[[], int], keep: Callable[[int, str | None, Any], None] | None = None
    ) -> Sequence[Any]:
        """Send a request, wait for its end, and return the controls that came with it."""
        try:
            async with asyncio.timeout(self._seconds):
                number = self._ask(ask)
                while True:
                    kind, content, _, controls = self._ask(lambda: self._handle.result3(number, 0, 0))
                    if kind is None:
                        await self._readable()
                    elif keep is not None and content:
                        for dn, values in content:
                            keep(kind, dn, values)
                    else:
                        return controls
        except TimeoutError:
            self.close()
            raise Unanswered(in_time=False) from None
        except asyncio.CancelledError:
            self.close()
            raise

    def _ask(self, call: Callable[[], Any]) -> Any:
        """Call the library; its own faults have negative numbers, and end the connection."""
        try:
            return call()
        except LIBRARY.LDAPError as error:
            code, text = told(error)
            if code > 0:
                raise Refused(code, text) from None
            if code == _FILTER_FLAW:
                raise fault("user_store_filter_malformed") from None
            self.close()
            raise Unanswered(in_time=True) from None
        except (ValueError, AssertionError, PARSING_ERROR):
            # What came is not what the protocol allows.
            self.close()
            raise Unanswered(in_time=True) from None

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        loop.add_reader(self._socket, _wake, waiter)
        try:
            await waiter
        finally:
            loop.remove_reader(self._socket)


def told(error: Any) -> tuple[int, str]:
    """Return the number and the words of a fault of the library's."""
    facts = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    text = facts.get("info")
    return int(facts.get("result", -1)), text if isinstance(text, str) else ""


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
