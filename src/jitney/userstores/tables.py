"""The tables of users in our own database; and which guard each constraint stands for.

A name is unique in its store by its canonical key, which we compute ourselves (R-030, R-047).
Of a store outside our database an entry is that of one user (R-045): two records of one entry would be two
accounts of one person.
Attributes and grants have no foreign key to their user: every change of them first takes the user's own
row, and the user's removal names them.
"""

from sqlalchemy import Boolean, Column, Index, MetaData, Table, UniqueConstraint, false
from sqlalchemy import text as sql_text

from jitney.database.columns import NAMES, count, moment, moment_or_null, text, text_or_null
from jitney.model.user import PRIMARY

METADATA = MetaData(naming_convention=NAMES)

GUARDS = {
    "pk_users": "user",
    "uq_users_domain_name_key": "user_name",
    "ix_users_domain_entry": "user_entry",
}
"""The constraints whose violation means that somebody else was first, and the guard that the verbs know."""

NEVER_IDENTIFYING = (
    "address.country", "address.formatted", "address.locality", "address.postal_code", "address.region",
    "address.street_address", "birthdate", "email_verified", "family_name", "gender", "given_name", "locale",
    "middle_name", "name", "nickname", "phone_number_verified", "picture", "zoneinfo",
)  # fmt: skip
"""Attributes by whose values nobody is looked up: every new user has them, and the index leaves them out."""

MAY_IDENTIFY = f"name NOT IN ({', '.join(map(repr, NEVER_IDENTIFYING))})"
"""The condition of the index by value, as SQL; a query that shall use the index says the same."""

INDEXED_START = 200
"""How many characters of a value the index knows: what an index of PostgreSQL can hold, however long the value."""

_HAS_ENTRY = sql_text("entry IS NOT NULL")
"""Users of our own database have no entry elsewhere, and pay nothing for the index."""

_BESIDE_PRIMARY = sql_text(f"domain <> '{PRIMARY}'")
"""Users of one of the other stores are walked through by id, when the store is removed; PRIMARY stays."""

_HAS_ORIGIN = sql_text("origin IS NOT NULL")
"""Whom a provider has made is walked through by id when it goes; local users pay nothing for the index."""

users = Table(
    "users", METADATA,
    text("id", key=True), text("domain"), text("name"), text("name_key"),
    moment("created"), text("state"),
    text_or_null("lock_reason"), moment_or_null("lock_since"), moment_or_null("lock_until"),
    text_or_null("password_hash"), text_or_null("origin"), count("version"),
    text_or_null("entry"), Column("has_second_factor", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("domain", "name_key"),
    Index(None, "domain", "entry", unique=True, sqlite_where=_HAS_ENTRY, postgresql_where=_HAS_ENTRY),
    Index(None, "domain", "id", sqlite_where=_BESIDE_PRIMARY, postgresql_where=_BESIDE_PRIMARY),
    Index(None, "origin", "id", sqlite_where=_HAS_ORIGIN, postgresql_where=_HAS_ORIGIN),
)  # fmt: skip
"""The default is for nodes of the release before, which do not name the column (P-14)."""

user_attributes = Table(
    "user_attributes", METADATA,
    text("user_id", key=True), text("name", key=True), count("position", key=True),
    text("value"), text("given_by"), text("giver"),
    Index(
        "ix_user_attributes_lookup", "name", sql_text(f"lower(substr(value, 1, {INDEXED_START}))"),
        sqlite_where=sql_text(MAY_IDENTIFY), postgresql_where=sql_text(MAY_IDENTIFY),
    ),
    sqlite_with_rowid=False,
)  # fmt: skip

user_grants = Table(
    "user_grants", METADATA,
    text("user_id", key=True), text("kind", key=True), text("name", key=True),
    text("given_by", key=True), text("giver", key=True),
    Index(None, "kind", "name"),
    sqlite_with_rowid=False,
)  # fmt: skip
