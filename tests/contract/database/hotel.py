"""A small schema that has every kind of constraint, and statements on it."""

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from jitney.database.database import Schema
from jitney.database.statements import Statement, Write

NAMES = {"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s"}
tables = MetaData(naming_convention=NAMES)
rooms = Table(
    "rooms",
    tables,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("title", Text, nullable=False, server_default=""),
)
guests = Table(
    "guests",
    tables,
    Column("id", Text, primary_key=True),
    Column("room_id", Text, ForeignKey("rooms.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("host_id", Text, ForeignKey("guests.id")),
    UniqueConstraint("room_id", "name", name="uq_guests_room_id_name"),
    Index("ix_guests_key", "key", unique=True),
)
MIGRATIONS = Path(__file__).parent / "migrations"
SCHEMA = Schema(tables=tables, migrations=MIGRATIONS)

id_ = bindparam("id", type_=Text)
ADD_ROOM = Statement(
    "add_room", insert(rooms).values(id=id_, version=1, open=bindparam("open", type_=Boolean), title="")
)
ADD_GUEST = Statement("add_guest", insert(guests))
RENEW_ROOM = Statement(
    "renew_room",
    update(rooms)
    .where(rooms.c.id == id_, rooms.c.version == bindparam("seen", type_=BigInteger))
    .values(version=rooms.c.version + 1),
)
CLOSE_ROOM = Statement("close_room", update(rooms).where(rooms.c.id == id_).values(open=False))
REQUIRE_OPEN_ROOM = Statement(
    "require_open_room",
    select(rooms.c.id).where(rooms.c.id == id_, rooms.c.open.is_(True)).with_for_update(read=True),
)
REMOVE_ROOM = Statement("remove_room", delete(rooms).where(rooms.c.id == id_))
REMOVE_GUEST = Statement("remove_guest", delete(guests).where(guests.c.id == id_))
FIND_ROOM = Statement("find_room", select(rooms).where(rooms.c.id == id_))
ALL_ROOMS = Statement("all_rooms", select(rooms.c.id).order_by(rooms.c.id))
ALL_GUESTS = Statement("all_guests", select(guests).order_by(guests.c.id))


def room(id: str, *, open: bool = True) -> Write:
    """A room is added."""
    return Write(ADD_ROOM, {"id": id, "open": open})


def guest(id: str, room_id: str = "r", *, name: str = "", key: bytes = b"", host: str | None = None) -> Write:
    """A guest arrives."""
    return Write(
        ADD_GUEST,
        {"id": id, "room_id": room_id, "name": name or id, "key": key or id.encode(), "host_id": host},
    )


def renew(id: str, *, seen: int) -> Write:
    """A room's version is raised, if it is still the one that was seen."""
    return Write(RENEW_ROOM, {"id": id, "seen": seen}, must=1, guard="room_version")


def require_open(id: str) -> Write:
    """A room must exist and be open until the commit."""
    return Write(REQUIRE_OPEN_ROOM, {"id": id}, must=1, guard="room_open")
