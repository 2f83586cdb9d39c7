"""The tables that we make in another database, where the operator lets us.

Keys are compared byte for byte whatever the database's collation, and computed by us (R-047).
"""

from typing import Any, Final

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeEngine

from jitney.model.user_store_record import SQLTables
from jitney.userstores.folding import fold

INDEXED_START: Final = 200
"""How many characters of a value the index by value knows."""

_LONGEST_KEY: Final = 1024
_LONGEST_WORD: Final = 255


class Key(TypeDecorator[str]):
    """A text of bounded length that is compared and sorted by its bytes in UTF-8."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> TypeEngine[Any]:
        """Choose what compares bytes: MariaDB's binary collations still overlook spaces at the end."""
        if dialect.name == "mysql":
            return dialect.type_descriptor(mysql.VARBINARY(_LONGEST_KEY))
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TEXT(collation="C"))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: str | None, dialect: Any) -> Any:
        """Hand bytes over where bytes are kept."""
        return value.encode() if value is not None and dialect.name == "mysql" else value

    def process_result_value(self, value: Any, dialect: Any) -> str | None:  # noqa: ARG002
        """Return text whatever is kept."""
        return value.decode() if isinstance(value, bytes) else value


def _word() -> TypeEngine[Any]:
    return Text().with_variant(mysql.VARCHAR(_LONGEST_WORD, collation="utf8mb4_bin"), "mysql")


def _long() -> TypeEngine[Any]:
    return Text().with_variant(mysql.MEDIUMTEXT(collation="utf8mb4_bin"), "mysql")


def start_of(value: str) -> str:
    """Return what the index knows of a value."""
    return fold(value)[:INDEXED_START]


def attributes_name(tables: SQLTables) -> str:
    """Return the name of the table of attributes."""
    return f"{tables.users}_attributes"


def with_own_groups(tables: SQLTables) -> SQLTables:
    """Return the names with those of the tables of groups, which are ours too."""
    return SQLTables(
        users=tables.users,
        memberships=f"{tables.users}_groups",
        groups=f"{tables.users}_all_groups",
    )


def own_tables(tables: SQLTables) -> MetaData:
    """Return the tables as they shall be made."""
    data = MetaData()
    _table(
        tables.users, data,
        Column("id", Key, primary_key=True), Column("name", _word(), nullable=False),
        Column("name_key", Key, nullable=False), Column("stamp", Key),
        Column("password_hash", _word()),
        UniqueConstraint("name_key"), UniqueConstraint("stamp"),
    )  # fmt: skip
    _table(
        attributes_name(tables), data,
        Column("user_id", Key, primary_key=True), Column("name", Key, primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("value", _long(), nullable=False), Column("start", Key, nullable=False),
        Index(None, "name", "start"),
    )  # fmt: skip
    _table(
        str(tables.memberships), data,
        Column("user_id", Key, primary_key=True), Column("group_name", Key, primary_key=True),
    )  # fmt: skip
    _table(str(tables.groups), data, Column("name", Key, primary_key=True))
    return data


def _table(name: str, data: MetaData, *parts: Any) -> None:
    Table(name, data, *parts, mysql_engine="InnoDB", mysql_charset="utf8mb4", quote=True)
