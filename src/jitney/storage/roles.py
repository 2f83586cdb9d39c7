"""Roles: which roles exist."""

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from jitney.database.database import Database
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddRole, RemoveRole
from jitney.storage.tables import roles as _t

_NAMES = Statement("role_names", select(_t.c.name))
_ADD = Statement(
    "add_role",
    sqlite.insert(_t).on_conflict_do_nothing(),
    postgresql=postgresql.insert(_t).on_conflict_do_nothing(),
)
_REMOVE = Statement("remove_role", delete(_t).where(_t.c.name == bindparam("name")))


class SQLRoles:
    """Knows the roles."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def names(self) -> frozenset[str]:
        """Return all names."""
        return frozenset(str(row[0]) for row in await self._database.fetch(_NAMES))


def _add(change: AddRole) -> list[Write]:
    return [Write(_ADD, {"name": change.name})]


def _remove(change: RemoveRole) -> list[Write]:
    """Remove the role's own row; that nobody holds it is required by the room that knows the users."""
    return [Write(_REMOVE, {"name": change.name}, must=1, guard=change.guard)]


RENDERS = {AddRole: _add, RemoveRole: _remove}
