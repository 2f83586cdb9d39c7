"""The names of constraints, recovered from what SQLite says about a violation.

PostgreSQL names the constraint that was violated. SQLite names columns, or for foreign keys nothing at all.
Verbs tell by the name who was first, so it must be the same on both.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import (
    Constraint,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql

from jitney.database.statements import Statement

_UNIQUE = "UNIQUE constraint failed: "
_PREPARER = postgresql.dialect().identifier_preparer


class ConstraintNames:
    """Turns SQLite's account of a violation into the constraint's name."""

    def __init__(self, tables: MetaData) -> None:
        self._unique: dict[str, str] = {}
        self._foreign: dict[str, list[ForeignKeyConstraint]] = {}
        self._referring: dict[str, list[ForeignKeyConstraint]] = {}
        for table in tables.tables.values():
            for unique in _unique_of(table):
                columns = ", ".join(f"{table.name}.{column.name}" for column in unique.columns)
                self._unique.setdefault(columns, _name(unique))
            self._foreign[table.name] = list(table.foreign_key_constraints)
            for key in table.foreign_key_constraints:
                self._referring.setdefault(key.referred_table.name, []).append(key)

    def unique(self, message: str) -> str:
        """The name behind ``UNIQUE constraint failed: table.column, …``; the columns when it is unknown."""
        columns = message.removeprefix(_UNIQUE).removeprefix("index ").strip("'")
        return self._unique.get(columns, columns)

    def foreign(
        self, connection: sqlite3.Connection, statement: Statement, parameters: Mapping[str, Any]
    ) -> str:
        """The name of the foreign key that ``statement`` violated; ``foreign_key`` where that cannot be told.

        The candidates are the keys of the table that is written; for a row that disappears, those that refer
        to it. Among several, the first whose parent is missing is it.
        """
        table = statement.writes_to or ""
        own = self._foreign.get(table, [])
        candidates = own if statement.only_inserts else own + self._referring.get(table, [])
        if len(candidates) == 1:
            return _name(candidates[0])
        missing = (key for key in own if _parent_is_missing(connection, key, parameters))
        return next((_name(key) for key in missing), "foreign_key")


def _unique_of(table: Table) -> list[UniqueConstraint | PrimaryKeyConstraint | Index]:
    constraints = [c for c in table.constraints if isinstance(c, UniqueConstraint | PrimaryKeyConstraint)]
    return [*constraints, *(index for index in table.indexes if index.unique)]


def _parent_is_missing(
    connection: sqlite3.Connection, key: ForeignKeyConstraint, parameters: Mapping[str, Any]
) -> bool:
    values = [parameters.get(column.key) for column in key.columns]
    if None in values:
        return False
    parents = " AND ".join(f'"{element.column.name}" = ?' for element in key.elements)
    found = connection.execute(f'SELECT 1 FROM "{key.referred_table.name}" WHERE {parents}', values)  # noqa: S608
    return found.fetchone() is None


def _name(constraint: Constraint | Index) -> str:
    """The name in the database: as given, by the naming convention, or as PostgreSQL makes one up."""
    if (given := _PREPARER.format_constraint(constraint)) is not None:  # pyright: ignore[reportUnknownMemberType]
        return str(given).strip('"')
    table = constraint.table.name if constraint.table is not None else ""  # pyright: ignore[reportUnnecessaryComparison]
    if isinstance(constraint, PrimaryKeyConstraint):
        return f"{table}_pkey"
    columns = "_".join(column.name for column in cast("Any", constraint).columns)
    return f"{table}_{columns}_{'fkey' if isinstance(constraint, ForeignKeyConstraint) else 'key'}"
