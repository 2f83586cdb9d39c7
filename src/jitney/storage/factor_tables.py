"""The tables of second factors, of what was tried, and of locks on social identities.

What a factor is made of, and what a person is asked, rests sealed (R-125).
Codes rest as keyed hashes (R-097, R-101).
"""

from sqlalchemy import Index, MetaData, Table, UniqueConstraint
from sqlalchemy import text as sql_text

from jitney.database.columns import (
    NAMES,
    count,
    large_count,
    moment,
    moment_or_null,
    sealed,
    text,
)

METADATA = MetaData(naming_convention=NAMES)

GUARDS = {
    "pk_factors": "factor",
    "uq_factors_user_id_slot": "factor",
    "pk_recovery_codes": "recovery_code",
    "pk_factor_challenges": "factor_challenge",
    "pk_attempts": "attempts",
}
"""The constraints whose violation means that somebody else was first, and the guard that the verbs know."""

factors = Table(
    "factors", METADATA,
    text("id", key=True), text("user_id"), text("slot"), text("kind"), sealed("means"), text("label"),
    large_count("counter"), moment("created"), moment_or_null("last_used"),
    UniqueConstraint("user_id", "slot"),
)  # fmt: skip

recovery_codes = Table(
    "recovery_codes", METADATA,
    text("user_id", key=True), text("hash", key=True), moment("created"),
    sqlite_with_rowid=False,
)  # fmt: skip

IS_MAILED = "kind = 'email_otp'"
"""The condition of the index by which mailed codes are counted; the query says the same."""

_IS_MAILED = sql_text(IS_MAILED)

factor_challenges = Table(
    "factor_challenges", METADATA,
    text("bound_to", key=True), text("wanted_for", key=True), text("kind", key=True),
    text("user_id"), sealed("asked"), moment("created"), moment("expires"), count("version"),
    Index(None, "user_id"), Index(None, "expires"),
    Index(None, "created", sqlite_where=_IS_MAILED, postgresql_where=_IS_MAILED),
)  # fmt: skip

attempts = Table(
    "attempts", METADATA,
    text("key", key=True), text("kind", key=True), text("moments"), count("version"), moment("expires"),
    Index(None, "expires"),
    sqlite_with_rowid=False,
)  # fmt: skip

identity_locks = Table(
    "identity_locks", METADATA,
    text("idp", key=True), text("locked_by", key=True), text("value", key=True),
    text("reason"), moment("since"), moment_or_null("until"),
    sqlite_with_rowid=False,
)  # fmt: skip
