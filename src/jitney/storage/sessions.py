"""Sessions: the browsers that are signed in; ``session_endings.py`` ends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddSession, RequireSession, TouchSession
from jitney.model.factor import FactorKind
from jitney.model.session import LocalPerson, Person, Session
from jitney.storage.codec import Codec
from jitney.storage.tables import sessions as _t
from jitney.storage.vault import Place, Vault

MOST_LISTED = 100
"""How many sessions of one person are listed at most (R-151)."""

_PERSON: Codec[Person] = Codec(Person)
_AMR: Codec[tuple[str, ...]] = Codec(tuple[str, ...])

_IS_THIS = _t.c.id_hash == bindparam("id_hash")
_FIND = Statement("find_session", select(_t).where(_IS_THIS))
OF_USER = Statement(
    "sessions_of_user",
    select(_t)
    .where(_t.c.user_id == bindparam("user_id"))
    .order_by(_t.c.created.desc(), _t.c.id_hash.desc())
    .limit(MOST_LISTED),
)
_REQUIRE = Statement("require_session", select(_t.c.id_hash).where(_IS_THIS).with_for_update(read=True))
_ADD = Statement("add_session", insert(_t))
_TOUCH = Statement(
    "touch_session",
    update(_t)
    .where(_IS_THIS, _t.c.last_seen < bindparam("last_seen"))
    .values(last_seen=bindparam("last_seen")),
)


class SQLSessions:
    """Finds sessions."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def find(self, id_hash: str) -> Session | None:
        """Find a session that was not ended; raises ``Misconfigured`` where its logout hint does not open."""
        row = await self._database.fetch_one(_FIND, id_hash=id_hash)
        return None if row is None else _session(row, self._vault)

    async def of_user(self, user_id: str) -> Sequence[Session]:
        """List the sessions of a user that were not ended, the newest first, at most 100; raises as ``find``."""
        rows = await self._database.fetch(OF_USER, user_id=user_id)
        return [_session(row, self._vault) for row in rows]


def _require(change: RequireSession) -> list[Write]:
    return [Write(_REQUIRE, {"id_hash": change.id_hash}, must=1, guard=change.guard)]


def _touch(change: TouchSession) -> list[Write]:
    return [Write(_TOUCH, {"id_hash": change.id_hash, "last_seen": to_micros(change.last_seen)})]


@dataclass(frozen=True, slots=True)
class SessionWrites:
    """Renders the changes of sessions; needs the vault for what a provider wants to see at the end of one."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {RequireSession: _require, AddSession: self._add, TouchSession: _touch}

    def _add(self, change: AddSession) -> list[Write]:
        return [Write(_ADD, _row(change.session, self.vault))]


def _logout_hint(id_hash: str) -> Place:
    return Place(_t.name, id_hash, "logout_hint")


def _row(session: Session, vault: Vault) -> dict[str, Any]:
    person = session.person
    return {
        "id_hash": session.id_hash,
        "public_id": session.public_id,
        "person": _PERSON.encode(person),
        "user_id": person.user_id if isinstance(person, LocalPerson) else None,
        "authenticated_at": to_micros(session.authenticated_at),
        "created": to_micros(session.created),
        "last_seen": to_micros(session.last_seen),
        "expires": to_micros(session.expires),
        "idp": session.idp,
        "subject": session.subject,
        "upstream_session": session.upstream_session,
        "amr": _AMR.encode(session.amr),
        "acr": session.acr,
        "upstream_name": session.upstream_name,
        "logout_hint": vault.seal_text(_logout_hint(session.id_hash), session.logout_hint),
        "factor": None if session.factor is None else session.factor.value,
    }


def _session(row: Row, vault: Vault) -> Session:
    return Session(
        id_hash=row["id_hash"],
        public_id=row["public_id"],
        person=_PERSON.decode(row["person"]),
        authenticated_at=from_micros(int(row["authenticated_at"])),
        created=from_micros(int(row["created"])),
        last_seen=from_micros(int(row["last_seen"])),
        expires=from_micros(int(row["expires"])),
        idp=row["idp"],
        subject=row["subject"],
        upstream_session=row["upstream_session"],
        amr=_AMR.decode(row["amr"]),
        acr=row["acr"],
        upstream_name=row["upstream_name"],
        logout_hint=vault.open_text(_logout_hint(row["id_hash"]), row["logout_hint"]),
        factor=None if row["factor"] is None else FactorKind(row["factor"]),
    )
