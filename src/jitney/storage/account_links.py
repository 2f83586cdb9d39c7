"""Account links: (identity provider, exact subject) ↔ user."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, func, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.statements import Statement, Write
from jitney.errors import InvalidInput
from jitney.model.account_link import AccountLink, LinkedBy
from jitney.model.changes import AddAccountLink, RemoveAccountLink, RequireAccountLink, WithholdAttributes
from jitney.storage.codec import Codec
from jitney.storage.tables import account_links as _t

LONGEST_SUBJECT = 1024
"""In bytes; OpenID Connect allows 255, a SAML persistent identifier 256 (an index of PostgreSQL holds 2,700)."""

MOST_ON_A_PAGE = 500
"""How many links of a provider one page returns at most (R-151)."""

_NAMES: Codec[tuple[str, ...]] = Codec(tuple[str, ...])

_IS_KEY = (_t.c.idp == bindparam("idp"), _t.c.subject == bindparam("subject"))
_FIND = Statement("find_account_link", select(_t).where(*_IS_KEY))
_OF_USER = Statement(
    "account_links_of_user",
    select(_t).where(_t.c.user_id == bindparam("user_id")).order_by(_t.c.idp, _t.c.subject),
)
_COUNT = Statement("count_account_links", select(func.count()).where(_t.c.idp == bindparam("idp")))
PAGE_OF = Statement(
    "page_of_account_links",
    select(_t)
    .where(_t.c.idp == bindparam("idp"), _t.c.subject > bindparam("after"))
    .order_by(_t.c.subject)
    .limit(bindparam("limit", type_=BigInteger)),
)
_ADD = Statement("add_account_link", insert(_t))
_OPENS = _t.c.user_id == bindparam("user_id")
_REMOVE = Statement("remove_account_link", delete(_t).where(*_IS_KEY, _OPENS))
_REQUIRE = Statement(
    "require_account_link", select(_t.c.idp).where(*_IS_KEY, _OPENS).with_for_update(read=True)
)
_WITHHOLD = Statement("withhold_attributes", update(_t).where(_OPENS).values(withheld=bindparam("withheld")))


class SQLAccountLinks:
    """Finds links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, idp: str, subject: str) -> AccountLink | None:
        """Find the link of exactly this key."""
        row = await self._database.fetch_one(_FIND, idp=idp, subject=subject)
        return None if row is None else _link(row)

    async def of_user(self, user_id: str) -> Sequence[AccountLink]:
        """List the links that open a user, by provider and subject."""
        return [_link(row) for row in await self._database.fetch(_OF_USER, user_id=user_id)]

    async def count_of(self, idp: str) -> int:
        """Count the links of an identity provider."""
        row = await self._database.fetch_one(_COUNT, idp=idp)
        return 0 if row is None else int(row[0])

    async def page_of(self, idp: str, *, after: str = "", limit: int = 100) -> Sequence[AccountLink]:
        """List the links of an identity provider by subject, from behind ``after``; at most 500."""
        bounded = max(0, min(limit, MOST_ON_A_PAGE))
        return [
            _link(row) for row in await self._database.fetch(PAGE_OF, idp=idp, after=after, limit=bounded)
        ]


def _add(change: AddAccountLink) -> list[Write]:
    """Insert; the primary key is what makes a federated key open one user only (R-001)."""
    if len(change.link.subject.encode(errors="replace")) > LONGEST_SUBJECT:
        raise InvalidInput("subject_too_long", "The identifier of this person is too long to be kept.")
    return [Write(_ADD, _row(change.link))]


def _remove(change: RemoveAccountLink) -> list[Write]:
    link = change.link
    key = {"idp": link.idp, "subject": link.subject, "user_id": link.user_id}
    return [Write(_REMOVE, key, must=1, guard=change.guard)]


def _require(change: RequireAccountLink) -> list[Write]:
    """Hold the row until the commit, so that who takes the link away waits, or was first."""
    key = {"idp": change.idp, "subject": change.subject, "user_id": change.user_id}
    return [Write(_REQUIRE, key, must=1, guard=change.guard)]


def _withhold(change: WithholdAttributes) -> list[Write]:
    """Say it on every link: whichever way the person comes next, what they declined is not written."""
    row = {"user_id": change.user_id, "withheld": _names(change.attributes)}
    return [Write(_WITHHOLD, row)]


RENDERS = {
    AddAccountLink: _add,
    RemoveAccountLink: _remove,
    RequireAccountLink: _require,
    WithholdAttributes: _withhold,
}


def _row(link: AccountLink) -> dict[str, Any]:
    return {
        "idp": link.idp,
        "subject": link.subject,
        "user_id": link.user_id,
        "domain": link.domain,
        "created": to_micros(link.created),
        "linked_by": link.linked_by.value,
        "anchor": link.anchor,
        "withheld": _names(link.withheld),
    }


def _link(row: Row) -> AccountLink:
    return AccountLink(
        idp=row["idp"],
        subject=row["subject"],
        user_id=row["user_id"],
        domain=row["domain"],
        created=from_micros(int(row["created"])),
        linked_by=LinkedBy(row["linked_by"]),
        anchor=row["anchor"],
        withheld=_NAMES.decode_or_null(row["withheld"]) or (),
    )


def _names(names: tuple[str, ...]) -> str | None:
    return _NAMES.encode(names) if names else None
