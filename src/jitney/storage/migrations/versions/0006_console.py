"""0006: what the console keeps, and the indexes by which it finds what happened.

A migration is history: it says what was made then, and does not follow ``tables.py``.
"""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

EXACT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

_TABLES = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
_HAS_REFERENCE = text("reference IS NOT NULL")

Table(
    "recorded_arrivals",
    _TABLES,
    Column("reference", EXACT, nullable=False, primary_key=True),
    Column("idp", EXACT, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("user_id", EXACT, nullable=True),
    Column("application", EXACT, nullable=True),
    Column("identity", LargeBinary, nullable=False),
    Index(None, "idp", "at", "reference"),
    Index(None, "user_id"),
    Index(None, "expires"),
)
Table(
    "kept_forms",
    _TABLES,
    Column("key_hash", EXACT, nullable=False, primary_key=True),
    Column("bound_to", EXACT, nullable=False),
    Column("path", EXACT, nullable=False),
    Column("fields", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index(None, "expires"),
)
Table(
    "looks",
    _TABLES,
    Column("name", EXACT, nullable=False, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("record", EXACT, nullable=False),
    Column("logo_type", EXACT, nullable=True),
    Column("logo", LargeBinary, nullable=True),
)


def upgrade() -> None:
    """Add three tables, and indexes on what happened; the one that goes is replaced by that on target and time."""
    op.create_index("ix_outcomes_idp_kind_at", "outcomes", ["idp", "kind", "at"])
    op.create_index("ix_outcomes_kind_at", "outcomes", ["kind", "at"])
    op.create_index("ix_outcomes_application_at", "outcomes", ["application", "at"])
    op.drop_index("ix_audit_events_target_number", "audit_events")
    op.create_index("ix_audit_events_id", "audit_events", ["id"])
    for column in ("target", "actor", "action"):
        op.create_index(f"ix_audit_events_{column}_at", "audit_events", [column, "at"])
    op.create_index("ix_audit_events_at", "audit_events", ["at"])
    op.create_index(
        "ix_audit_events_reference",
        "audit_events",
        ["reference"],
        sqlite_where=_HAS_REFERENCE,
        postgresql_where=_HAS_REFERENCE,
    )
    _TABLES.create_all(op.get_bind(), checkfirst=False)
