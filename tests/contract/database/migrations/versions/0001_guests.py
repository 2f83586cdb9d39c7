"""The first tables, as a release would have made them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Rooms, and guests in them."""
    op.create_table(
        "rooms",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rooms"),
    )
    op.create_table(
        "guests",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("room_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("host_id", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_guests"),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name="fk_guests_room_id_rooms", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["host_id"], ["guests.id"], name="fk_guests_host_id_guests"),
        sa.UniqueConstraint("room_id", "name", name="uq_guests_room_id_name"),
    )
    op.create_index("ix_guests_key", "guests", ["key"], unique=True)
