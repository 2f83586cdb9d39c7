"""What a connection to a foreign database must be before it may be saved: every fault at once (pure)."""

import re
from collections.abc import Iterator

from jitney.administration.mapping_rules import find_mapping_faults
from jitney.administration.stores.store_addresses import (
    FILE,
    find_database_url_fault,
    find_tls_fault,
    scheme_of,
)
from jitney.administration.stores.store_bounds import find_bound_faults
from jitney.model.user_store_record import SQLConnection, SQLTables, TLSMode

_NAME = re.compile(r"[^\W\d][\w$]{0,62}")
_TABLE = re.compile(rf"(?:{_NAME.pattern}\.)?{_NAME.pattern}")

_TABLES = ("users", "memberships", "groups")
_COLUMNS = {
    "id_column": "the id of the row",
    "name_column": "the user name",
    "name_key_column": "the key of the user name",
    "stamp_column": "the stamp of Jitney",
    "password_column": "the hash of the password",
    "enabled_column": "whether the account may be used",
    "locked_until_column": "the lock",
}
_OF_OTHER_TABLES = ("membership_user_column", "membership_group_column", "group_name_column")


def find_database_faults(
    connection: SQLConnection, *, read_only: bool, plain_allowed: bool
) -> Iterator[tuple[str, str]]:
    """Tell what is wrong with a connection, each with its field; whether there is a secret is not asked here."""
    scheme = scheme_of(connection.url)
    if fault := find_database_url_fault(connection.url):
        yield "url", fault
    elif fault := find_tls_fault(scheme, connection.tls, plain_allowed=plain_allowed):
        yield "tls", fault
    if connection.ca_certificates is not None and (scheme == FILE or connection.tls is TLSMode.NONE):
        yield "ca_certificates", "Certificates have no use where the connection is not protected."
    if connection.password is not None and scheme == FILE:
        yield "password", "A file has no password."
    if connection.owns_tables and read_only:
        yield "owns_tables", "A read-only store makes no tables."
    if connection.owns_tables and connection.tables.attributes:
        yield "tables.attributes", "Jitney's own tables have a place for every attribute: leave this out."
    yield from ((f"tables.{key}", text) for key, text in _table_faults(connection.tables, read_only))
    if connection.groups_may_be_written and read_only:
        yield "groups_may_be_written", "A read-only store writes no groups either."
    elif connection.groups_may_be_written and not (connection.tables.memberships or connection.owns_tables):
        yield "groups_may_be_written", "To write groups the table of memberships is needed."
    yield from find_bound_faults(
        connection, connect_seconds=(0.1, 30), read_seconds=(0.1, 60), pool_size=(1, 100)
    )


def is_column(text: str) -> bool:
    """Say whether a text is the plain name of a column: letters, digits, ``_`` and ``$``."""
    return _NAME.fullmatch(text) is not None


def _table_faults(tables: SQLTables, read_only: bool) -> Iterator[tuple[str, str]]:
    for field in _TABLES:
        name = getattr(tables, field)
        if name is not None and _TABLE.fullmatch(name) is None:
            yield field, "A table's name has letters, digits, _ and $; its schema may stand before a dot."
    for field in (*_COLUMNS, *_OF_OTHER_TABLES):
        name = getattr(tables, field)
        if name is not None and not is_column(name):
            yield field, "A column's name has letters, digits, _ and $, and begins with a letter."
    if tables.stamp_column is None and not read_only:
        yield (
            "stamp_column",
            "A store that is written to needs a column for the stamp, by which rows of Jitney's own are known.",
        )
    if tables.groups is not None and tables.memberships is None:
        yield "memberships", "Where there is a table of groups, that of their members is needed."
    used: dict[str, str] = {}
    for field, what in _COLUMNS.items():
        column = (getattr(tables, field) or "").lower()
        if column in used:
            yield field, f"This column holds {used[column]} already."
        elif column:
            used[column] = what
    for _, fault in find_mapping_faults(tables.attributes, is_place=is_column, taken=used):
        yield "attributes", fault
