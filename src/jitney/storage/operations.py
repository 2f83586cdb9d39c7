"""Operations: writes to stores outside our database that are under way, or that are watched."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddOperation, CloseOperation, SaveOperation
from jitney.model.operation import Operation, OperationKind, OperationState
from jitney.storage.tables import operations as _t

MOST_OPERATIONS = 1000
"""How many operations one listing returns at most (R-151)."""

_COURSE = ("lease_until", "state", "fence", "expires")
"""What changes on an operation; what it is about stays as it was kept before the store was asked."""

_IS_THIS = _t.c.id == bindparam("id")
_OF_USER = Statement("operation_of_user", select(_t).where(_t.c.user_id == bindparam("user_id")))
_DUE = Statement(
    "due_operations",
    select(_t)
    .where(_t.c.lease_until <= bindparam("now"))
    .order_by(_t.c.lease_until, _t.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
_ADD = Statement("add_operation", insert(_t))
_SAVE = Statement(
    "save_operation",
    update(_t)
    .where(_IS_THIS, _t.c.fence == bindparam("fence") - 1)
    .values({name: bindparam(name) for name in _COURSE}),
)
_CLOSE = Statement("close_operation", delete(_t).where(_IS_THIS, _t.c.fence == bindparam("fence")))


class SQLOperations:
    """Finds operations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_user(self, user_id: str) -> Operation | None:
        """Find the operation on a user."""
        row = await self._database.fetch_one(_OF_USER, user_id=user_id)
        return None if row is None else _operation(row)

    async def due(self, now: datetime, *, limit: int = 20) -> Sequence[Operation]:
        """List those that nobody holds any more, and the given up ones to look at; longest due first."""
        bounded = max(0, min(limit, MOST_OPERATIONS))
        return [
            _operation(row) for row in await self._database.fetch(_DUE, now=to_micros(now), limit=bounded)
        ]


def _add(change: AddOperation) -> list[Write]:
    """Insert; that a user has one operation is what keeps two from working on one entry."""
    return [Write(_ADD, _row(change.operation))]


def _save(change: SaveOperation) -> list[Write]:
    """Move the fence on.

    The attack on ourselves: a node that was thought dead wakes up and finishes what another has undone meanwhile.
    Its fence is no longer the last one, so it finishes nothing (P-5).
    """
    row = _row(change.operation)
    return [Write(_SAVE, {name: row[name] for name in ("id", *_COURSE)}, must=1, guard=change.guard)]


def _close(change: CloseOperation) -> list[Write]:
    return [Write(_CLOSE, {"id": change.id, "fence": change.fence}, must=1, guard=change.guard)]


RENDERS = {AddOperation: _add, SaveOperation: _save, CloseOperation: _close}


def _row(operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.id,
        "kind": operation.kind.value,
        "user_id": operation.user_id,
        "domain": operation.domain,
        "name": operation.name,
        "began": to_micros(operation.began),
        "lease_until": to_micros(operation.lease_until),
        "actor": operation.actor,
        "reference": operation.reference,
        "state": operation.state.value,
        "fence": operation.fence,
        "expires": to_micros(operation.expires),
    }


def _operation(row: Row) -> Operation:
    return Operation(
        id=row["id"],
        kind=OperationKind(row["kind"]),
        user_id=row["user_id"],
        domain=row["domain"],
        name=row["name"],
        began=from_micros(int(row["began"])),
        lease_until=from_micros(int(row["lease_until"])),
        actor=row["actor"],
        reference=row["reference"],
        state=OperationState(row["state"]),
        fence=row["fence"],
        expires=from_micros(row["expires"]),
    )
