"""Identity locks: who is locked out by what a provider calls them, whether or not there is an account here."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, cast, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.statements import Statement, Write
from jitney.errors import InvalidInput
from jitney.model.changes import RemoveIdentityLock, SaveIdentityLock
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.model.user import Lock
from jitney.storage.account_links import LONGEST_SUBJECT
from jitney.storage.codec import Codec
from jitney.storage.factor_tables import identity_locks as _t

MOST_LOCKS = 500
"""How many locks one listing returns at most (R-151)."""

_EMAILS: Codec[tuple[str, ...]] = Codec(tuple[str, ...])

_OF_IDP = _t.c.idp == bindparam("idp")
_KEY = (_OF_IDP, _t.c.locked_by == bindparam("locked_by"), _t.c.value == bindparam("value"))
_ANY = Statement("any_identity_lock", select(_t.c.idp).where(_OF_IDP).limit(1))
_OF_PROVIDER = Statement(
    "identity_locks_of_provider",
    select(_t)
    .where(_OF_IDP)
    .order_by(_t.c.since.desc(), _t.c.locked_by, _t.c.value)
    .limit(bindparam("limit", type_=BigInteger)),
)


def _of_identity(dialect: str) -> Select[Any]:
    """Narrow to the locks on one subject and on the addresses of a JSON list, by the primary key."""
    given = bindparam("emails", type_=Text)
    if dialect == "sqlite":
        emails = func.json_each(given).table_valued("value", name="given")
    else:
        emails = func.json_array_elements_text(cast(given, postgresql.JSON)).table_valued(
            "value", name="given"
        )
    is_subject = (_t.c.locked_by == LockedBy.SUBJECT.value) & (_t.c.value == bindparam("subject", type_=Text))
    is_email = (_t.c.locked_by == LockedBy.EMAIL.value) & _t.c.value.in_(select(emails.c.value))
    whose: ColumnElement[bool] = or_(is_subject, is_email)
    return select(_t).where(_OF_IDP, whose).order_by(_t.c.locked_by, _t.c.value)


_OF_IDENTITY = Statement(
    "identity_locks_of_identity", _of_identity("sqlite"), postgresql=_of_identity("postgresql")
)
_NEW = {name: bindparam(name) for name in ("reason", "since", "until")}
_ROW = {**{name: bindparam(name) for name in ("idp", "locked_by", "value")}, **_NEW}
_BY_KEY = ["idp", "locked_by", "value"]
_SAVE = Statement(
    "save_identity_lock",
    sqlite.insert(_t).values(_ROW).on_conflict_do_update(index_elements=_BY_KEY, set_=_NEW),
    postgresql=postgresql.insert(_t).values(_ROW).on_conflict_do_update(index_elements=_BY_KEY, set_=_NEW),
)
_REMOVE = Statement("remove_identity_lock", delete(_t).where(*_KEY))

LOOK_UPS = (_ANY, _OF_IDENTITY, _OF_PROVIDER)
"""What is asked on the way of a sign-in, and by operators."""


class SQLIdentityLocks:
    """Finds locks on social identities; ``remembered.py`` keeps for a moment whether there are any."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def any_of(self, idp: str) -> bool:
        """Say whether anybody of this provider is locked."""
        return await self._database.fetch_one(_ANY, idp=idp) is not None

    async def of_identity(
        self, idp: str, *, subject: str | None, emails: Sequence[str]
    ) -> Sequence[IdentityLock]:
        """List the locks, expired or not, on this subject and on these addresses, which are folded already.

        Raises ``InvalidInput`` (``value_not_storable``) for an address that no lock can name.
        """
        rows = await self._database.fetch(
            _OF_IDENTITY, idp=idp, subject=subject, emails=_EMAILS.encode(tuple(emails))
        )
        return [_lock(row) for row in rows]

    async def of_provider(self, idp: str, *, limit: int = 100) -> Sequence[IdentityLock]:
        """List the locks of a provider's people, the newest first; at most 500."""
        bounded = max(0, min(limit, MOST_LOCKS))
        return [_lock(row) for row in await self._database.fetch(_OF_PROVIDER, idp=idp, limit=bounded)]


def _save(change: SaveIdentityLock) -> list[Write]:
    """Insert, or replace what stands on the same identity; whoever is named by more than a link holds is nobody."""
    if len(change.lock.value.encode(errors="replace")) > LONGEST_SUBJECT:
        raise InvalidInput("subject_too_long", "The identifier of this person is too long to be kept.")
    return [Write(_SAVE, _row(change.lock))]


def _remove(change: RemoveIdentityLock) -> list[Write]:
    key = {"idp": change.idp, "locked_by": change.locked_by.value, "value": change.value}
    return [Write(_REMOVE, key)]


RENDERS = {SaveIdentityLock: _save, RemoveIdentityLock: _remove}


def _row(locked: IdentityLock) -> dict[str, Any]:
    return {
        "idp": locked.idp,
        "locked_by": locked.locked_by.value,
        "value": locked.value,
        "reason": locked.lock.reason,
        "since": to_micros(locked.lock.since),
        "until": to_micros(locked.lock.until),
    }


def _lock(row: Row) -> IdentityLock:
    return IdentityLock(
        idp=row["idp"],
        locked_by=LockedBy(row["locked_by"]),
        value=row["value"],
        lock=Lock(row["reason"], from_micros(int(row["since"])), from_micros(row["until"])),
    )
