"""Applications: the relying parties that an operator registered."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.statements import Statement, Write
from jitney.model.application import Application
from jitney.model.changes import AddApplication, RemoveApplication, RequireApplication, SaveApplication
from jitney.model.sign_in_policy import SignInPolicy
from jitney.storage.codec import Codec
from jitney.storage.tables import applications as _t
from jitney.storage.tables import codes as _codes
from jitney.storage.tables import token_families as _families

_RECORD: Codec[Application] = Codec(Application)
_POLICY: Codec[SignInPolicy] = Codec(SignInPolicy)

_IS_THIS = _t.c.id == bindparam("id")
_FIND = Statement("find_application", select(_t).where(_IS_THIS))
_LIST = Statement("list_applications", select(_t).order_by(_t.c.id))
_HAS_VERSION = _t.c.version == bindparam("version")
_USABLE = select(_t.c.id).where(_IS_THIS, _t.c.enabled.is_(True)).with_for_update(read=True)
_REQUIRE = Statement("require_application", _USABLE)
_REQUIRE_VERSION = Statement("require_application_version", _USABLE.where(_HAS_VERSION))
_ADD = Statement("add_application", insert(_t))
_SAVE = Statement(
    "save_application",
    update(_t)
    .where(_IS_THIS, _t.c.version == bindparam("version") - 1)
    .values({column.name: bindparam(column.name) for column in _t.c if column.name != "id"}),
)
_REMOVE = Statement("remove_application", delete(_t).where(_IS_THIS, _t.c.version == bindparam("version")))
_REMOVE_ISSUED = [
    Statement(
        f"remove_{table.name}_of_application", delete(table).where(table.c.application == bindparam("id"))
    )
    for table in (_codes, _families)
]


class SQLApplications:
    """Finds applications; ``remembered.py`` keeps the answers for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, id: str) -> Application | None:
        """Find by ``client_id``."""
        row = await self._database.fetch_one(_FIND, id=id)
        return None if row is None else _application(row)

    async def list(self) -> Sequence[Application]:
        """List all, by id."""
        return [_application(row) for row in await self._database.fetch(_LIST)]


def _require(change: RequireApplication) -> list[Write]:
    """Hold the row until the commit, as for identity providers."""
    key: dict[str, Any] = {"id": change.id}
    if change.version is None:
        return [Write(_REQUIRE, key, must=1, guard=change.guard)]
    return [Write(_REQUIRE_VERSION, {**key, "version": change.version}, must=1, guard=change.guard)]


def _add(change: AddApplication) -> list[Write]:
    return [Write(_ADD, _row(change.application))]


def _save(change: SaveApplication) -> list[Write]:
    return [Write(_SAVE, _row(change.application), must=1, guard=change.guard)]


def _remove(change: RemoveApplication) -> list[Write]:
    key = {"id": change.id, "version": change.version}
    issued = [Write(statement, {"id": change.id}, ordered=True) for statement in _REMOVE_ISSUED]
    return [Write(_REMOVE, key, must=1, guard=change.guard), *issued]


RENDERS = {
    RequireApplication: _require,
    AddApplication: _add,
    SaveApplication: _save,
    RemoveApplication: _remove,
}


def _row(application: Application) -> dict[str, Any]:
    """Return the columns; the sign-in policy has its own.

    A node of the release before rewrites ``record`` as far as it knows it (P-14): a policy that stood there would
    be gone, and with it a second factor that the application demands.
    """
    return {
        "id": application.id,
        "enabled": application.enabled,
        "version": application.version,
        "record": _RECORD.encode(replace(application, sign_in_policy=SignInPolicy())),
        "sign_in_policy": _POLICY.encode(application.sign_in_policy),
    }


def _application(row: Row) -> Application:
    policy = _POLICY.decode_or_null(row["sign_in_policy"]) or SignInPolicy()
    return replace(_RECORD.decode(row["record"]), sign_in_policy=policy)
