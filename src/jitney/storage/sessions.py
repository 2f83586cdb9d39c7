"""Sessions: the browsers that are signed in, and all ways in which a session ends.

A session that has ended is gone. What was issued under it goes with it: its unredeemed codes are removed
and its token families revoked, after the session's own row was taken, so that a commit which holds the
session (``RequireSession``) has either finished and is seen, or fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.model.changes import (
    AddSession,
    EndSession,
    EndSessionsOfUser,
    EndUpstreamSessions,
    RemoveUser,
    RequireSession,
    TouchSession,
)
from jitney.model.session import LocalPerson, Person, Session
from jitney.storage.codec import Codec
from jitney.storage.tables import account_links as _links
from jitney.storage.tables import codes as _codes
from jitney.storage.tables import consent_receipts as _receipts
from jitney.storage.tables import sessions as _t
from jitney.storage.tables import token_families as _families
from jitney.storage.vault import Place, Vault

_PERSON: Codec[Person] = Codec(Person)
_AMR: Codec[tuple[str, ...]] = Codec(tuple[str, ...])

_IS_THIS = _t.c.id_hash == bindparam("id_hash")
_FIND = Statement("find_session", select(_t).where(_IS_THIS))
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


class _Ending:
    """The statements that end sessions: the rows of some, then what was issued under them."""

    def __init__(self, name: str, sessions: ColumnElement[bool], issued: str, value: Any) -> None:
        self._sessions = Statement(f"end_{name}", delete(_t).where(sessions))
        self._codes = Statement(
            f"drop_codes_of_{name}",
            delete(_codes).where(_codes.c[issued] == value, _codes.c.redeemed.is_(None)),
        )
        self._families = Statement(
            f"revoke_families_of_{name}",
            update(_families)
            .where(_families.c[issued] == value, _families.c.revoked.is_(None))
            .values(revoked=bindparam("at")),
        )

    def writes(self, key: dict[str, Any], at: int) -> list[Write]:
        """Render; ordered, because who waited for a row must look at the tables again."""
        return [
            Write(self._sessions, key, ordered=True),
            Write(self._codes, key, ordered=True),
            Write(self._families, {**key, "at": at}, ordered=True),
        ]


_SESSION = _Ending("session", _IS_THIS, "session", bindparam("id_hash"))
_OF_USER = _Ending("sessions_of_user", _t.c.user_id == bindparam("user_id"), "user_id", bindparam("user_id"))

_UPSTREAM_NAMES = ("subject", "upstream_session", "upstream_name")
"""By what an identity provider may name sessions that it began, in the order in which a change is read."""

_FROM_UPSTREAM: dict[tuple[str, ...], Select[Any]] = {
    names: select(_t.c.id_hash).where(
        _t.c.idp == bindparam("idp"), *(_t.c[name] == bindparam(name) for name in names)
    )
    for number in range(1, len(_UPSTREAM_NAMES) + 1)
    for names in combinations(_UPSTREAM_NAMES, number)
}
_END_UPSTREAM: dict[tuple[str, ...], tuple[Statement, ...]] = {
    names: (
        Statement(
            "drop_codes_of_upstream_sessions",
            delete(_codes).where(_codes.c.session.in_(which), _codes.c.redeemed.is_(None)),
        ),
        Statement(
            "revoke_families_of_upstream_sessions",
            update(_families)
            .where(_families.c.session.in_(which), _families.c.revoked.is_(None))
            .values(revoked=bindparam("at")),
        ),
        Statement("hold_upstream_sessions", which.with_for_update()),
        Statement("end_upstream_sessions", delete(_t).where(_t.c.id_hash.in_(which))),
    )
    for names, which in _FROM_UPSTREAM.items()
}

_REMOVE_OF_USER = [
    Statement(f"remove_{table.name}_of_user", delete(table).where(table.c.user_id == bindparam("user_id")))
    for table in (_links, _t, _codes, _families, _receipts)
]


def _require(change: RequireSession) -> list[Write]:
    return [Write(_REQUIRE, {"id_hash": change.id_hash}, must=1, guard=change.guard)]


def _touch(change: TouchSession) -> list[Write]:
    return [Write(_TOUCH, {"id_hash": change.id_hash, "last_seen": to_micros(change.last_seen)})]


def _end(change: EndSession) -> list[Write]:
    return _SESSION.writes({"id_hash": change.id_hash}, to_micros(change.at))


def _end_of_user(change: EndSessionsOfUser) -> list[Write]:
    return _OF_USER.writes({"user_id": change.user_id}, to_micros(change.at))


def _end_upstream(change: EndUpstreamSessions) -> list[Write]:
    """End what fits every name that is given; a change that names nobody ends nothing (R-056)."""
    named = {name: getattr(change, name) for name in _UPSTREAM_NAMES}
    given = {name: value for name, value in named.items() if value is not None}
    if not given:
        return []
    codes, families, hold, sessions = _END_UPSTREAM[tuple(given)]
    key = {"idp": change.idp, **given}
    return [
        Write(hold, key, ordered=True),
        Write(codes, key, ordered=True),
        Write(families, {**key, "at": to_micros(change.at)}, ordered=True),
        Write(sessions, key, ordered=True),
    ]


def _remove_user(change: RemoveUser) -> list[Write]:
    """Take what a user leaves behind, once nobody can add to it: the user's own row was taken before (R-015)."""
    return [Write(statement, {"user_id": change.user_id}, ordered=True) for statement in _REMOVE_OF_USER]


@dataclass(frozen=True, slots=True)
class SessionWrites:
    """Renders the changes of sessions; needs the vault for what a provider wants to see at the end of one."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {
            RequireSession: _require,
            AddSession: self._add,
            TouchSession: _touch,
            EndSession: _end,
            EndSessionsOfUser: _end_of_user,
            EndUpstreamSessions: _end_upstream,
            RemoveUser: _remove_user,
        }

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
    )
