"""Live stores: the user stores that operators configured, as their records say now; an edit needs no restart."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import structlog

from jitney.model.user_store_record import UserStoreRecord
from jitney.ports import UserStore, UserStoreRecords

GRACE_SECONDS: Final = 300.0
"""How long a store that was replaced stays open for those who are still at it."""

MakeStore = Callable[[UserStoreRecord], UserStore]
"""Makes a store for one version of a record; waits for nothing."""

log = structlog.get_logger("jitney.user_stores")


@runtime_checkable
class _Closable(Protocol):
    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Live:
    """A store, and the version of the record for which it was made."""

    id: str
    version: int
    store: UserStore


class LiveStores:
    """Keeps one store for each record; a new version gets a new one, and what the old one has open is closed.

    ``records`` is asked each time, and remembers for a moment; ``monotonic`` is the second by which grace is
    measured (P-12).
    """

    def __init__(
        self,
        records: UserStoreRecords,
        make_store: MakeStore,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = records
        self._make_store = make_store
        self._monotonic = monotonic
        self._live: dict[str, _Live] = {}
        self._retired: list[tuple[float, UserStore]] = []
        self._closing: set[asyncio.Task[None]] = set()

    async def find(self, domain: str) -> UserStore | None:
        """Find a store, enabled or not; the domain is compared without case."""
        record = await self._records.find(domain)
        self._close_after_grace()
        place = domain.upper()
        if record is None:
            self._retire(place)
            return None
        live = self._live.get(place)
        if live is None or (live.id, live.version) != (record.id, record.version):
            self._retire(place)
            live = self._live[place] = _Live(record.id, record.version, self._make_store(record))
        return live.store

    async def domains(self) -> Sequence[str]:
        """List the domains in upper case, in their order."""
        domains = sorted(record.description.domain.upper() for record in await self._records.list())
        for place in self._live.keys() - set(domains):
            self._retire(place)
        return domains

    async def aclose(self) -> None:
        """Close everything; nobody may be at a store any more."""
        for place in tuple(self._live):
            self._retire(place)
        self._close_after_grace(grace=0.0)
        while self._closing:
            await asyncio.wait(self._closing)

    def _retire(self, place: str) -> None:
        """Give a store to nobody any more; whoever has it goes on with it."""
        live = self._live.pop(place, None)
        if live is not None:
            self._retired.append((self._monotonic(), live.store))

    def _close_after_grace(self, *, grace: float = GRACE_SECONDS) -> None:
        """Begin to close what was retired long enough ago; nobody waits for a server that does not answer."""
        now = self._monotonic()
        while self._retired and self._retired[0][0] + grace <= now:
            _, store = self._retired.pop(0)
            if isinstance(store.entries, _Closable):
                task = asyncio.create_task(_close(store.entries, store.description.domain))
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)


async def _close(entries: _Closable, domain: str) -> None:
    try:
        await entries.aclose()
    except Exception:
        log.exception("user_store_not_closed", domain=domain)
