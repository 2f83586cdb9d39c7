"""Session endings: all ways in which sessions end, with what was issued under them.

A session that has ended is gone. What was issued under it goes with it: its unredeemed codes are removed
and its token families revoked, after the session's own row was taken, so that a commit which holds the
session (``RequireSession``) has either finished and is seen, or fails.
"""

from itertools import combinations
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from jitney.database.moments import to_micros
from jitney.database.statements import Statement, Write
from jitney.model.changes import EndSession, EndSessionsOfProvider, EndSessionsOfUser, EndUpstreamSessions
from jitney.storage.tables import codes as _codes
from jitney.storage.tables import sessions as _t
from jitney.storage.tables import token_families as _families

_IS_THIS = _t.c.id_hash == bindparam("id_hash")


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


def _issued_by(table: Table, dialect: str) -> ColumnElement[bool]:
    """Narrow to what was issued to people of a provider, also where the session has long been swept away.

    It stands in JSON, so all rows are looked at: providers are switched off or removed rarely.
    """
    if dialect == "sqlite":
        idp: ColumnElement[Any] = func.json_extract(table.c.authentication, literal_column("'$.idp'"))
    else:
        idp = cast(table.c.authentication, postgresql.JSON).op("->>", return_type=Text())(
            literal_column("'idp'")
        )
    return idp == bindparam("idp")


def _dropping_codes(dialect: str) -> Any:
    return delete(_codes).where(_codes.c.redeemed.is_(None), _issued_by(_codes, dialect))


def _revoking_families(dialect: str) -> Any:
    mine = update(_families).where(_families.c.revoked.is_(None), _issued_by(_families, dialect))
    return mine.values(revoked=bindparam("at"))


_OF_PROVIDER = Statement("end_sessions_of_provider", delete(_t).where(_t.c.idp == bindparam("idp")))
_CODES_OF_PROVIDER = Statement(
    "drop_codes_of_provider", _dropping_codes("sqlite"), postgresql=_dropping_codes("postgresql")
)
_FAMILIES_OF_PROVIDER = Statement(
    "revoke_families_of_provider", _revoking_families("sqlite"), postgresql=_revoking_families("postgresql")
)


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


def _end_of_provider(change: EndSessionsOfProvider) -> list[Write]:
    """End all that a provider began: whoever came by it is nobody from then on (P-7)."""
    key = {"idp": change.idp}
    return [
        Write(_OF_PROVIDER, key, ordered=True),
        Write(_CODES_OF_PROVIDER, key, ordered=True),
        Write(_FAMILIES_OF_PROVIDER, {**key, "at": to_micros(change.at)}, ordered=True),
    ]


RENDERS = {
    EndSession: _end,
    EndSessionsOfUser: _end_of_user,
    EndUpstreamSessions: _end_upstream,
    EndSessionsOfProvider: _end_of_provider,
}
