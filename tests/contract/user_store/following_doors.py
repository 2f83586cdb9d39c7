"""Doors whose PRIMARY stands outside our database: records here, entries there, and a work that writes both."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from tests.contract.doors import Doors

from jitney.model.changes import AddUser, Change, ChangeUser, PublishUser, RemoveUser
from jitney.model.entry import Entry
from jitney.model.user import User, UserState
from jitney.operations.entries_of_users import entry_changes, new_entry
from jitney.ports import EntryStore, UnitOfWork
from jitney.testing.memory import store_record
from jitney.userstores.following import FollowingUserStore, UsersOfEntries
from jitney.userstores.memory_entries import MemoryEntryStore

PLACES = ("email", "given_name", "family_name", "nickname", "name")
"""The attributes that the store outside keeps; all others stay in our record."""


def following_doors(doors: Doors, entries: EntryStore) -> Doors:
    """Put PRIMARY outside: what these doors hold of its users are records, and ``entries`` are their entries."""
    records = cast("UsersOfEntries", doors.primary)
    store = FollowingUserStore(
        store_record(records.description), records, entries, operations=doors.operations
    )

    async def snapshot() -> Any:
        held = [entry async for page in _pages(entries) for entry in page]
        return {**await doors.snapshot(), "outside": held}

    work = _FollowingWork(doors.unit_of_work, records, entries)
    return replace(doors, primary=store, unit_of_work=work, snapshot=snapshot)


def memory_entries(doors: Doors) -> MemoryEntryStore:
    """Return an empty store in memory with these places."""
    return MemoryEntryStore(doors.primary.description, PLACES)


async def as_read(doors: Doors, user: User) -> User:
    """Return a user as this kind of store gives it back: its entry and its groups are the store's own."""
    if doors.primary.entries is None:
        return user
    made = await doors.primary.entries.find_made(user.username.name, user.id)
    return user if made is None else replace(user, entry=made.id, groups=())


async def _pages(entries: EntryStore) -> AsyncIterator[Sequence[Entry]]:
    after = ""
    while page := await entries.page(after=after):
        yield page
        after = page[-1].name


@dataclass(frozen=True)
class _FollowingWork:
    """Carries changes out here, then there; a password is its own hash."""

    work: UnitOfWork
    records: UsersOfEntries
    entries: EntryStore

    async def commit(self, *changes: Change) -> None:
        domain = self.records.description.domain
        known = {
            change.user_id: await self.records.find(change.user_id)
            for change in changes
            if isinstance(change, ChangeUser | RemoveUser)
        }
        await self.work.commit(*(_reserved(change, domain) for change in changes))
        for change in changes:
            match change:
                case AddUser(user, password) if user.username.domain == domain:
                    made = await self.entries.add(new_entry(user, self.entries), password)
                    await self.work.commit(PublishUser(user.id, made.id))
                case ChangeUser(user_id, _, user_changes):
                    if (user := known[user_id]) and user.entry:
                        wanted = entry_changes(user, user_changes, self.entries)
                        await self.entries.change(user.entry, wanted)
                case RemoveUser(user_id):
                    if (user := known[user_id]) and user.entry:
                        await self.entries.remove(user.entry, user.id)
                case _:
                    pass


def _reserved(change: Change, domain: str) -> Change:
    if isinstance(change, AddUser) and change.user.username.domain == domain:
        return AddUser(replace(change.user, state=UserState.PENDING))
    return change
