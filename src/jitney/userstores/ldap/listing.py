"""Listings of people by name: sorted by the directory where it can, else walked through with little memory."""

import heapq
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from jitney.userstores.ldap.wire.answers import Answer, Code, Found
from jitney.userstores.ldap.wire.connection import DirectoryConnection, Search
from jitney.userstores.ldap.wire.controls import LIST_VIEW, SORTING, sorted_by, view_from
from jitney.userstores.ldap.wire.searching import search_pages

_ORDER = "caseIgnoreOrderingMatch"
_END_OF_LIST = 61


class Lister:
    """Lists one directory's people by ``name_attribute``."""

    def __init__(self, search: Search, name_attribute: str, page_size: int) -> None:
        self._search = search
        self._name_attribute = name_attribute
        self._page_size = page_size

    async def page(
        self, connection: DirectoryConnection, *, after: str, limit: int, controls: frozenset[str]
    ) -> Sequence[Found]:
        """Return the people behind a name, at most ``limit``, by name in lower case."""
        if {SORTING, LIST_VIEW} <= controls:
            answer = await self._view(connection, after, limit)
            if answer is not None:
                return answer
        return await self._smallest(connection, after, limit)

    async def _view(self, connection: DirectoryConnection, after: str, limit: int) -> Sequence[Found] | None:
        """Return a part of the sorted list; ``None`` where the directory will not show it like this."""
        # The name itself comes first where it still stands.
        controls = (sorted_by(self._name_attribute, _ORDER), view_from(after, limit))
        answer = await connection.search(replace(self._search, at_most=0, controls=controls))
        if answer.code == _END_OF_LIST or _view_result(answer) == _END_OF_LIST:
            return ()
        if answer.code != Code.SUCCESS or answer.referrals:
            return None
        behind = [found for found in answer.found if self._key(found) != after.lower() or not after]
        return behind[:limit]

    async def _smallest(self, connection: DirectoryConnection, after: str, limit: int) -> Sequence[Found]:
        """Walk through everybody, keeping only the first few names behind the last one."""
        kept: list[Found] = []
        async for page in search_pages(connection, self._search, self._page_size):
            behind = (found for found in page if not after or self._key(found) > after.lower())
            kept = heapq.nsmallest(limit, [*kept, *behind], key=self._key)
        return kept

    async def walk(self, connection: DirectoryConnection) -> AsyncIterator[Sequence[Found]]:
        """Walk through everybody, a page at a time."""
        async for page in search_pages(connection, self._search, self._page_size):
            yield page

    def _key(self, found: Found) -> str:
        return (found.first(self._name_attribute) or "").lower()


def _view_result(answer: Answer) -> int:
    return next((int(control.result) for control in answer.controls if hasattr(control, "targetPosition")), 0)
