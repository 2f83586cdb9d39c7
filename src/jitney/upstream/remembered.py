"""One remote document in memory: fetched by one caller at a time, and kept for a bounded while."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.ports import Clock

Document = TypeVar("Document")

_log = structlog.get_logger(__name__)
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a document is good.

    ``fresh``: used without asking.
    ``kept_while_failing``: from its fetching on, used only because asking again failed.
    ``pause``: between two tries while asking fails, and between two tries on demand.
    """

    fresh: timedelta
    kept_while_failing: timedelta
    pause: timedelta


@dataclass(frozen=True, slots=True)
class _Held(Generic[Document]):
    document: Document
    fetched: datetime

    def is_within(self, span: timedelta, now: datetime) -> bool:
        # After a step back of the clock the age is unknown, and unknown is too old (P-12).
        return _NOTHING <= now - self.fetched < span


class Remembered(Generic[Document]):
    """A remote document.

    ``fetch`` returns it checked, or raises ``UpstreamRejected`` or ``UpstreamUnavailable``;
    whatever it raises, the document before is neither replaced nor extended:
    a failing provider never widens trust (R-073).
    ``name`` and ``owner`` stand in the log.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Document]],
        *,
        clock: Clock,
        lifetime: Lifetime,
        name: str,
        owner: str,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lifetime = lifetime
        self._log = _log.bind(document=name, idp=owner)
        self._held: _Held[Document] | None = None
        self._failed: datetime | None = None
        self._demanded: datetime | None = None
        self._flight: asyncio.Task[Document] | None = None

    async def get(self) -> Document:
        """Return the document; fetched only where there is none that is fresh.

        Raises what ``fetch`` raises, where nothing older may stand in for it.
        """
        now, held = self._clock.now(), self._held
        if held is not None and held.is_within(self._lifetime.fresh, now):
            return held.document
        stand_in = (
            held if held is not None and held.is_within(self._lifetime.kept_while_failing, now) else None
        )
        if stand_in is not None and self._is_pausing(self._failed, now):
            return stand_in.document
        try:
            return await self._fetched()
        except (UpstreamRejected, UpstreamUnavailable):
            if stand_in is None:
                raise
            return stand_in.document

    async def find_newer(self, than: Document) -> Document | None:
        """Return another document than ``than``, fetched if need be; ``None`` where there is none for now.

        A stranger who signs with invented keys makes us ask for new ones: so the provider is asked once in a
        ``pause`` at most, whoever demands it.
        """
        held, now = self._held, self._clock.now()
        if held is not None and held.document is not than:
            return held.document
        if self._flight is None:
            if self._is_pausing(self._demanded, now):
                return None
            self._demanded = now
        try:
            return await self._fetched()
        except (UpstreamRejected, UpstreamUnavailable):
            return None

    def _is_pausing(self, since: datetime | None, now: datetime) -> bool:
        return since is not None and _NOTHING <= now - since < self._lifetime.pause

    async def _fetched(self) -> Document:
        """Join the fetch that is under way, or start one.

        It is a task of its own, so that a browser that goes away does not take it from the others who wait.
        """
        if self._flight is None:
            self._flight = asyncio.create_task(self._fetch_and_hold())
            self._flight.add_done_callback(self._land)
        return await asyncio.shield(self._flight)

    async def _fetch_and_hold(self) -> Document:
        try:
            document = await self._fetch()
        except (UpstreamRejected, UpstreamUnavailable) as fault:
            self._failed = self._clock.now()
            self._log.warning("upstream_document_not_fetched", code=fault.code, details=dict(fault.details))
            raise
        self._held, self._failed = _Held(document, self._clock.now()), None
        return document

    def _land(self, flight: asyncio.Task[Document]) -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # Seen here, since all who waited may have gone.
