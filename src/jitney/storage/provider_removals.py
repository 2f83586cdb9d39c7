"""Provider removals: identity providers that are being removed with their people, or have been."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import to_micros
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddProviderRemoval, SaveProviderRemoval
from jitney.model.provider_removal import ProviderRemoval, RemovalPhase
from jitney.storage.codec import Codec
from jitney.storage.tables import provider_removals as _t

_RECORD: Codec[ProviderRemoval] = Codec(ProviderRemoval)

_IS_THIS = _t.c.id == bindparam("id")
_COURSE = ("phase", "version", "record")
_FIND = Statement("find_provider_removal", select(_t).where(_IS_THIS))
_FIND_LATEST = Statement(
    "find_latest_provider_removal",
    select(_t).where(_t.c.name == bindparam("name")).order_by(_t.c.began.desc(), _t.c.id.desc()).limit(1),
)
_UNFINISHED = Statement(
    "unfinished_provider_removals",
    select(_t).where(_t.c.phase != RemovalPhase.DONE.value).order_by(_t.c.began, _t.c.id),
)
_ADD = Statement("add_provider_removal", insert(_t))
_SAVE = Statement(
    "save_provider_removal",
    update(_t)
    .where(_IS_THIS, _t.c.version == bindparam("version") - 1)
    .values({name: bindparam(name) for name in _COURSE}),
)


class SQLProviderRemovals:
    """Finds removals of identity providers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, id: str) -> ProviderRemoval | None:
        """Find by id."""
        row = await self._database.fetch_one(_FIND, id=id)
        return None if row is None else _removal(row)

    async def find_latest(self, name: str) -> ProviderRemoval | None:
        """Find the removal that began last of a provider of this short name."""
        row = await self._database.fetch_one(_FIND_LATEST, name=name)
        return None if row is None else _removal(row)

    async def unfinished(self) -> Sequence[ProviderRemoval]:
        """List those that are not done, the oldest first."""
        return [_removal(row) for row in await self._database.fetch(_UNFINISHED)]


def _add(change: AddProviderRemoval) -> list[Write]:
    return [Write(_ADD, _row(change.removal))]


def _save(change: SaveProviderRemoval) -> list[Write]:
    """Keep how far it has come, beside what was done to a person: two workers never count one person twice."""
    row = _row(change.removal)
    values = {name: row[name] for name in ("id", *_COURSE)}
    return [Write(_SAVE, values, must=1, guard=change.guard)]


RENDERS = {AddProviderRemoval: _add, SaveProviderRemoval: _save}


def _row(removal: ProviderRemoval) -> dict[str, Any]:
    return {
        "id": removal.id,
        "idp": removal.idp,
        "name": removal.name,
        "began": to_micros(removal.began),
        "phase": removal.phase.value,
        "version": removal.version,
        "record": _RECORD.encode(removal),
    }


def _removal(row: Row) -> ProviderRemoval:
    return _RECORD.decode(row["record"])
