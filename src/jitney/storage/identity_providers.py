"""Identity providers: the upstreams that an operator configured, their secrets sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.model.changes import (
    AddIdentityProvider,
    RemoveIdentityProvider,
    RequireIdentityProvider,
    SaveIdentityProvider,
)
from jitney.model.identity_provider import IdentityProvider
from jitney.storage.codec import Codec
from jitney.storage.tables import account_links as _links
from jitney.storage.tables import identity_providers as _t
from jitney.storage.vault import Place, Vault

_RECORD: Codec[IdentityProvider] = Codec(IdentityProvider)

_COLUMNS = tuple(column.name for column in _t.c)
_IS_THIS = _t.c.id == bindparam("id")
_FIND = Statement("find_identity_provider", select(_t).where(_IS_THIS))
_FIND_BY_NAME = Statement("find_identity_provider_by_name", select(_t).where(_t.c.name == bindparam("name")))
_LIST = Statement("list_identity_providers", select(_t).order_by(_t.c.name))
_REQUIRE = Statement(
    "require_identity_provider",
    select(_t.c.id)
    .where(_IS_THIS, _t.c.version == bindparam("version"), _t.c.enabled.is_(True))
    .with_for_update(read=True),
)
_ADD = Statement("add_identity_provider", insert(_t))
_SAVE = Statement(
    "save_identity_provider",
    update(_t)
    .where(_IS_THIS, _t.c.version == bindparam("version") - 1)
    .values({column.name: bindparam(column.name) for column in _t.c if column.name != "id"}),
)
_REMOVE = Statement(
    "remove_identity_provider", delete(_t).where(_IS_THIS, _t.c.version == bindparam("version"))
)
_ANY_LINK = Statement(
    "any_link_of_identity_provider", select(_links.c.idp).where(_links.c.idp == bindparam("id")).limit(1)
)


class SQLIdentityProviders:
    """Finds identity providers; ``remembered.py`` keeps the answers for a moment."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._read: dict[str, tuple[tuple[object, ...], IdentityProvider]] = {}

    async def find(self, id: str) -> IdentityProvider | None:
        """Find by internal id."""
        row = await self._database.fetch_one(_FIND, id=id)
        return None if row is None else self._understand(row)

    async def find_by_name(self, name: str) -> IdentityProvider | None:
        """Find by short name."""
        row = await self._database.fetch_one(_FIND_BY_NAME, name=name)
        return None if row is None else self._understand(row)

    async def list(self) -> Sequence[IdentityProvider]:
        """List all, by name."""
        return [self._understand(row) for row in await self._database.fetch(_LIST)]

    def _understand(self, row: Row) -> IdentityProvider:
        """Decode and unseal a row, unless it is the very row of the last time, which every sign-in reads again."""
        columns = tuple(row[name] for name in _COLUMNS)
        known = self._read.get(row["id"])
        if known is not None and known[0] == columns:
            return known[1]
        idp = _identity_provider(row, self._vault)
        self._read[idp.id] = (columns, idp)
        return idp


@dataclass(frozen=True, slots=True)
class IdentityProviderWrites:
    """Renders the changes of identity providers; needs the vault for their secrets."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {
            RequireIdentityProvider: _require,
            AddIdentityProvider: self._add,
            SaveIdentityProvider: self._save,
            RemoveIdentityProvider: _remove,
        }

    def _add(self, change: AddIdentityProvider) -> list[Write]:
        return [Write(_ADD, _row(change.idp, self.vault))]

    def _save(self, change: SaveIdentityProvider) -> list[Write]:
        return [Write(_SAVE, _row(change.idp, self.vault), must=1, guard=change.guard)]


def _require(change: RequireIdentityProvider) -> list[Write]:
    """Hold the row until the commit, so that an operator who switches it off waits, or was first (R-021, P-7)."""
    key = {"id": change.id, "version": change.version}
    return [Write(_REQUIRE, key, must=1, guard=change.guard)]


def _remove(change: RemoveIdentityProvider) -> list[Write]:
    """Take the row first: then no new link can come while we look for one."""
    key = {"id": change.id, "version": change.version}
    return [
        Write(_REMOVE, key, must=1, guard=change.guard),
        Write(_ANY_LINK, {"id": change.id}, must=0, guard=change.guard, ordered=True),
    ]


def _client_secret(id: str) -> Place:
    return Place(_t.name, id, "client_secret")


def _private_key(id: str) -> Place:
    return Place(_t.name, id, "private_key")


def _row(idp: IdentityProvider, vault: Vault) -> dict[str, Any]:
    connection = idp.connection
    bare = replace(idp, connection=replace(connection, client_secret=None, private_key=None))
    return {
        "id": idp.id,
        "name": idp.name,
        "enabled": idp.enabled,
        "version": idp.version,
        "record": _RECORD.encode(bare),
        "client_secret": vault.seal_text(_client_secret(idp.id), connection.client_secret),
        "private_key": vault.seal_text(_private_key(idp.id), connection.private_key),
    }


def _identity_provider(row: Row, vault: Vault) -> IdentityProvider:
    bare = _RECORD.decode(row["record"])
    connection = replace(
        bare.connection,
        client_secret=vault.open_text(_client_secret(bare.id), row["client_secret"]),
        private_key=vault.open_text(_private_key(bare.id), row["private_key"]),
    )
    return replace(bare, connection=connection)
