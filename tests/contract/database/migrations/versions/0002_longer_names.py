"""A change for which SQLite must rebuild a table that others refer to."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Rooms get a title."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("rooms", recreate=recreate) as rooms:
        rooms.add_column(sa.Column("title", sa.Text, nullable=False, server_default=""))
