"""User stores: the stores beside PRIMARY that operators configured, their secrets sealed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.errors import Misconfigured
from jitney.model.changes import AddUserStore, RemoveUserStore, RequireUserStore, SaveUserStore
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import (
    LDAPConnection,
    OwnDatabase,
    SQLConnection,
    StoreConnection,
    UserStoreRecord,
)
from jitney.ports import KnownUser
from jitney.storage import known_users
from jitney.storage.codec import Codec
from jitney.storage.tables import user_stores as _t
from jitney.storage.vault import Place, Vault

_DESCRIPTION: Codec[UserStoreDescription] = Codec(UserStoreDescription)
_CONNECTIONS: Mapping[str, Codec[Any]] = {
    "ldap": Codec(LDAPConnection),
    "sql": Codec(SQLConnection),
    "own": Codec(OwnDatabase),
}
"""By kind, which has a column of its own: the kinds share fields, and could not be told apart by those."""

_COLUMNS = tuple(column.name for column in _t.c)
_IS_THIS = (_t.c.id == bindparam("id"), _t.c.domain == bindparam("domain"))
_FIND = Statement("find_user_store", select(_t).where(_t.c.domain == bindparam("domain")))
_LIST = Statement("list_user_stores", select(_t).order_by(_t.c.domain))
_REQUIRE = Statement(
    "require_user_store",
    select(_t.c.id)
    .where(_t.c.domain == bindparam("domain"), _t.c.version == bindparam("version"), _t.c.enabled.is_(True))
    .with_for_update(read=True),
)
_ADD = Statement("add_user_store", insert(_t))
_SAVE = Statement(
    "save_user_store",
    update(_t)
    .where(*_IS_THIS, _t.c.version == bindparam("version") - 1)
    .values({name: bindparam(name) for name in _COLUMNS if name not in {"id", "domain"}}),
)
_REMOVE = Statement("remove_user_store", delete(_t).where(*_IS_THIS, _t.c.version == bindparam("version")))


class SQLUserStoreRecords:
    """Finds user stores; ``remembered.py`` keeps the answers for a moment.

    A record whose row has not changed is the very same object again, so that whoever keeps something for a record
    can tell by identity that it still serves.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._read: dict[str, tuple[tuple[object, ...], UserStoreRecord]] = {}

    async def find(self, domain: str) -> UserStoreRecord | None:
        """Find by domain, compared without case; raises ``Misconfigured`` (``user_store_kind_unknown``)."""
        row = await self._database.fetch_one(_FIND, domain=domain.upper())
        return None if row is None else self._understand(row)

    async def list(self) -> Sequence[UserStoreRecord]:
        """List all, by domain; raises ``Misconfigured`` (``user_store_kind_unknown``)."""
        return [self._understand(row) for row in await self._database.fetch(_LIST)]

    async def count_users(self, domain: str) -> int:
        """Count the users of a domain of whom we keep a record."""
        row = await self._database.fetch_one(known_users.COUNT, domain=domain.upper())
        return 0 if row is None else int(row[0])

    async def known_users(self, domain: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        """List the users of a domain of whom we keep a record by id, from behind ``after``; at most 100.

        Those of PRIMARY, which is no managed store, are not listed.
        """
        bounded = max(0, min(limit, known_users.MOST_ON_A_PAGE))
        rows = await self._database.fetch(known_users.PAGE, domain=domain.upper(), after=after, limit=bounded)
        return [known_users.known_user(row) for row in rows]

    async def users_of_origin(self, idp: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        """List the users whom an identity provider has provisioned, of any domain, by id; at most 500."""
        bounded = max(0, min(limit, known_users.MOST_OF_AN_ORIGIN))
        rows = await self._database.fetch(known_users.PAGE_OF_ORIGIN, idp=idp, after=after, limit=bounded)
        return [known_users.known_user(row) for row in rows]

    async def users_of_role(self, role: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        """List the users who hold a role, of any domain, by id; at most 100."""
        bounded = max(0, min(limit, known_users.MOST_ON_A_PAGE))
        rows = await self._database.fetch(known_users.PAGE_OF_ROLE, role=role, after=after, limit=bounded)
        return [known_users.known_user(row) for row in rows]

    async def users_of_ids(self, ids: Collection[str]) -> Sequence[KnownUser]:
        """List those of these users of whom we keep a record, in one query; at most 100 are looked up."""
        rows = await self._database.fetch(known_users.OF_IDS, **known_users.places_of(ids)) if ids else ()
        return [known_users.known_user(row) for row in rows]

    def _understand(self, row: Row) -> UserStoreRecord:
        """Decode and unseal a row, unless it is the very row of the last time."""
        columns = tuple(row[name] for name in _COLUMNS)
        known = self._read.get(row["id"])
        if known is not None and known[0] == columns:
            return known[1]
        record = _record(row, self._vault)
        self._read[record.id] = (columns, record)
        return record


@dataclass(frozen=True, slots=True)
class UserStoreWrites:
    """Renders the changes of user stores; needs the vault for their secrets."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {
            RequireUserStore: _require,
            AddUserStore: self._add,
            SaveUserStore: self._save,
            RemoveUserStore: _remove,
        }

    def _add(self, change: AddUserStore) -> list[Write]:
        return [Write(_ADD, _row(change.store, self.vault))]

    def _save(self, change: SaveUserStore) -> list[Write]:
        return [Write(_SAVE, _row(change.store, self.vault), must=1, guard=change.guard)]


def _require(change: RequireUserStore) -> list[Write]:
    """Hold the row until the commit.

    The attack: an operator has switched a store off, or has sent it to another host, and a sign-in that had read it
    before makes its person there all the same (R-021, P-7).
    """
    key = {"domain": change.domain, "version": change.version}
    return [Write(_REQUIRE, key, must=1, guard=change.guard)]


def _remove(change: RemoveUserStore) -> list[Write]:
    """Take the row first: then no new user can come while we look for one, since each requires the row."""
    key = {"id": change.id, "domain": change.domain, "version": change.version}
    return [Write(_REMOVE, key, must=1, guard=change.guard), known_users.none_of(change.domain)]


def _secret(id: str) -> Place:
    return Place(_t.name, id, "secret")


def _row(record: UserStoreRecord, vault: Vault) -> dict[str, Any]:
    kind, bare = _kind_and_bare(record.connection)
    return {
        "id": record.id,
        "domain": record.description.domain,
        "enabled": record.description.enabled,
        "version": record.version,
        "kind": kind,
        "description": _DESCRIPTION.encode(record.description),
        "connection": _CONNECTIONS[kind].encode(bare),
        "note": record.note,
        "secret": vault.seal_text(_secret(record.id), record.secret),
    }


def _kind_and_bare(connection: StoreConnection) -> tuple[str, StoreConnection]:
    """Return the name of the kind, and the connection without what is sealed."""
    match connection:
        case LDAPConnection():
            return "ldap", replace(connection, bind_password=None)
        case SQLConnection():
            return "sql", replace(connection, password=None)
        case OwnDatabase():
            return "own", connection


def _record(row: Row, vault: Vault) -> UserStoreRecord:
    """Return the record; its version is said by the column alone, also in the description that a verb requires."""
    version = int(row["version"])
    return UserStoreRecord(
        id=row["id"],
        description=replace(_DESCRIPTION.decode(row["description"]), version=version),
        connection=_connection(row, vault.open_text(_secret(row["id"]), row["secret"])),
        note=row["note"],
        version=version,
    )


def _connection(row: Row, secret: str | None) -> StoreConnection:
    codec = _CONNECTIONS.get(row["kind"])
    if codec is None:
        raise Misconfigured(
            "user_store_kind_unknown",
            "A user store is of a kind that is unknown here.",
            path=f"user_stores.{row['domain']}",
        )
    connection: StoreConnection = codec.decode(row["connection"])
    match connection:
        case LDAPConnection():
            return replace(connection, bind_password=secret)
        case SQLConnection():
            return replace(connection, password=secret)
        case OwnDatabase():
            return connection
