"""Comparing: names and values as a store's database compares them, and then as we do.

A database's collation may hold for alike what we tell apart; it is only asked for candidates, and what it finds is
looked at again (R-047).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, LargeBinary, String, cast, func, literal
from sqlalchemy.sql.elements import ColumnElement

from jitney.model.entry import Entry
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.store_rules import canonical_username
from jitney.userstores.entries_sql.layout import Layout
from jitney.userstores.entries_sql.opening import KEY_FUNCTION, MARIADB, POSTGRESQL, SQLITE
from jitney.userstores.entries_sql.values import is_storable, to_column
from jitney.userstores.folding import fold

Condition = ColumnElement[bool]

_EXACT: Final = ("binary", "nopad_bin", "0900_bin")
"""Collations that tell everything apart; any other one of MariaDB's overlooks spaces at the end."""


@dataclass(frozen=True, slots=True)
class Names:
    """How the names of a store are compared."""

    description: UserStoreDescription

    def key(self, name: str) -> str:
        """Return the canonical form of a name."""
        return canonical_username(self.description, name).key

    def candidates(self, layout: Layout, name: str) -> Condition:
        """Return a condition that everybody of this name meets, and perhaps others."""
        if layout.key is not None:
            return layout.key == self.key(name)
        if not self.description.case_insensitive_usernames:
            return layout.name == name
        if layout.dialect == SQLITE:
            return getattr(func, KEY_FUNCTION)(layout.name) == self.key(name)
        return _without_case(layout, layout.name, name)

    def same(self, entries: Sequence[Entry], name: str) -> list[Entry]:
        """Return those of the candidates who have this name."""
        return [entry for entry in entries if self.key(entry.name) == self.key(name)]

    def order(self, layout: Layout) -> ColumnElement[Any]:
        """Return by what people are listed."""
        if layout.key is not None:
            return _by_bytes(layout, layout.key)
        if not self.description.case_insensitive_usernames:
            return _by_bytes(layout, layout.name)
        if layout.dialect == SQLITE:
            return getattr(func, KEY_FUNCTION)(layout.name)
        return _by_bytes(layout, layout.name, lower=True)

    def behind(self, layout: Layout, after: str) -> Condition:
        """Return the condition for standing behind a name in the list."""
        if layout.key is not None or layout.dialect == SQLITE:
            return self.order(layout) > self.key(after)
        if not self.description.case_insensitive_usernames:
            return self.order(layout) > after
        return self.order(layout) > func.lower(after)


def holds_value(layout: Layout, column: Column[Any], value: str, separator: str) -> Condition | None:
    """Return a condition that each row meets which has the value among those of the column, and perhaps others.

    ``None`` where the column's type knows no such value.
    """
    if not is_storable(value):
        return None
    if not isinstance(column.type, String):
        return _equals(column, value)
    if not separator:
        return _without_case(layout, column, value)
    find = func.strpos if layout.dialect == POSTGRESQL else func.instr
    among = literal(separator).concat(func.lower(column)).concat(separator)
    return find(among, literal(separator).concat(func.lower(value)).concat(separator)) > 0


def _equals(column: Column[Any], value: str) -> Condition | None:
    try:
        return column == to_column(column.type, value)
    except (ValueError, ArithmeticError):
        return None


def has_value(entry: Entry, attribute: str, value: str) -> bool:
    """Say whether one of the values is this one; letters of ASCII compare without case."""
    return fold(value) in map(fold, entry.attributes.get(attribute, ()))


def _without_case(layout: Layout, column: Column[Any], text: str) -> Condition:
    if layout.collations.get(column.name, "").endswith("_ci"):
        return column == text  # without a function around it, an index can be used
    return func.lower(column) == func.lower(text)


def _by_bytes(layout: Layout, column: Column[Any], *, lower: bool = False) -> ColumnElement[Any]:
    """Return what tells apart whatever differs, or whoever is like the last on a page would be left out."""
    what: ColumnElement[Any] = func.lower(column) if lower else column
    if layout.dialect != MARIADB or layout.collations.get(column.name, "").endswith(_EXACT):
        return what
    return cast(what, LargeBinary)
