"""The kind that journeys use: entries in memory, seen from outside as a dictionary."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from tests.contract.entry_store.standing import (
    ALL_ABILITIES,
    ATTRIBUTES,
    DESCRIPTION,
    GROUPS,
    Kind,
    Standing,
    Stranger,
)

from jitney.model.entry import Entry
from jitney.userstores.memory_entries import MemoryEntryStore


class MemoryRaw:
    """A look into the dictionary."""

    def __init__(self, store: MemoryEntryStore) -> None:
        self._store = store

    async def seed(self, stranger: Stranger) -> str:
        entry = Entry(str(uuid4()), stranger.name, stranger.attributes, stranger.groups)
        return self._store.seed(entry, stranger.password).id

    async def seed_many(self, strangers: list[Stranger]) -> None:
        for stranger in strangers:
            await self.seed(stranger)

    async def dump(self) -> Mapping[str, object]:
        told: dict[str, object] = {f"group {name}": name for name in self._store.groups}
        for entry in self._store.entries.values():
            password = self._store.passwords.get(entry.id)
            told[f"person {entry.name} {entry.id}"] = (repr(replace(entry, groups=())), password)
            told |= {f"membership {name} {entry.name}": entry.id for name in entry.groups}
        return told

    async def proves(self, name: str, password: str) -> bool:
        ids = [entry.id for entry in self._store.entries.values() if entry.name == name]
        return any(self._store.passwords.get(each) == password for each in ids)

    async def disable(self, entry_id: str) -> None:
        self._put(replace(self._store.entries[entry_id], is_disabled=True))

    async def lock(self, entry_id: str) -> datetime | None:
        since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
        self._put(replace(self._store.entries[entry_id], locked_since=since, locked_until=until))
        return until

    async def take_away(self, entry_id: str) -> None:
        del self._store.entries[entry_id]

    def _put(self, entry: Entry) -> None:
        self._store.entries[entry.id] = entry


@asynccontextmanager
async def _opened(_server: object, _folder: Path) -> AsyncIterator[Standing]:
    store = MemoryEntryStore(DESCRIPTION, ATTRIBUTES, GROUPS)
    yield Standing("memory", store, MemoryRaw(store))


MEMORY = Kind("memory", _opened, can=ALL_ABILITIES)
