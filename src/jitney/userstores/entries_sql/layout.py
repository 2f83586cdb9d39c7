"""Layout: the tables of a store as they stand in its database, found by the names that the operator gave."""

import warnings
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BINARY,
    VARBINARY,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    column,
    func,
    inspect,
    select,
    table,
)
from sqlalchemy.exc import NoSuchTableError, SAWarning
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import TypeEngine

from jitney.model.user_store_record import SQLConnection, SQLTables
from jitney.userstores.entries_sql.faults import unavailable
from jitney.userstores.entries_sql.opening import MARIADB, SQLITE
from jitney.userstores.entries_sql.own_tables import Key, attributes_name, own_tables, with_own_groups

_ROLLS_BACK: Final = frozenset({"innodb", "xtradb", "rocksdb", "tokudb", "ndbcluster"})
_TOLD: Final = table(
    "columns",
    *map(column, ("table_schema", "table_name", "column_name", "collation_name")),
    schema="information_schema",
)

_WRITTEN: Final = table("sqlite_master", *map(column, ("type", "tbl_name", "sql")))


@dataclass(frozen=True, slots=True)
class AttributeRows:
    """A table that holds each value in a row."""

    table: Table
    user_id: Column[Any]
    name: Column[Any]
    position: Column[Any]
    value: Column[Any]
    start: Column[Any]


