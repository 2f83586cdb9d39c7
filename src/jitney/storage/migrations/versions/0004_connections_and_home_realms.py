"""0004: what providers of several kinds need: a connection of its own, home realms, and the ways out again.

A migration is history: it says what was made then, and does not follow ``tables.py``.
"""

import json
from typing import Any

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
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

EXACT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

_TABLES = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

Table(
    "home_realm_domains",
    _TABLES,
    Column("domain", EXACT, nullable=False, primary_key=True),
    Column("idp", EXACT, nullable=False, primary_key=True),
    Index(None, "idp"),
    sqlite_with_rowid=False,
)
Table(
    "logout_trips",
    _TABLES,
    Column("state_hash", EXACT, nullable=False, primary_key=True),
    Column("idp", EXACT, nullable=False),
    Column("request_id", EXACT, nullable=False),
    Column("return_to", EXACT, nullable=True),
    Column("expires", BigInteger, nullable=False),
    Index(None, "expires"),
)

_PROVIDERS = Table(
    "identity_providers",
    MetaData(),
    Column("id", EXACT, primary_key=True),
    Column("version", Integer),
    Column("record", EXACT),
    Column("connection", EXACT),
)

_HAS_UPSTREAM_NAME = text("upstream_name IS NOT NULL")


def upgrade() -> None:
    """Add columns that older nodes need not know, five indexes and two tables; then copy the connections out."""
    for column in (
        Column("kind", EXACT, nullable=False, server_default="oidc"),
        Column("connection", EXACT, nullable=True),
        Column("home_realm", EXACT, nullable=True),
        Column("is_shown", Boolean, nullable=False, server_default=true()),
        Column("refresh_due", BigInteger, nullable=True),
    ):
        op.add_column("identity_providers", column)
    op.create_index("ix_identity_providers_home_realm", "identity_providers", ["home_realm"], unique=True)
    op.create_index(
        "ix_identity_providers_is_shown_enabled_name", "identity_providers", ["is_shown", "enabled", "name"]
    )
    op.create_index("ix_identity_providers_refresh_due", "identity_providers", ["refresh_due"])
    op.add_column("sessions", Column("upstream_name", EXACT, nullable=True))
    op.add_column("sessions", Column("logout_hint", LargeBinary, nullable=True))
    op.create_index(
        "ix_sessions_upstream_name_idp",
        "sessions",
        ["upstream_name", "idp"],
        sqlite_where=_HAS_UPSTREAM_NAME,
        postgresql_where=_HAS_UPSTREAM_NAME,
    )
    op.add_column("sign_ins", Column("trial_of", EXACT, nullable=True))
    _TABLES.create_all(op.get_bind(), checkfirst=False)
    _copy_connections_out()


def _copy_connections_out() -> None:
    """Give each connection its column, one row after the other; a row that has one already is passed over.

    ``record`` keeps its copy, for the nodes that serve on meanwhile and know no other place, and gets a home realm:
    by its absence a row is known that such a node has written since.
    """
    connection = op.get_bind()
    rows = select(_PROVIDERS.c.id, _PROVIDERS.c.version, _PROVIDERS.c.record).where(
        _PROVIDERS.c.connection.is_(None)
    )
    for key, version, record in connection.execute(rows).all():
        kept = json.loads(record)
        connection.execute(
            update(_PROVIDERS)
            .where(_PROVIDERS.c.id == key, _PROVIDERS.c.version == version, _PROVIDERS.c.connection.is_(None))
            .values(connection=_as_text(kept["connection"]), record=_as_text({**kept, "home_realm": {}}))
        )


def _as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
