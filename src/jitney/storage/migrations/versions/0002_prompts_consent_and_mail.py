"""0002: what a question to the person needs: pages, purposes, receipts, letters, and users found by a value.

A migration is history: it says what was made then, and does not follow ``tables.py``.
"""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

EXACT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

_NEW_COLUMNS = (
    ("account_links", "anchor"),
    ("account_links", "withheld"),
    ("outcomes", "written"),
    ("sign_ins", "page_hash"),
    ("sign_ins", "pending"),
)

_TABLES = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

Table(
    "purposes",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("name", EXACT, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("record", EXACT, nullable=False),
)
Table(
    "consent_receipts",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("user_id", EXACT, nullable=False),
    Column("given", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("record", EXACT, nullable=False),
    Index(None, "user_id", "given"),
)
Table(
    "outbox",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("created", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("record", EXACT, nullable=False),
    Index(None, "due"),
)

_HAS_PAGE = text("page_hash IS NOT NULL")
_MAY_IDENTIFY = text(
    "name NOT IN ('address.country', 'address.formatted', 'address.locality', 'address.postal_code', "
    "'address.region', 'address.street_address', 'birthdate', 'email_verified', 'family_name', 'gender', "
    "'given_name', 'locale', 'middle_name', 'name', 'nickname', 'phone_number_verified', 'picture', 'zoneinfo')"
)


def upgrade() -> None:
    """Add columns that old rows leave empty, three tables, and two indexes."""
    for table, name in _NEW_COLUMNS:
        op.add_column(table, Column(name, EXACT, nullable=True))
    _TABLES.create_all(op.get_bind(), checkfirst=False)
    op.create_index(
        "ix_sign_ins_page_hash",
        "sign_ins",
        ["page_hash"],
        sqlite_where=_HAS_PAGE,
        postgresql_where=_HAS_PAGE,
    )
    op.create_index(
        "ix_user_attributes_lookup",
        "user_attributes",
        ["name", text("lower(substr(value, 1, 200))")],
        sqlite_where=_MAY_IDENTIFY,
        postgresql_where=_MAY_IDENTIFY,
    )
