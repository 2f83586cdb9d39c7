"""Purposes: what people are asked to agree to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from jitney.database.database import Database
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddPurpose, RemovePurpose, RequirePurpose, SavePurpose
from jitney.model.consent import Purpose
from jitney.storage.codec import Codec
from jitney.storage.tables import purposes as _t

_RECORD: Codec[Purpose] = Codec(Purpose)

_IS_THIS = _t.c.id == bindparam("id")
_HAS_VERSION = _t.c.version == bindparam("version")
_LIST = Statement("list_purposes", select(_t.c.record).order_by(_t.c.name))
_FIND_BY_NAME = Statement("find_purpose_by_name", select(_t.c.record).where(_t.c.name == bindparam("name")))
_REQUIRE = Statement(
    "require_purpose", select(_t.c.id).where(_IS_THIS, _HAS_VERSION).with_for_update(read=True)
)
_ADD = Statement("add_purpose", insert(_t))
_SAVE = Statement(
    "save_purpose",
    update(_t)
    .where(_IS_THIS, _t.c.version == bindparam("version") - 1)
    .values({name: bindparam(name) for name in ("name", "version", "record")}),
)
_REMOVE = Statement("remove_purpose", delete(_t).where(_IS_THIS, _HAS_VERSION))


class SQLPurposes:
    """Finds purposes; ``remembered.py`` keeps the answers for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> Sequence[Purpose]:
        """List all, by name."""
        return [_RECORD.decode(row["record"]) for row in await self._database.fetch(_LIST)]

    async def find_by_name(self, name: str) -> Purpose | None:
        """Find by name."""
        row = await self._database.fetch_one(_FIND_BY_NAME, name=name)
        return None if row is None else _RECORD.decode(row["record"])


def _require(change: RequirePurpose) -> list[Write]:
    """Hold the row until the commit.

    The attack: the words are changed between the page and the answer, and the receipt says that the person
    agreed to what they never read (R-036).
    """
    key = {"id": change.id, "version": change.version}
    return [Write(_REQUIRE, key, must=1, guard=change.guard)]


def _add(change: AddPurpose) -> list[Write]:
    return [Write(_ADD, _row(change.purpose))]


def _save(change: SavePurpose) -> list[Write]:
    return [Write(_SAVE, _row(change.purpose), must=1, guard=change.guard)]


def _remove(change: RemovePurpose) -> list[Write]:
    key = {"id": change.id, "version": change.version}
    return [Write(_REMOVE, key, must=1, guard=change.guard)]


RENDERS = {RequirePurpose: _require, AddPurpose: _add, SavePurpose: _save, RemovePurpose: _remove}


def _row(purpose: Purpose) -> dict[str, Any]:
    return {
        "id": purpose.id,
        "name": purpose.name,
        "version": purpose.version,
        "record": _RECORD.encode(purpose),
    }
