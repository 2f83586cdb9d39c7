"""Ways to break the order of writes on purpose, so that the checks of the tests can be seen to notice each.

Nothing of this is in the product: each wraps the unit of work or the entry stores of a server of the tests.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from jitney.errors import Conflict
from jitney.model.changes import AddOperation, AddSession, AddUser, Change
from jitney.model.entry import Entry, NewEntry
from jitney.model.session import LocalPerson, Session
from jitney.model.user import User, UserState
from jitney.ports import EntryStore, UnitOfWork


@dataclass(frozen=True)
class Breaking:
    """What is laid around the two doors."""

    work: Callable[[UnitOfWork], Any] = lambda work: work
    entries: Callable[[EntryStore], Any] = lambda entries: entries


@dataclass(frozen=True)
class RewritingWork:
    """A unit of work that changes what is reserved; any other commit is as it was."""

    behind: UnitOfWork
    rewrite: Callable[[Change], tuple[Change, ...]]

    async def commit(self, *changes: Change) -> None:
        """Commit."""
        if any(isinstance(change, AddOperation) for change in changes):
            changes = tuple(written for change in changes for written in self.rewrite(change))
        await self.behind.commit(*changes)


def _published_at_once(change: Change) -> tuple[Change, ...]:
    """Publish before the store was asked, and keep no intent."""
    match change:
        case AddUser(user, password_hash):
            return (AddUser(replace(user, state=UserState.ACTIVE), password_hash),)
        case AddOperation():
            return ()
        case _:
            return (change,)


def _let_in_at_once(change: Change) -> tuple[Change, ...]:
    """Let the person in together with the reservation."""
    return (change, AddSession(_session(change.user))) if isinstance(change, AddUser) else (change,)


def _session(user: User) -> Session:
    now = datetime.now(UTC)
    person = LocalPerson(user.id, user.username.domain)
    return Session(str(uuid4()), str(uuid4()), person, now, now, now, now + timedelta(hours=1))


class _Wrapped:
    """An entry store as it is, but for what a class below does otherwise."""

    def __init__(self, behind: EntryStore) -> None:
        self.behind = behind

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)


class Adopting(_Wrapped):
    """Takes an entry that is there already for the one that was to be made."""

    async def find_by_name(self, name: str) -> Entry | None:
        """Find only what bears a stamp, so that a stranger's name seems free."""
        found = await self.behind.find_by_name(name)
        return found if found is not None and found.stamp else None

    async def add(self, new: NewEntry, password: str | None) -> Entry:
        """Make an entry, or adopt the one in its place."""
        try:
            return await self.behind.add(new, password)
        except Conflict:
            found = await self.behind.find_by_name(new.name)
            if found is None:
                raise
            return replace(found, stamp=new.stamp)


class Unstamped(_Wrapped):
    """Goes by the name alone, and asks nobody for a stamp."""

    async def find_made(self, name: str, stamp: str) -> Entry | None:
        """Find whatever stands under the name."""
        found = await self.behind.find_by_name(name)
        return None if found is None else replace(found, stamp=stamp)

    async def remove(self, entry_id: str, _stamp: str) -> bool:
        """Remove whatever has this id."""
        found = await self.behind.find(entry_id)
        return found is not None and await self.behind.remove(entry_id, found.stamp or "")


BREAKS: Mapping[str, Breaking] = {
    "": Breaking(),
    "publishes_before_adding": Breaking(work=lambda work: RewritingWork(work, _published_at_once)),
    "lets_in_with_the_reservation": Breaking(work=lambda work: RewritingWork(work, _let_in_at_once)),
    "adopts": Breaking(entries=Adopting),
    "asks_for_no_stamp": Breaking(entries=Unstamped),
}
"""By name; the empty one breaks nothing."""
