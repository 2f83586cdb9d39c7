"""0001: all tables of the first release.

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
)
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

EXACT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
NUMBER = BigInteger().with_variant(Integer, "sqlite")

_TABLES = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

Table(
    "account_links",
    _TABLES,
    Column("idp", EXACT, nullable=False, primary_key=True),
    Column("subject", EXACT, nullable=False, primary_key=True),
    Column("user_id", EXACT, nullable=False),
    Column("domain", EXACT, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("linked_by", EXACT, nullable=False),
    Index(None, "user_id"),
    sqlite_with_rowid=False,
)
Table(
    "sign_ins",
    _TABLES,
    Column("handle_hash", EXACT, nullable=False, primary_key=True),
    Column("browser_hash", EXACT, nullable=False),
    Column("state_hash", EXACT),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("stage", EXACT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("request", EXACT),
    Column("attempt", EXACT),
    Column("identity", EXACT),
    Index(None, "state_hash"),
    Index(None, "browser_hash", "created"),
    Index(None, "expires"),
)
Table(
    "sessions",
    _TABLES,
    Column("id_hash", EXACT, nullable=False, primary_key=True),
    Column("public_id", EXACT, nullable=False),
    Column("person", EXACT, nullable=False),
    Column("user_id", EXACT),
    Column("authenticated_at", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("idp", EXACT),
    Column("subject", EXACT),
    Column("upstream_session", EXACT),
    Column("amr", EXACT, nullable=False),
    Column("acr", EXACT),
    Index(None, "user_id"),
    Index(None, "subject", "idp"),
    Index(None, "upstream_session", "idp"),
    Index(None, "expires"),
)
Table(
    "codes",
    _TABLES,
    Column("hash", EXACT, nullable=False, primary_key=True),
    Column("family", EXACT, nullable=False),
    Column("application", EXACT, nullable=False),
    Column("session", EXACT, nullable=False),
    Column("user_id", EXACT),
    Column("request", EXACT, nullable=False),
    Column("authentication", EXACT, nullable=False),
    Column("issued", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("redeemed", BigInteger),
    Index(None, "session"),
    Index(None, "user_id"),
    Index(None, "expires"),
)
Table(
    "token_families",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("application", EXACT, nullable=False),
    Column("session", EXACT, nullable=False),
    Column("user_id", EXACT),
    Column("scopes", EXACT, nullable=False),
    Column("authentication", EXACT, nullable=False),
    Column("claims", EXACT, nullable=False),
    Column("nonce", EXACT),
    Column("issued", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("refreshable", Boolean, nullable=False),
    Column("current_hash", EXACT),
    Column("previous_hash", EXACT),
    Column("rotated", BigInteger),
    Column("generation", Integer, nullable=False),
    Column("revoked", BigInteger),
    Index(None, "session"),
    Index(None, "user_id"),
    Index(None, "application"),
    Index(None, "expires"),
)
Table(
    "spent_once",
    _TABLES,
    Column("id_hash", EXACT, nullable=False, primary_key=True),
    Column("kind", EXACT, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index(None, "expires"),
    sqlite_with_rowid=False,
)
Table(
    "identity_providers",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("name", EXACT, nullable=False, unique=True),
    Column("enabled", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("record", EXACT, nullable=False),
    Column("client_secret", LargeBinary),
    Column("private_key", LargeBinary),
)
Table(
    "applications",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("record", EXACT, nullable=False),
)
Table("roles", _TABLES, Column("name", EXACT, nullable=False, primary_key=True))
Table(
    "signing_keys",
    _TABLES,
    Column("kid", EXACT, nullable=False, primary_key=True),
    Column("algorithm", EXACT, nullable=False),
    Column("private", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("active_from", BigInteger, nullable=False),
    Column("retired", BigInteger),
    Column("expires", BigInteger),
)
Table(
    "setup_links",
    _TABLES,
    Column("token_hash", EXACT, nullable=False, primary_key=True),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)
Table(
    "outcomes",
    _TABLES,
    Column("number", NUMBER, primary_key=True),
    Column("reference", EXACT, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", EXACT, nullable=False),
    Column("reasons", EXACT, nullable=False),
    Column("application", EXACT),
    Column("idp", EXACT),
    Column("subject", EXACT),
    Column("user_id", EXACT),
    Index(None, "reference"),
    Index(None, "at"),
    Index(None, "user_id", "at"),
    Index(None, "subject", "at"),
    Index(None, "idp", "at"),
)
Table(
    "audit_events",
    _TABLES,
    Column("number", NUMBER, primary_key=True),
    Column("id", EXACT, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("action", EXACT, nullable=False),
    Column("actor", EXACT, nullable=False),
    Column("target", EXACT, nullable=False),
    Column("reference", EXACT),
    Column("about", EXACT, nullable=False),
    Index(None, "target", "number"),
)
Table(
    "job_leases",
    _TABLES,
    Column("job", EXACT, nullable=False, primary_key=True),
    Column("node", EXACT, nullable=False),
    Column("until", BigInteger, nullable=False),
)
Table(
    "users",
    _TABLES,
    Column("id", EXACT, nullable=False, primary_key=True),
    Column("domain", EXACT, nullable=False),
    Column("name", EXACT, nullable=False),
    Column("name_key", EXACT, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("state", EXACT, nullable=False),
    Column("lock_reason", EXACT),
    Column("lock_since", BigInteger),
    Column("lock_until", BigInteger),
    Column("password_hash", EXACT),
    Column("origin", EXACT),
    Column("version", Integer, nullable=False),
    UniqueConstraint("domain", "name_key"),
)
Table(
    "user_attributes",
    _TABLES,
    Column("user_id", EXACT, nullable=False, primary_key=True),
    Column("name", EXACT, nullable=False, primary_key=True),
    Column("position", Integer, nullable=False, primary_key=True, autoincrement=False),
    Column("value", EXACT, nullable=False),
    Column("given_by", EXACT, nullable=False),
    Column("giver", EXACT, nullable=False),
    sqlite_with_rowid=False,
)
Table(
    "user_grants",
    _TABLES,
    Column("user_id", EXACT, nullable=False, primary_key=True),
    Column("kind", EXACT, nullable=False, primary_key=True),
    Column("name", EXACT, nullable=False, primary_key=True),
    Column("given_by", EXACT, nullable=False, primary_key=True),
    Column("giver", EXACT, nullable=False, primary_key=True),
    Index(None, "kind", "name"),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """Make the tables."""
    _TABLES.create_all(op.get_bind(), checkfirst=False)
