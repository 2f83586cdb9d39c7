"""0005: second factors, what was tried, locks on social identities, and removals of providers with their people.

A migration is history: it says what was made then, and does not follow ``tables.py``.
"""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

EXACT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

_TABLES = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
_IS_MAILED = text("kind = 'email_otp'")
_HAS_ORIGIN = text("origin IS NOT NULL")

Table(
    "factors",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("user_id", EXACT, nullable=False),
    Column("slot", EXACT, nullable=False),
    Column("kind", EXACT, nullable=False),
    Column("means", LargeBinary, nullable=False),
    Column("label", EXACT, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("last_used", BigInteger, nullable=True),
    UniqueConstraint("user_id", "slot"),
)
Table(
    "recovery_codes",
    _TABLES,
    Column("user_id", EXACT, nullable=False, primary_key=True),
    Column("hash", EXACT, nullable=False, primary_key=True),
    Column("created", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Table(
    "factor_challenges",
    _TABLES,
    Column("bound_to", EXACT, nullable=False, primary_key=True),
    Column("wanted_for", EXACT, nullable=False, primary_key=True),
    Column("kind", EXACT, nullable=False, primary_key=True),
    Column("user_id", EXACT, nullable=False),
    Column("asked", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "user_id"),
    Index(None, "expires"),
    Index(None, "created", sqlite_where=_IS_MAILED, postgresql_where=_IS_MAILED),
)
Table(
    "attempts",
    _TABLES,
    Column("key", EXACT, nullable=False, primary_key=True),
    Column("kind", EXACT, nullable=False, primary_key=True),
    Column("moments", EXACT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index(None, "expires"),
    sqlite_with_rowid=False,
)
Table(
    "identity_locks",
    _TABLES,
    Column("idp", EXACT, nullable=False, primary_key=True),
    Column("locked_by", EXACT, nullable=False, primary_key=True),
    Column("value", EXACT, nullable=False, primary_key=True),
    Column("reason", EXACT, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=True),
    sqlite_with_rowid=False,
)
Table(
    "provider_removals",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("idp", EXACT, nullable=False, unique=True),
    Column("name", EXACT, nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("phase", EXACT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("record", EXACT, nullable=False),
    Index(None, "name", "began"),
)


def upgrade() -> None:
    """Add columns that older nodes need not know and never write, an index, and six tables."""
    op.add_column("users", Column("has_second_factor", Boolean, nullable=False, server_default=false()))
    op.create_index(
        "ix_users_origin_id",
        "users",
        ["origin", "id"],
        sqlite_where=_HAS_ORIGIN,
        postgresql_where=_HAS_ORIGIN,
    )
    op.add_column("sessions", Column("factor", EXACT, nullable=True))
    op.add_column("sign_ins", Column("half_way", LargeBinary, nullable=True))
    op.add_column("token_families", Column("subject", EXACT, nullable=True))
    op.add_column("identity_providers", Column("sign_in_rules", EXACT, nullable=True))
    op.add_column("applications", Column("sign_in_policy", EXACT, nullable=True))
    _TABLES.create_all(op.get_bind(), checkfirst=False)
