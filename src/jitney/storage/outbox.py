"""Outbox: letters that wait until a mail server has taken them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, delete, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddMail, PostponeMail, RemoveMail
from jitney.model.mail import Mail
from jitney.storage.codec import Codec
from jitney.storage.tables import outbox as _t

MOST_LETTERS = 1000
"""How many letters one listing returns at most (R-151)."""

_RECORD: Codec[Mail] = Codec(Mail)

_IS_THIS = _t.c.id == bindparam("id")
_DUE = Statement(
    "due_mail",
    select(_t.c.due, _t.c.tries, _t.c.record)
    .where(_t.c.due <= bindparam("now"))
    .order_by(_t.c.due, _t.c.created, _t.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
_ADD = Statement("add_mail", insert(_t))
_POSTPONE = Statement(
    "postpone_mail", update(_t).where(_IS_THIS).values(due=bindparam("due"), tries=bindparam("tries"))
)
_REMOVE = Statement("remove_mail", delete(_t).where(_IS_THIS))


class SQLOutbox:
    """Finds the letters that shall be tried."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, *, limit: int = 20) -> Sequence[Mail]:
        """List the letters that shall be tried now, the longest due first."""
        bounded = max(0, min(limit, MOST_LETTERS))
        return [_mail(row) for row in await self._database.fetch(_DUE, now=to_micros(now), limit=bounded)]


def _add(change: AddMail) -> list[Write]:
    mail = change.mail
    row = {
        "id": mail.id,
        "created": to_micros(mail.created),
        "due": to_micros(mail.due),
        "tries": mail.tries,
        "record": _RECORD.encode(mail),
    }
    return [Write(_ADD, row)]


def _postpone(change: PostponeMail) -> list[Write]:
    return [Write(_POSTPONE, {"id": change.id, "due": to_micros(change.due), "tries": change.tries})]


def _remove(change: RemoveMail) -> list[Write]:
    return [Write(_REMOVE, {"id": change.id})]


RENDERS = {AddMail: _add, PostponeMail: _postpone, RemoveMail: _remove}


def _mail(row: Row) -> Mail:
    """Return the letter; when it is due next, and how often it was tried, is said by the columns alone."""
    mail = _RECORD.decode(row["record"])
    return replace(mail, due=from_micros(int(row["due"])), tries=int(row["tries"]))
