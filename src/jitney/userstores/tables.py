"""The tables of users in our own database; and which guard each constraint stands for.

A name is unique in its store by its canonical key, which we compute ourselves (R-030, R-047).
Attributes and grants have no foreign key to their user: every change of them first takes the user's own
row, and the user's removal names them.
"""

from sqlalchemy import Index, MetaData, Table, UniqueConstraint

from jitney.database.columns import NAMES, count, moment, moment_or_null, text, text_or_null

METADATA = MetaData(naming_convention=NAMES)

GUARDS = {"pk_users": "user", "uq_users_domain_name_key": "user_name"}
"""The constraints whose violation means that somebody else was first, and the guard that the verbs know."""

users = Table(
    "users", METADATA,
    text("id", key=True), text("domain"), text("name"), text("name_key"),
    moment("created"), text("state"),
    text_or_null("lock_reason"), moment_or_null("lock_since"), moment_or_null("lock_until"),
    text_or_null("password_hash"), text_or_null("origin"), count("version"),
    UniqueConstraint("domain", "name_key"),
)  # fmt: skip

user_attributes = Table(
    "user_attributes", METADATA,
    text("user_id", key=True), text("name", key=True), count("position", key=True),
    text("value"), text("given_by"), text("giver"),
    sqlite_with_rowid=False,
)  # fmt: skip

user_grants = Table(
    "user_grants", METADATA,
    text("user_id", key=True), text("kind", key=True), text("name", key=True),
    text("given_by", key=True), text("giver", key=True),
    Index(None, "kind", "name"),
    sqlite_with_rowid=False,
)  # fmt: skip
