"""Attempts: what was tried lately, counted by compare-and-set so that no two guesses believe to be the same one."""

from typing import Any

from sqlalchemy import BigInteger, bindparam, func, insert, select, update

from jitney.database.database import Database
from jitney.database.moments import from_micros, to_micros
from jitney.database.statements import Statement, Write
from jitney.model.attempts import LONGEST, AttemptKind, Attempts
from jitney.model.changes import SaveAttempts
from jitney.storage.codec import Codec
from jitney.storage.factor_tables import attempts as _t

_MOMENTS: Codec[tuple[int, ...]] = Codec(tuple[int, ...])

_IS_THIS = (_t.c.key == bindparam("key"), _t.c.kind == bindparam("kind"))
FIND = Statement("find_attempts", select(_t.c.moments, _t.c.version).where(*_IS_THIS))
_ADD = Statement("add_attempts", insert(_t))
_SAVE = Statement(
    "save_attempts",
    update(_t)
    .where(*_IS_THIS, _t.c.version == bindparam("version") - 1)
    .values(
        moments=bindparam("moments"),
        version=bindparam("version"),
        expires=func.coalesce(bindparam("expires", type_=BigInteger), _t.c.expires),
    ),
)
"""Where nothing is left of what was tried, the row still goes when it would have gone."""


class SQLAttempts:
    """Finds what was tried."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, key: str, kind: AttemptKind) -> Attempts:
        """Return the attempts of this kind; with version 0 where there are none."""
        row = await self._database.fetch_one(FIND, key=key, kind=kind.value)
        if row is None:
            return Attempts(key, kind)
        moments = tuple(from_micros(each) for each in _MOMENTS.decode(row["moments"]))
        return Attempts(key, kind, moments, version=row["version"])


def _save(change: SaveAttempts) -> list[Write]:
    """Insert the first, and replace later ones.

    The attack: two hundred guesses at once on two nodes, each of which has read the same count (R-096).
    Each goes on from one version, and a version is written once.
    """
    row = _row(change.attempts)
    if change.attempts.version == 1:
        return [Write(_ADD, {**row, "expires": row["expires"] or 0})]
    return [Write(_SAVE, row, must=1, guard=change.guard)]


RENDERS = {SaveAttempts: _save}


def _row(attempts: Attempts) -> dict[str, Any]:
    last = max(attempts.moments, default=None)
    return {
        "key": attempts.key,
        "kind": attempts.kind.value,
        "moments": _MOMENTS.encode(tuple(to_micros(each) for each in attempts.moments)),
        "version": attempts.version,
        "expires": None if last is None else to_micros(last + LONGEST),
    }
