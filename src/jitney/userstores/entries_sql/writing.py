"""Writing: entries are made, changed and removed, each within one transaction of the caller's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Boolean, Integer, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from jitney.errors import Conflict, NotFound, UserStoreRejected
from jitney.model.entry import Entry, EntryChanges, NewEntry
from jitney.userstores.entries_sql.faults import rejected, unavailable
from jitney.userstores.entries_sql.layout import Groups, Layout
from jitney.userstores.entries_sql.opening import HOLDS_NAME, MARIADB, POSTGRESQL
from jitney.userstores.entries_sql.own_tables import start_of
from jitney.userstores.entries_sql.reading import Reader, row_id
from jitney.userstores.entries_sql.values import is_storable, joined

_PATIENCE: Final = 1
"""For how many seconds to wait for a name that another one of us is just taking."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes to the tables that ``reader`` reads; ``joins_groups`` is the operator's word."""

    reader: Reader
    joins_groups: bool

    async def add(self, connection: AsyncConnection, new: NewEntry, password_hash: str | None) -> Entry:
        """Make a row, or take the one that bears this stamp already, and join its groups.

        Raises ``Conflict`` (``user_name``) and ``UserStoreRejected``.
        """
        self._must_take_writes()
        found = await self.reader.of_name(connection, new.name)
        ours = next((entry.id for entry in found if entry.stamp == new.stamp), None)
        if ours is None:
            if found:
                raise name_taken()
            ours = await self._insert(connection, new, password_hash)
        await self._join(connection, ours, new.groups)
        made = await self.reader.of_id(connection, ours)
        if made is None or made.stamp != new.stamp:
            raise _not_read_back()
        return made

    async def made(self, connection: AsyncConnection, name: str, stamp: str) -> Entry | None:
        """Find the row of this name that bears this stamp."""
        found = await self.reader.of_name(connection, name)
        return next((entry for entry in found if entry.stamp == stamp), None)

    async def change(self, connection: AsyncConnection, entry_id: str, changes: EntryChanges) -> None:
        """Change a row and its memberships; raises ``NotFound`` (``entry_gone``) and ``UserStoreRejected``."""
        await self._hold(connection, entry_id)
        if columns := self._columns(changes.attributes):
            await self._update(connection, entry_id, columns)
        await self._write_rows(connection, entry_id, changes.attributes)
        await self._leave(connection, entry_id, changes.groups_left)
        await self._join(connection, entry_id, changes.groups_joined)

    async def set_password(self, connection: AsyncConnection, entry_id: str, password_hash: str) -> None:
        """Replace the hash of a password; raises ``NotFound`` (``entry_gone``) and ``UserStoreRejected``."""
        column = self._layout.password
        if column is None:
            raise rejected("user_store_rejects_password", reason="no column")
        await self._hold(connection, entry_id)
        await self._update(connection, entry_id, {column.name: password_hash})

    async def remove(self, connection: AsyncConnection, entry_id: str, stamp: str) -> bool:
        """Remove a row with what hangs on it, if it bears this stamp."""
        layout = self._layout
        entry = await self.reader.of_id(connection, entry_id, holding=True)
        if layout.stamp is None or entry is None or entry.stamp != stamp:
            return False
        wanted = row_id(layout, entry_id)
        if layout.rows is not None:
            await connection.execute(delete(layout.rows.table).where(layout.rows.user_id == wanted))
        if layout.groups is not None and self.joins_groups:
            await connection.execute(delete(layout.groups.memberships).where(layout.groups.user == wanted))
        gone = delete(layout.users).where(layout.id == wanted, layout.stamp == stamp)
        return bool((await connection.execute(gone)).rowcount)

    async def hold_name(self, connection: AsyncConnection, name: str) -> None:
        """Let nobody else of ours look for this name and take it, before the transaction is over.

        Where no unique constraint keeps names apart, two of us could otherwise both find the name free.
        SQLite lets one write at a time anyway.
        """
        table = self._layout.users.name.encode()[:64]
        mark = blake2b(self.reader.names.key(name).encode(errors="replace"), digest_size=8, key=table)
        if connection.dialect.name == POSTGRESQL:
            number = int.from_bytes(mark.digest(), signed=True)
            await connection.execute(select(func.pg_advisory_xact_lock(number)))
        elif connection.dialect.name == MARIADB:
            (await connection.get_raw_connection()).info[HOLDS_NAME] = True
            held = await connection.execute(select(func.get_lock(f"jitney-{mark.hexdigest()}", _PATIENCE)))
            if not held.scalar():
                raise unavailable("user_store_busy", reason="name")

    @property
    def _layout(self) -> Layout:
        return self.reader.layout

    async def _hold(self, connection: AsyncConnection, entry_id: str) -> None:
        """Let nobody else change a row before the transaction is over."""
        self._must_take_writes()
        if await self.reader.of_id(connection, entry_id, holding=True) is None:
            raise NotFound("entry_gone", "The entry of this account has vanished from its user store.")

    def _must_take_writes(self) -> None:
        """Refuse where we could not tell our own rows, or a fault would leave half of one."""
        if self._layout.stamp is None:
            raise rejected("user_store_refuses_writes", reason="no column for the stamp")
        if not self._layout.rolls_back:
            raise rejected("user_store_refuses_writes", reason="no transactions")

    async def _insert(self, connection: AsyncConnection, new: NewEntry, password_hash: str | None) -> str:
        if not is_storable(new.name, new.stamp):
            raise rejected("user_store_rejects_entry", attribute="name", reason="value")
        await connection.execute(insert(self._layout.users).values(self._row(new, password_hash)))
        made = await self.made(connection, new.name, new.stamp)
        if made is None:
            raise _not_read_back()
        await self._write_rows(connection, made.id, new.attributes)
        return made.id

    def _row(self, new: NewEntry, password_hash: str | None) -> dict[str, Any]:
        layout = self._layout
        enabled = layout.enabled is not None and isinstance(layout.enabled.type, (Boolean, Integer))
        given = (
            (layout.name, new.name),
            (layout.stamp, new.stamp),
            (None if layout.gives_id else layout.id, row_id(layout, new.stamp)),
            (layout.key, self.reader.names.key(new.name)),
            (layout.password, password_hash),
            (layout.enabled if enabled else None, True),
        )
        row = {column.name: value for column, value in given if column is not None}
        return row | {
            name: value for name, value in self._columns(new.attributes).items() if value is not None
        }

    def _columns(self, attributes: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        separator = self.reader.names.description.multi_value_separator
        return {
            column.name: joined(attributes[name], column.type, separator, attribute=name)
            for name, column in self._layout.attributes.items()
            if name in attributes
        }

    async def _update(self, connection: AsyncConnection, entry_id: str, columns: Mapping[str, Any]) -> None:
        layout = self._layout
        wanted = layout.id == row_id(layout, entry_id)
        await connection.execute(update(layout.users).where(wanted).values(dict(columns)))

    async def _write_rows(
        self, connection: AsyncConnection, entry_id: str, attributes: Mapping[str, tuple[str, ...]]
    ) -> None:
        rows = self._layout.rows
        if rows is None or not attributes:
            return
        if not is_storable(*attributes, *(value for values in attributes.values() for value in values)):
            raise rejected("user_store_rejects_entry", reason="value")
        user_id = row_id(self._layout, entry_id)
        await connection.execute(
            delete(rows.table).where(rows.user_id == user_id, rows.name.in_(list(attributes)))
        )
        wanted = [
            {"user_id": user_id, "name": name, "position": position, "value": value, "start": start_of(value)}
            for name, values in attributes.items()
            for position, value in enumerate(values)
        ]
        if wanted:
            await connection.execute(insert(rows.table), wanted)

    async def _join(self, connection: AsyncConnection, entry_id: str, names: Sequence[str]) -> None:
        if not names:
            return
        groups = self._may_be_joined()
        wanted = list(dict.fromkeys(names))
        if set(wanted) - await self.reader.known_groups(connection, wanted):
            raise rejected("user_store_rejects_entry", reason="group")
        await self._hold(connection, entry_id)
        user_id = row_id(self._layout, entry_id)
        held = await connection.execute(select(groups.group).where(groups.user == user_id))
        already = set(held.scalars())
        rows = [
            {groups.user.name: user_id, groups.group.name: name} for name in wanted if name not in already
        ]
        if rows:
            await connection.execute(insert(groups.memberships), rows)

    async def _leave(self, connection: AsyncConnection, entry_id: str, names: Sequence[str]) -> None:
        if not names:
            return
        groups = self._may_be_joined()
        leaving = groups.group.in_([name for name in names if is_storable(name)])
        user_id = row_id(self._layout, entry_id)
        await connection.execute(delete(groups.memberships).where(groups.user == user_id, leaving))

    def _may_be_joined(self) -> Groups:
        if self._layout.groups is None or not self.joins_groups:
            raise rejected("user_store_refuses_writes", reason="groups")
        return self._layout.groups


def _not_read_back() -> UserStoreRejected:
    """Something in the database made another row of it: what we could not find again must not stay."""
    return rejected("user_store_rejects_entry", reason="read back")


def name_taken() -> Conflict:
    """Somebody else has this name."""
    return Conflict("conflict", "This was changed by somebody else meanwhile.", what="user_name")
