"""The fields of a connection to another database, in the parts in which they are edited."""

from dataclasses import replace
from typing import Final

from jitney.model.user_store_record import TLSMode
from jitney.web.console.record_forms import Choice, Field, Kind
from jitney.web.console.user_stores.directory_fields import (
    CERTIFICATES,
    CONNECT_SECONDS,
    PLAIN_WARNING,
    POOL_SIZE,
    READ_SECONDS,
    URL,
)

_SETTLED = "It cannot change while accounts of this store are known here."

CONNECTION: Final = (
    replace(
        URL,
        sentence="postgresql://user@host:5432/database, mariadb://user@host:3306/database or "
        "sqlite:////path/from/the/root. No password stands in it.",
        placeholder="postgresql://jitney@db.example.com:5432/people",
    ),
    Field(
        "connection.tls",
        "Protection",
        Kind.CHOICE,
        choices=(
            Choice(TLSMode.TLS.value, "TLS", "The usual one."),
            Choice(TLSMode.NONE.value, "None", "For a file there is nothing to protect.", PLAIN_WARNING),
        ),
    ),
    CERTIFICATES,
    Field(
        "connection.password",
        "Password of the database's user",
        Kind.SECRET,
        "It is never shown again. Left empty, the stored one stays, unless address, protection or authorities "
        "change: then it must be given again. A file has none.",
    ),
    Field(
        "connection.owns_tables",
        "Jitney makes the tables",
        Kind.SWITCH,
        "They are made where they are missing, and have a place for every attribute.",
    ),
    CONNECT_SECONDS,
    READ_SECONDS,
    POOL_SIZE,
)


def _column(name: str, label: str, sentence: str = "", *, required: bool = False) -> Field:
    return Field(f"connection.tables.{name}", label, sentence=sentence, required=required)


ATTRIBUTES: Final = (
    _column(
        "users",
        "Table of users",
        f"With a row for each; its schema may stand before a dot. {_SETTLED}",
        required=True,
    ),
    _column("id_column", "Key", f"It never changes. {_SETTLED}", required=True),
    _column("name_column", "User name", required=True),
    _column(
        "name_key_column",
        "Canonical user name",
        "Jitney computes it; unique, compared byte by byte. Empty: the table alone decides which names are one.",
    ),
    _column(
        "stamp_column",
        "Stamp",
        f"Jitney marks the rows that it makes there. Needed unless the store is read-only. {_SETTLED}",
    ),
    _column("password_column", "Hash of the password", "Empty: nobody signs in with a password."),
    _column("enabled_column", "Whether the account may be used", "Empty: Jitney alone knows."),
    _column("locked_until_column", "Until when the account is locked", "Empty: Jitney alone knows."),
    Field(
        "connection.tables.attributes",
        "Attributes of people",
        Kind.PAIRS,
        "One on a line: Jitney's name = the column, such as email = mail. Jitney's own tables need none.",
    ),
)

GROUPS: Final = (
    Field(
        "connection.groups_may_be_read",
        "Read groups",
        Kind.SWITCH,
        "People have the groups of the database, which policies may name.",
    ),
    Field(
        "connection.groups_may_be_written",
        "Write groups",
        Kind.SWITCH,
        "Provisioning puts people into groups, and takes them out of those that it put them into.",
    ),
    _column("memberships", "Table of who is in which group", "Empty: there are no groups."),
    _column("membership_user_column", "Its column with the key of the user", required=True),
    _column("membership_group_column", "Its column with the name of the group", required=True),
    _column("groups", "Table of all groups", "Where there is one."),
    _column("group_name_column", "Its column with the name of the group", required=True),
)
