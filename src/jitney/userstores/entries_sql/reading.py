"""Reading: rows of a store as entries, one page at a time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, RowMapping, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from jitney.model.entry import Entry
from jitney.userstores.entries_sql.comparing import Condition, Names, holds_value
from jitney.userstores.entries_sql.faults import unavailable
from jitney.userstores.entries_sql.layout import Layout
from jitney.userstores.entries_sql.own_tables import start_of
from jitney.userstores.entries_sql.values import (
    from_column,
    is_enabled,
    is_storable,
    lock_of,
    parted,
    to_column,
)

MOST_ON_A_PAGE: Final = 100
VALUES_ON_A_PAGE: Final = 500
_ATTRIBUTE: Final = "attribute:"


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads from the tables of one layout; ``shows_groups`` is the operator's word."""

    layout: Layout
    names: Names
    shows_groups: bool

    async def of_id(
        self, connection: AsyncConnection, entry_id: str, *, holding: bool = False
    ) -> Entry | None:
        """Find by id; with ``holding`` nobody else changes the row before the transaction is over.

        Raises ``UserStoreUnavailable`` (``user_store_two_entries``) where two rows have it: nobody knows
        who is meant.
        """
        wanted = row_id(self.layout, entry_id)
        if wanted is None:
            return None
        asked = self._people(self.layout.id == wanted).limit(2)
        found = await self._entries(connection, asked.with_for_update() if holding else asked)
        same = [entry for entry in found if entry.id == entry_id]
        if len(same) > 1:
            raise unavailable("user_store_two_entries")
        return same[0] if same else None

    async def of_name(self, connection: AsyncConnection, name: str) -> Sequence[Entry]:
        """Find everybody who has this name."""
        if not is_storable(name):
            return []
        asked = self._people(self.names.candidates(self.layout, name)).limit(MOST_ON_A_PAGE)
        return self.names.same(await self._entries(connection, asked), name)

    async def is_taken(self, connection: AsyncConnection, name: str) -> bool:
        """Say whether somebody has this name, by our rules or by those of the database."""
        if await self.of_name(connection, name):
            return True
        found = await connection.execute(select(self.layout.id).where(self.layout.name == name).limit(1))
        return found.first() is not None

    async def holders(self, connection: AsyncConnection, attribute: str, value: str) -> Sequence[Entry]:
        """Find people who may have a value, by name; who really has it is to be looked at."""
        condition = self._holding(attribute, value)
        if condition is None:
            return []
        asked = self._people(condition).order_by(self.names.order(self.layout)).limit(MOST_ON_A_PAGE)
        return await self._entries(connection, asked)

    async def behind(self, connection: AsyncConnection, after: str, limit: int) -> Sequence[Entry]:
        """List people by name, from behind one."""
        if not is_storable(after):
            return []
        asked = self._people(*((self.names.behind(self.layout, after),) if after else ()))
        return await self._entries(connection, asked.order_by(self.names.order(self.layout)).limit(limit))

    async def hash_of(self, connection: AsyncConnection, entry_id: str | None) -> str | None:
        """Read the hash of a password; for nobody the same question is asked in vain (R-109).

        The attack: a row without an id, or one of two with the same, lends its password to whoever has none.
        """
        if self.layout.password is None:
            return None
        wanted = None if entry_id is None else row_id(self.layout, entry_id)
        found = await connection.execute(
            select(self.layout.password).where(self.layout.id == wanted).limit(2)
        )
        kept = found.scalars().all()
        return str(kept[0]) if wanted is not None and len(kept) == 1 and kept[0] is not None else None

    async def known_groups(self, connection: AsyncConnection, names: Sequence[str]) -> frozenset[str]:
        """Return those of these names that are groups; where no table lists groups, those that have members."""
        groups = self.layout.groups
        asked = [name for name in dict.fromkeys(names) if is_storable(name)]
        if groups is None or not asked:
            return frozenset()
        column = groups.group if groups.names is None else groups.names
        found = await connection.execute(select(column).where(column.in_(asked)).distinct())
        return frozenset(map(str, found.scalars())) & frozenset(asked)

    async def values_behind(
        self, connection: AsyncConnection, attribute: str, last: Any
    ) -> tuple[Any, list[tuple[str, ...]]]:
        """Read the values of the next people by id, and return whose were the last; ``None`` at the end."""
        column = self.layout.attributes.get(attribute)
        if self.layout.rows is None and column is None:
            return None, []
        ids = select(self.layout.id).where(self.layout.id.is_not(None))
        ids = ids.order_by(self.layout.id).limit(VALUES_ON_A_PAGE)
        ids = ids if last is None else ids.where(self.layout.id > last)
        if column is not None:
            found = (await connection.execute(ids.add_columns(column))).all()
            values = [parted(row[1], column.type, self._separator) for row in found]
            return (found[-1][0] if found else None), [each for each in values if each]
        people = (await connection.execute(ids)).scalars().all()
        if not people:
            return None, []
        return people[-1], await self._row_values(connection, attribute, (people[0], people[-1]))

    @property
    def _separator(self) -> str:
        return self.names.description.multi_value_separator

    async def _row_values(
        self, connection: AsyncConnection, attribute: str, between: tuple[Any, Any]
    ) -> list[tuple[str, ...]]:
        rows = self.layout.rows
        if rows is None:
            return []
        asked = select(rows.user_id, rows.value).where(rows.name == attribute, rows.user_id.between(*between))
        found = await connection.execute(asked.order_by(rows.user_id, rows.position))
        return [tuple(row[1] for row in theirs) for _, theirs in groupby(found.all(), key=lambda row: row[0])]

    def _people(self, *conditions: Condition) -> Select[*tuple[Any, ...]]:
        """Return what reads people; a row without an id is nobody, for it could not be told from the next one."""
        layout = self.layout
        columns = {
            "id": layout.id, "name": layout.name, "stamp": layout.stamp, "password": _is_there(layout.password),
            "enabled": layout.enabled, "locked_until": layout.locked_until,
            **{f"{_ATTRIBUTE}{name}": column for name, column in layout.attributes.items()},
        }  # fmt: skip
        wanted: list[Any] = [column.label(label) for label, column in columns.items() if column is not None]
        return select(*wanted).where(layout.id.is_not(None), *conditions)

    def _holding(self, attribute: str, value: str) -> Condition | None:
        rows, column = self.layout.rows, self.layout.attributes.get(attribute)
        if not is_storable(attribute, value):
            return None
        if rows is not None:
            have = select(rows.user_id).where(rows.name == attribute, rows.start == start_of(value))
            return self.layout.id.in_(have)
        return None if column is None else holds_value(self.layout, column, value, self._separator)

    async def _entries(self, connection: AsyncConnection, asked: Select[*tuple[Any, ...]]) -> list[Entry]:
        found = (await connection.execute(asked)).mappings().all()
        ids = [row["id"] for row in found]
        attributes = await self._attributes_of(connection, ids)
        groups = await self._groups_of(connection, ids)
        return [self._entry(row, attributes[row["id"]], groups[row["id"]]) for row in found]

    def _entry(self, row: RowMapping, values: dict[str, tuple[str, ...]], groups: list[str]) -> Entry:
        layout = self.layout
        for name, column in layout.attributes.items():
            if found := parted(row[f"{_ATTRIBUTE}{name}"], column.type, self._separator):
                values[name] = found
        since, until = lock_of(row.get("locked_until"))
        return Entry(
            id=from_column(layout.id.type, row["id"]),
            name=str(row["name"]),
            attributes=values,
            groups=tuple(sorted(groups)),
            stamp=None if row.get("stamp") is None else str(row["stamp"]),
            is_disabled=layout.enabled is not None and not is_enabled(row["enabled"]),
            locked_since=since,
            locked_until=until,
            has_password=None if layout.password is None else bool(row["password"]),
        )

    async def _attributes_of(
        self, connection: AsyncConnection, ids: Sequence[Any]
    ) -> defaultdict[Any, dict[str, tuple[str, ...]]]:
        found: defaultdict[Any, dict[str, tuple[str, ...]]] = defaultdict(dict)
        rows = self.layout.rows
        if rows is not None and ids:
            asked = select(rows.user_id, rows.name, rows.value).where(rows.user_id.in_(ids))
            for user_id, name, value in await connection.execute(asked.order_by(rows.position)):
                found[user_id][name] = (*found[user_id].get(name, ()), value)
        return found

    async def _groups_of(
        self, connection: AsyncConnection, ids: Sequence[Any]
    ) -> defaultdict[Any, list[str]]:
        found: defaultdict[Any, list[str]] = defaultdict(list)
        groups = self.layout.groups
        if self.shows_groups and groups is not None and ids:
            asked = select(groups.user, groups.group).where(groups.user.in_(ids))
            for user_id, name in await connection.execute(asked):
                found[user_id].append(str(name))
        return found


def _is_there(column: Column[Any] | None) -> ColumnElement[bool] | None:
    """Ask whether there is a value, without reading it."""
    return None if column is None else and_(column.is_not(None), column != "")


def row_id(layout: Layout, entry_id: str) -> Any:
    """Return the id as its column holds it, ``None`` where it cannot be one."""
    try:
        return to_column(layout.id.type, entry_id)
    except (ValueError, ArithmeticError):
        return None
