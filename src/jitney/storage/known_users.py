"""Known users: what the records of user stores ask of the users' table, whose room is a neighbour.

This room may not import that one; so the few columns that are read here are named once more.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import BigInteger, MetaData, Table, bindparam, func, select
from sqlalchemy import text as sql_text

from jitney.database.columns import count, text
from jitney.database.database import Row
from jitney.database.statements import Statement, Write
from jitney.model.user import PRIMARY, UserState
from jitney.ports import KnownUser

MOST_ON_A_PAGE = 100
MOST_OF_AN_ORIGIN = 500
MOST_IDS = 100

USERS_GUARD: Final = "user_store_users"
"""The guard of a removal that met users."""

_users = Table(
    "users", MetaData(),
    text("id", key=True), text("domain"), text("name"), text("state"), count("version"), text("origin"),
)  # fmt: skip

_grants = Table("user_grants", MetaData(), text("user_id"), text("kind"), text("name"))

_KNOWN = (_users.c.id, _users.c.name, _users.c.version, _users.c.state, _users.c.domain)
_OF_DOMAIN = _users.c.domain == bindparam("domain")
_BESIDE_PRIMARY = sql_text(f"users.domain <> '{PRIMARY}'")
"""Said as the index says it, which PRIMARY does not pay for."""

COUNT = Statement("count_known_users", select(func.count()).select_from(_users).where(_OF_DOMAIN))
PAGE = Statement(
    "page_of_known_users",
    select(*_KNOWN)
    .where(_OF_DOMAIN, _BESIDE_PRIMARY, _users.c.id > bindparam("after"))
    .order_by(_users.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
PAGE_OF_ORIGIN = Statement(
    "page_of_users_of_origin",
    select(*_KNOWN)
    .where(_users.c.origin == bindparam("idp"), _users.c.id > bindparam("after"))
    .order_by(_users.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
PAGE_OF_ROLE = Statement(
    "page_of_users_of_role",
    select(*_KNOWN)
    .where(
        _users.c.id.in_(
            select(_grants.c.user_id).where(_grants.c.kind == "role", _grants.c.name == bindparam("role"))
        ),
        _users.c.id > bindparam("after"),
    )
    .order_by(_users.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
OF_IDS = Statement(
    "users_of_ids", select(*_KNOWN).where(_users.c.id.in_([bindparam(f"id_{n}") for n in range(MOST_IDS)]))
)
"""Drivers take no lists: there is a place for each id, and those that are not needed name nobody."""
_ANY = Statement("any_known_user", select(_users.c.id).where(_OF_DOMAIN).limit(1))


def places_of(ids: Collection[str]) -> dict[str, str]:
    """Return the parameters of ``OF_IDS``; what is beyond ``MOST_IDS`` is left out."""
    few = sorted(ids)[:MOST_IDS]
    return {f"id_{n}": few[n] if n < len(few) else "" for n in range(MOST_IDS)}


def known_user(row: Row) -> KnownUser:
    """Return the user of a row."""
    return KnownUser(row["id"], row["name"], row["version"], UserState(row["state"]), row["domain"])


def none_of(domain: str) -> Write:
    """Go on only while no user is of this domain; sees what was done before in the same commit and by others."""
    return Write(_ANY, {"domain": domain}, must=0, guard=USERS_GUARD, ordered=True)
