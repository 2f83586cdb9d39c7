"""0003: what user stores outside our database need: their records, the writes under way, and users' entries there.

A migration is history: it says what was made then, and does not follow ``tables.py``.
"""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

EXACT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

_TABLES = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

Table(
    "user_stores",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("domain", EXACT, nullable=False, unique=True),
    Column("enabled", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", EXACT, nullable=False),
    Column("description", EXACT, nullable=False),
    Column("connection", EXACT, nullable=False),
    Column("note", EXACT, nullable=False),
    Column("secret", LargeBinary, nullable=True),
)
Table(
    "operations",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("kind", EXACT, nullable=False),
    Column("user_id", EXACT, nullable=False, unique=True),
    Column("domain", EXACT, nullable=False),
    Column("name", EXACT, nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("actor", EXACT, nullable=False),
    Column("reference", EXACT, nullable=True),
    Column("state", EXACT, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("expires", BigInteger, nullable=True),
    Index(None, "lease_until"),
)

_HAS_ENTRY = text("entry IS NOT NULL")
_BESIDE_PRIMARY = text("domain <> 'PRIMARY'")


def upgrade() -> None:
    """Add a column that old rows leave empty, two indexes, and two tables."""
    op.add_column("users", Column("entry", EXACT, nullable=True))
    op.create_index(
        "ix_users_domain_entry",
        "users",
        ["domain", "entry"],
        unique=True,
        sqlite_where=_HAS_ENTRY,
        postgresql_where=_HAS_ENTRY,
    )
    op.create_index(
        "ix_users_domain_id",
        "users",
        ["domain", "id"],
        sqlite_where=_BESIDE_PRIMARY,
        postgresql_where=_BESIDE_PRIMARY,
    )
    _TABLES.create_all(op.get_bind(), checkfirst=False)
