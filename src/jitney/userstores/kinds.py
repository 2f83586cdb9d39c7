"""Kinds: an operator's record of a user store → the store, live."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from jitney.errors import Misconfigured
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import OwnDatabase, UserStoreRecord
from jitney.ports import EntryStore, Operations, UserStore
from jitney.userstores.closed_entries import ClosedEntryStore
from jitney.userstores.following import FollowingUserStore, UsersOfEntries

OpenEntries = Callable[[UserStoreRecord], EntryStore]
"""Makes the store of entries of a record, by its kind; waits for nothing, and may raise ``Misconfigured``."""


@dataclass(frozen=True, slots=True)
class StoreMaker:
    """Makes stores; ``records_of`` reads our own tables for a domain."""

    records_of: Callable[[UserStoreDescription], UsersOfEntries]
    open_entries: OpenEntries
    operations: Operations

    def __call__(self, record: UserStoreRecord) -> UserStore:
        """Make the store of a record; one that is switched off, or cannot be opened, answers no question.

        Nothing is raised, so that a mistake in one store is no trouble for the others (P-11).
        """
        records = self.records_of(replace(record.description, version=record.version))
        if isinstance(record.connection, OwnDatabase):
            return records
        return FollowingUserStore(record, records, self._entries(record), operations=self.operations)

    def _entries(self, record: UserStoreRecord) -> EntryStore:
        if not record.description.enabled:
            return ClosedEntryStore("user_store_disabled")
        try:
            return self.open_entries(record)
        except Misconfigured as fault:
            return ClosedEntryStore(fault.code)
