"""One-time things: ids that may be spent once, and the set-up link of the first operator."""

from sqlalchemy import bindparam, delete, insert, select

from jitney.database.database import Database
from jitney.database.moments import from_micros, to_micros
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddSetupLink, EndSetupLinks, SpendOnce, SpendSetupLink
from jitney.model.secret_hash import hash_secret
from jitney.model.setup_link import SetupLink
from jitney.storage.tables import setup_links as _links
from jitney.storage.tables import spent_once as _t

_SPEND = Statement("spend_once", insert(_t))

_IS_LINK = _links.c.token_hash == bindparam("token_hash")
_FIND_LINK = Statement("find_setup_link", select(_links).where(_IS_LINK))
_ADD_LINK = Statement("add_setup_link", insert(_links))
_FORGET_LINKS = Statement("forget_setup_links", delete(_links))
_SPEND_LINK = Statement(
    "spend_setup_link", delete(_links).where(_IS_LINK, _links.c.expires > bindparam("at"))
)


class SQLSetupLinks:
    """Finds the set-up link."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, token_hash: str) -> SetupLink | None:
        """Find an unspent link."""
        row = await self._database.fetch_one(_FIND_LINK, token_hash=token_hash)
        if row is None:
            return None
        return SetupLink(
            token_hash=row["token_hash"],
            created=from_micros(int(row["created"])),
            expires=from_micros(int(row["expires"])),
        )


def _spend(change: SpendOnce) -> list[Write]:
    """Insert under the hash of kind and id: somebody else chose the id, and it may be of any length."""
    key = hash_secret(f"{change.kind}\n{change.id}")
    row = {"id_hash": key, "kind": change.kind, "expires": to_micros(change.expires)}
    return [Write(_SPEND, row)]


def _add_link(change: AddSetupLink) -> list[Write]:
    link = change.link
    row = {
        "token_hash": link.token_hash,
        "created": to_micros(link.created),
        "expires": to_micros(link.expires),
    }
    return [Write(_FORGET_LINKS, {}), Write(_ADD_LINK, row)]


def _spend_link(change: SpendSetupLink) -> list[Write]:
    key = {"token_hash": change.token_hash, "at": to_micros(change.at)}
    return [Write(_SPEND_LINK, key, must=1, guard=change.guard)]


def _end_links(_change: EndSetupLinks) -> list[Write]:
    return [Write(_FORGET_LINKS, {})]


RENDERS = {
    SpendOnce: _spend,
    AddSetupLink: _add_link,
    SpendSetupLink: _spend_link,
    EndSetupLinks: _end_links,
}
