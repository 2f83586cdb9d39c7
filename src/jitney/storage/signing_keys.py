"""Signing keys: ours, their private parts sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddSigningKey, RetireSigningKey
from jitney.model.signing_key import SigningKeyRecord
from jitney.storage.tables import signing_keys as _t
from jitney.storage.vault import Place, Vault

_LIST = Statement("list_signing_keys", select(_t).order_by(_t.c.created, _t.c.kid))
_ADD = Statement("add_signing_key", insert(_t))
_RETIRE = Statement(
    "retire_signing_key",
    update(_t)
    .where(_t.c.kid == bindparam("kid"))
    .values(retired=bindparam("retired"), expires=bindparam("expires")),
)


class SQLSigningKeys:
    """Lists signing keys."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def list(self) -> Sequence[SigningKeyRecord]:
        """List all that are not forgotten, oldest first."""
        return [_record(row, self._vault) for row in await self._database.fetch(_LIST)]


@dataclass(frozen=True, slots=True)
class SigningKeyWrites:
    """Renders the changes of signing keys; needs the vault for their private parts."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {AddSigningKey: self._add, RetireSigningKey: _retire}

    def _add(self, change: AddSigningKey) -> list[Write]:
        return [Write(_ADD, _row(change.key, self.vault))]


def _retire(change: RetireSigningKey) -> list[Write]:
    moments = {"retired": to_micros(change.retired), "expires": to_micros(change.expires)}
    return [Write(_RETIRE, {"kid": change.kid, **moments})]


def _private(kid: str) -> Place:
    return Place(_t.name, kid, "private")


def _row(key: SigningKeyRecord, vault: Vault) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "algorithm": key.algorithm,
        "private": vault.seal(_private(key.kid), key.private),
        "created": to_micros(key.created),
        "active_from": to_micros(key.active_from),
        "retired": to_micros(key.retired),
        "expires": to_micros(key.expires),
    }


def _record(row: Row, vault: Vault) -> SigningKeyRecord:
    return SigningKeyRecord(
        kid=row["kid"],
        algorithm=row["algorithm"],
        private=vault.open(_private(row["kid"]), row["private"]),
        created=from_micros(int(row["created"])),
        active_from=from_micros(int(row["active_from"])),
        retired=from_micros(row["retired"]),
        expires=from_micros(row["expires"]),
    )