@dataclass(frozen=True, slots=True)
class Groups:
    """Who is in which group, and which groups there are, if that is told anywhere."""

    memberships: Table
    user: Column[Any]
    group: Column[Any]
    names: Column[Any] | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables. ``attributes`` maps ours to columns; where ``rows`` is there, every attribute has a place in it.

    ``gives_id`` says that the database makes the ids of new rows itself.
    ``collations`` are those of the columns of users where they decide what is alike, which is on MariaDB.
    ``unmapped`` are columns that must have a value and that nobody gives one; ``rolls_back`` is untrue for tables
    without transactions.
    """

    dialect: str
    users: Table
    id: Column[Any]
    name: Column[Any]
    key: Column[Any] | None
    stamp: Column[Any] | None
    password: Column[Any] | None
    enabled: Column[Any] | None
    locked_until: Column[Any] | None
    attributes: Mapping[str, Column[Any]]
    rows: AttributeRows | None
    groups: Groups | None
    gives_id: bool
    collations: Mapping[str, str]
    unmapped: tuple[str, ...]
    has_unique_name: bool
    rolls_back: bool


def find_layout(connection: Connection, record: SQLConnection) -> Layout:
    """Look the tables up.

    Raises ``UserStoreUnavailable`` (``user_store_table_missing``, ``user_store_column_missing``).
    """
    names = with_own_groups(record.tables) if record.owns_tables else record.tables
    return _Finder(connection).layout(names, owns=record.owns_tables)


def make_tables(connection: Connection, record: SQLConnection) -> None:
    """Make those of our tables that are missing."""
    own_tables(with_own_groups(record.tables)).create_all(connection)


@dataclass(frozen=True, slots=True)
class _Found:
    """A table with those of its columns that were asked for, and what was found about all of them."""

    table: Table
    columns: Mapping[str, Any]

    def column(self, name: str | None) -> Column[Any] | None:
        return None if name is None else self.table.c[name]


class _Finder:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inspector = inspect(connection)
        self._dialect = connection.dialect.name

    def layout(self, names: SQLTables, *, owns: bool) -> Layout:
        optional = (
            names.name_key_column, names.stamp_column, names.password_column, names.enabled_column,
            names.locked_until_column, *names.attributes.values(),
        )  # fmt: skip
        # A binary id of somebody else's is shown in hexadecimal digits; all else that is binary here is text.
        # A number is an id whatever it looks like: taken for a yes, that of everybody would be the same.
        keeps = frozenset() if owns else frozenset({names.id_column})
        users = self._table(names.users, (names.id_column, names.name_column, *optional), bytes_in=keeps)
        own_id = users.columns[names.id_column]
        gives_id = isinstance(own_id["type"], Integer) or _has_default(own_id)
        given = {name for name in (names.name_column, *optional) if name}
        given |= set() if gives_id else {names.id_column}
        return Layout(
            dialect=self._dialect,
            users=users.table,
            id=users.table.c[names.id_column],
            name=users.table.c[names.name_column],
            key=users.column(names.name_key_column),
            stamp=users.column(names.stamp_column),
            password=users.column(names.password_column),
            enabled=users.column(names.enabled_column),
            locked_until=users.column(names.locked_until_column),
            attributes={} if owns else {k: users.table.c[v] for k, v in names.attributes.items()},
            rows=self._rows(names) if owns else None,
            groups=self._groups(names, owns=owns),
            gives_id=gives_id,
            collations=self._collations(names.users),
            unmapped=tuple(
                name for name, found in users.columns.items()
                if not found["nullable"] and not _has_default(found)
                and name not in given and name != names.id_column
            ),
            has_unique_name=self._has_unique_name(names),
            rolls_back=self._rolls_back(names.users),
        )  # fmt: skip

    def _rows(self, names: SQLTables) -> AttributeRows:
        columns = ("user_id", "name", "position", "value", "start")
        table = self._table(attributes_name(names), columns).table
        return AttributeRows(table, *(table.c[name] for name in columns))

    def _groups(self, names: SQLTables, *, owns: bool) -> Groups | None:
        if names.memberships is None:
            return None
        wanted = (names.membership_user_column, names.membership_group_column)
        keeps = frozenset() if owns else frozenset({names.membership_user_column})
        table = self._table(names.memberships, wanted, bytes_in=keeps).table
        known: Column[Any] | None = None
        if names.groups is not None:
            known = self._table(names.groups, (names.group_name_column,)).table.c[names.group_name_column]
        return Groups(table, table.c[wanted[0]], table.c[wanted[1]], known)

    def _table(
        self, name: str, wanted: Iterable[str | None], *, bytes_in: frozenset[str] = frozenset()
    ) -> _Found:
        schema, bare = _parted(name)
        try:
            columns = {each["name"]: each for each in self._inspector.get_columns(bare, schema)}
        except NoSuchTableError:
            raise unavailable("user_store_table_missing", table=name) from None
        chosen = dict.fromkeys(each for each in wanted if each is not None)
        for each in chosen:
            if each not in columns:
                raise unavailable("user_store_column_missing", table=name, column=each)
        kinds = {each: columns[each]["type"] for each in chosen}
        parts = [
            Column(_quoted(n), (_id_kind if n in bytes_in else _kind)(kind)) for n, kind in kinds.items()
        ]
        return _Found(Table(_quoted(bare), MetaData(), *parts, schema=_quoted(schema)), columns)

    def _collations(self, name: str) -> Mapping[str, str]:
        """Ask for the collations of the columns; a binary column has none, and is told by ``binary``."""
        if self._dialect != MARIADB:
            return {}
        schema, bare = _parted(name)
        ours = _TOLD.c.table_schema == (schema if schema else func.database())
        told = select(_TOLD.c.column_name, _TOLD.c.collation_name).where(ours, _TOLD.c.table_name == bare)
        return {row[0]: str(row[1] or "binary").lower() for row in self._connection.execute(told)}

    def _has_unique_name(self, names: SQLTables) -> bool:
        """Say whether a unique constraint or index keeps names apart, or their key or lower form."""
        schema, bare = _parted(names.users)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # about those that are looked up below
            found = self._unique_sets(bare, schema)
        keys = [name for name in (names.name_column, names.name_key_column) if name]
        return any(len(each) == 1 and any(key in each[0] for key in keys) for each in found)

    def _unique_sets(self, bare: str, schema: str | None) -> list[list[str]]:
        """Return what is unique, by column or expression; SQLite tells expressions only as they were written."""
        asked = self._inspector
        found = [list(each["column_names"]) for each in asked.get_unique_constraints(bare, schema)]
        found.append(list(asked.get_pk_constraint(bare, schema)["constrained_columns"]))
        for index in asked.get_indexes(bare, schema):
            parts = index.get("expressions") or index["column_names"]
            found += [[str(part) for part in parts]] if index["unique"] else []
        if self._dialect == SQLITE:
            wanted = select(_WRITTEN.c.sql).where(_WRITTEN.c.tbl_name == bare, _WRITTEN.c.type == "index")
            written = [str(sql) for sql in self._connection.execute(wanted).scalars() if sql]
            found += [[sql] for sql in written if "UNIQUE" in sql.upper() and "," not in sql]
        return found

    def _rolls_back(self, name: str) -> bool:
        schema, bare = _parted(name)
        if self._dialect != MARIADB:
            return True
        engine = self._inspector.get_table_options(bare, schema).get("mysql_engine")
        return str(engine or "innodb").lower() in _ROLLS_BACK


def _parted(name: str) -> tuple[str | None, str]:
    schema, dot, bare = name.rpartition(".")
    return (schema, bare) if dot else (None, name)


def _quoted(name: str | None) -> Any:
    return None if name is None else quoted_name(name, quote=True)


def _has_default(found: Mapping[str, Any]) -> bool:
    return bool(
        found.get("default") is not None
        or found.get("autoincrement") is True
        or found.get("identity")
        or found.get("computed")
    )


def _id_kind(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return Integer() if isinstance(kind, Integer) else kind


def _kind(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Take bytes for text where only text can be meant; the collation stays the column's own business."""
    if isinstance(kind, String) and kind.collation:
        kind = copy(kind)
        kind.collation = None
    return Key() if isinstance(kind, (BINARY, VARBINARY)) else kind
