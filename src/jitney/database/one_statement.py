"""One commit as one statement of PostgreSQL: all its writes in one round trip, atomic by nature.

    WITH w1 AS (INSERT … RETURNING 1), w2 AS (UPDATE … RETURNING 1)
    SELECT (SELECT count(*) FROM w1), jitney_require((SELECT count(*) FROM w2) = 1, 'guard')

The answer's columns are worked out from left to right and each draws its own write, so writes happen in their
order, and the first that fails names the fault, as it does on SQLite.
All writes see the same snapshot, however: a commit in which one must see what another did is carried out step
by step instead (``needs_order``).
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

from jitney.database.statements import Statement, Write

ShapeKey = tuple[tuple[Statement, int | None, str, bool | None], ...]


class Shape(NamedTuple):
    """What commits of the same statements share: one SQL for all, or ``None`` when they need their order."""

    sql: str | None


class Shapes:
    """The shapes met so far, ``limit`` at most: the oldest is forgotten first."""

    def __init__(self, limit: int = 512) -> None:
        self._limit = limit
        self._shapes: dict[ShapeKey, Shape] = {}

    def of(self, writes: Sequence[Write]) -> Shape:
        """The shape of a commit; built at the first time."""
        key: ShapeKey = tuple((w.statement, w.must, w.guard, w.ordered) for w in writes)
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= self._limit:
                del self._shapes[next(iter(self._shapes))]
            shape = self._shapes[key] = Shape(None if needs_order(writes) else _one_statement(writes))
        return shape


def arguments_of(writes: Sequence[Write]) -> list[Any]:
    """The values of all writes, in the order of the placeholders."""
    values: list[Any] = []
    for write in writes:
        values += write.statement.compiled_for("postgresql").arguments(write.parameters)
    return values


def needs_order(writes: Sequence[Write]) -> bool:
    """Say whether the writes must be carried out one after the other.

    In one statement two writes cannot touch the same row: the second is silently lost.
    So it is assumed whenever a table that one writes is met by another, unless both only insert into it.
    """
    if any(write.ordered for write in writes):
        return True
    judged = [write.statement for write in writes if write.ordered is None]
    return any(_meet(one, other) for one, other in combinations(judged, 2))


def _meet(one: Statement, other: Statement) -> bool:
    if one.only_inserts and other.only_inserts and one.writes_to == other.writes_to:
        return len(one.tables) > 1 or len(other.tables) > 1
    return one.writes_to in other.tables or other.writes_to in one.tables


def _one_statement(writes: Sequence[Write]) -> str:
    parts: list[str] = []
    columns: list[str] = []
    position = 0
    for number, write in enumerate(writes, 1):
        compiled = write.statement.compiled_for("postgresql")
        names = compiled.names
        body = compiled.template % {name: f"${position + i}" for i, name in enumerate(names, 1)}
        position += len(names)
        parts.append(f"w{number} AS MATERIALIZED ({body}{'' if compiled.returns_rows else ' RETURNING 1'})")
        columns.append(_column(number, write))
    return f"WITH {', '.join(parts)} SELECT {', '.join(columns)}"


def _column(number: int, write: Write) -> str:
    count = f"(SELECT count(*) FROM w{number:d})"  # noqa: S608
    if write.must is None:
        return count
    guard = write.what.replace("'", "''")
    return f"jitney_require({count} = {int(write.must)}, '{guard}')"
