"""Consent receipts: what people said to the purposes; they go with their user."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from jitney.database.database import Database
from jitney.database.moments import to_micros
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddConsentReceipt, SaveConsentReceipt
from jitney.model.consent import ConsentReceipt
from jitney.storage.codec import Codec
from jitney.storage.tables import consent_receipts as _t

MOST_RECEIPTS = 100
"""How many receipts of one user are listed at most (R-151)."""

_RECORD: Codec[ConsentReceipt] = Codec(ConsentReceipt)

_FIND = Statement("find_consent_receipt", select(_t.c.record).where(_t.c.id == bindparam("id")))
_OF_USER = Statement(
    "consent_receipts_of_user",
    select(_t.c.record)
    .where(_t.c.user_id == bindparam("user_id"))
    .order_by(_t.c.given.desc(), _t.c.id.desc())
    .limit(MOST_RECEIPTS),
)
_ADD = Statement("add_consent_receipt", insert(_t))
_SAVE = Statement(
    "save_consent_receipt",
    update(_t)
    .where(_t.c.id == bindparam("id"), _t.c.version == bindparam("version") - 1)
    .values({name: bindparam(name) for name in ("user_id", "given", "version", "record")}),
)


class SQLConsentReceipts:
    """Finds receipts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, id: str) -> ConsentReceipt | None:
        """Find by id."""
        row = await self._database.fetch_one(_FIND, id=id)
        return None if row is None else _RECORD.decode(row["record"])

    async def of_user(self, user_id: str) -> Sequence[ConsentReceipt]:
        """List the receipts of a user, newest first, at most 100."""
        return [
            _RECORD.decode(row["record"]) for row in await self._database.fetch(_OF_USER, user_id=user_id)
        ]


def _add(change: AddConsentReceipt) -> list[Write]:
    return [Write(_ADD, _row(change.receipt))]


def _save(change: SaveConsentReceipt) -> list[Write]:
    return [Write(_SAVE, _row(change.receipt), must=1, guard=change.guard)]


RENDERS = {AddConsentReceipt: _add, SaveConsentReceipt: _save}


def _row(receipt: ConsentReceipt) -> dict[str, Any]:
    return {
        "id": receipt.id,
        "user_id": receipt.user_id,
        "given": to_micros(receipt.given),
        "version": receipt.version,
        "record": _RECORD.encode(receipt),
    }
