"""The store of entries in another SQL database; implements ``EntryStore``."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from jitney.errors import UserStoreRejected, UserStoreUnavailable
from jitney.model.entry import Entry, EntryChanges, NewEntry
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import SQLConnection
from jitney.ports import Passwords
from jitney.userstores.entries_sql.access import Access, UniqueViolationError
from jitney.userstores.entries_sql.comparing import Names, has_value
from jitney.userstores.entries_sql.faults import rejected, unavailable
from jitney.userstores.entries_sql.layout import Layout, find_layout, make_tables
from jitney.userstores.entries_sql.reading import MOST_ON_A_PAGE, Reader
from jitney.userstores.entries_sql.writing import Writer, name_taken

_Answer = TypeVar("_Answer")
_CHANGED_UNDERFOOT = frozenset({"user_store_table_missing", "user_store_column_missing"})


class SQLEntryStore:
    """Entries in tables of somebody else's, or in ours in another database; connected at the first use."""

    def __init__(
        self, connection: SQLConnection, description: UserStoreDescription, passwords: Passwords
    ) -> None:
        self._record = connection
        self._names = Names(description)
        self._passwords = passwords
        self._access = Access(connection, description)
        self._layout: Layout | None = None
        self._looking = asyncio.Lock()

    async def aclose(self) -> None:
        """Let go of every connection."""
        await self._access.close()

    def has_place_for(self, attribute: str) -> bool:
        """Say whether the store keeps this attribute of ours; tables of ours keep every one."""
        return self._record.owns_tables or attribute in self._record.tables.attributes

    async def find(self, entry_id: str) -> Entry | None:
        """Find by the key of the row."""
        return await self._read(lambda connection, reader: reader.of_id(connection, entry_id))

    async def find_by_name(self, name: str) -> Entry | None:
        """Find the person of this name; raises ``UserStoreUnavailable`` ``user_store_two_entries``."""
        found = await self._read(lambda connection, reader: reader.of_name(connection, name))
        if len(found) > 1:
            raise unavailable("user_store_two_entries")
        return found[0] if found else None

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> Sequence[Entry]:
        """Find the people one of whose values is this one; letters of ASCII compare without case."""
        found = await self._read(lambda connection, reader: reader.holders(connection, attribute, value))
        return [entry for entry in found if has_value(entry, attribute, value)][: _bounded(limit)]

    async def page(self, *, after: str = "", limit: int = 50) -> Sequence[Entry]:
        """List people by name, from behind ``after``; at most 100."""
        most = _bounded(limit)
        if not most:
            return []
        return await self._read(lambda connection, reader: reader.behind(connection, after, most))

    async def values(self, attribute: str) -> AsyncIterator[tuple[str, ...]]:
        """Walk through the values of everybody who has any, page by page."""
        last: Any = None
        while True:
            last, values = await self._read(_next_values(attribute, last))
            for each in values:
                yield each
            if last is None:
                return

    async def find_groups(self, names: Sequence[str]) -> frozenset[str]:
        """Return those of these names that are groups here."""
        if not self._record.groups_may_be_read:
            return frozenset()
        return await self._read(lambda connection, reader: reader.known_groups(connection, names))

    async def add(self, new: NewEntry, password: str | None) -> Entry:
        """Make a row that bears our stamp, with its groups, in one transaction."""
        password_hash = None if password is None else await self._hashed(password)

        async def adding(connection: AsyncConnection, writer: Writer) -> Entry:
            if not self._record.owns_tables:
                await writer.hold_name(connection, new.name)
            return await writer.add(connection, new, password_hash)

        try:
            return await self._write(adding)
        except UniqueViolationError:
            return await self._add_beside(new)

    async def find_made(self, name: str, stamp: str) -> Entry | None:
        """Find the row that we made under this name for this user."""
        return await self._read(
            lambda connection, reader: Writer(reader, False).made(connection, name, stamp)
        )

    async def change(self, entry_id: str, changes: EntryChanges) -> None:
        """Change a row and its memberships; raises ``NotFound`` (``entry_gone``)."""
        await self._write_plainly(lambda connection, writer: writer.change(connection, entry_id, changes))

    async def set_password(self, entry_id: str, password: str) -> None:
        """Set a password; raises ``NotFound`` (``entry_gone``)."""
        hashed = await self._hashed(password)
        await self._write_plainly(
            lambda connection, writer: writer.set_password(connection, entry_id, hashed)
        )

    async def check_password(self, entry_id: str | None, password: str) -> bool:
        """Compare a password with an argon2 hash; any other hash proves nothing (R-042, R-109)."""
        if not password.strip():
            return False
        kept = await self._read(lambda connection, reader: reader.hash_of(connection, entry_id))
        return await self._passwords.verify(password, kept or None)

    async def remove(self, entry_id: str, stamp: str) -> bool:
        """Remove a row, if its id and its stamp are these (P-4)."""
        return await self._write_plainly(
            lambda connection, writer: writer.remove(connection, entry_id, stamp)
        )

    async def look_at(self) -> Layout:
        """Return the tables as they stand now, made where they are missing and ours to make."""
        async with self._looking:
            if self._layout is None:
                self._layout = await self._found()
            return self._layout

    async def _found(self) -> Layout:
        try:
            return await self._access.read(self._looked)
        except UserStoreUnavailable as fault:
            if fault.code != "user_store_table_missing" or not self._record.owns_tables:
                raise
        await self._make_tables()
        return await self._access.read(self._looked)

    async def _looked(self, connection: AsyncConnection) -> Layout:
        return await connection.run_sync(find_layout, self._record)

    async def _make_tables(self) -> None:
        """Make our tables; where another node does so in the same moment, one of us is refused."""

        async def making(connection: AsyncConnection) -> None:
            await connection.run_sync(make_tables, self._record)

        with suppress(UniqueViolationError, UserStoreRejected):
            await self._access.write(making)

    async def _read(self, work: Callable[[AsyncConnection, Reader], Awaitable[_Answer]]) -> _Answer:
        reader = self._reader(await self._layout_now())
        try:
            return await self._access.read(lambda connection: work(connection, reader))
        except UserStoreUnavailable as fault:
            self._forget_layout(fault)
            raise

    async def _write(self, work: Callable[[AsyncConnection, Writer], Awaitable[_Answer]]) -> _Answer:
        reader = self._reader(await self._layout_now())
        writer = Writer(reader, self._record.groups_may_be_written)
        try:
            return await self._access.write(lambda connection: work(connection, writer))
        except UserStoreUnavailable as fault:
            self._forget_layout(fault)
            raise

    async def _write_plainly(self, work: Callable[[AsyncConnection, Writer], Awaitable[_Answer]]) -> _Answer:
        try:
            return await self._write(work)
        except UniqueViolationError:
            raise rejected("user_store_rejects_entry", reason="unique") from None

    async def _add_beside(self, new: NewEntry) -> Entry:
        """Find out whom a violated constraint stands for: our own earlier attempt, or somebody else."""
        again = await self.find_made(new.name, new.stamp)
        if again is not None:
            return await self._write_plainly(lambda connection, writer: writer.add(connection, new, None))
        if await self._read(lambda connection, reader: reader.is_taken(connection, new.name)):
            raise name_taken()
        raise rejected("user_store_rejects_entry", reason="unique")

    async def _hashed(self, password: str) -> str:
        if not password.strip():
            raise rejected("user_store_rejects_password", reason="blank")
        if not self._record.owns_tables and self._record.tables.password_column is None:
            raise rejected("user_store_rejects_password", reason="no column")
        return await self._passwords.hash(password)

    async def _layout_now(self) -> Layout:
        return self._layout or await self.look_at()

    def _reader(self, layout: Layout) -> Reader:
        return Reader(layout, self._names, self._record.groups_may_be_read)

    def _forget_layout(self, fault: UserStoreUnavailable) -> None:
        """Look at the tables again, where somebody has changed them since."""
        if fault.code in _CHANGED_UNDERFOOT:
            self._layout = None


def _bounded(limit: int) -> int:
    return max(0, min(limit, MOST_ON_A_PAGE))


def _next_values(attribute: str, last: Any) -> Callable[..., Awaitable[tuple[Any, list[tuple[str, ...]]]]]:
    return lambda connection, reader: reader.values_behind(connection, attribute, last)
