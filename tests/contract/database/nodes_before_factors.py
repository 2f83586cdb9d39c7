"""What a node of the release before wrote: it knew neither second factors nor rules of signing in."""

import json
from typing import Any

from sqlalchemy import Table, bindparam, select, update

from jitney.database.database import Database
from jitney.database.statements import Statement, Write
from jitney.storage.tables import applications, identity_providers, token_families

_UNKNOWN = {"sign_in_rules", "sign_in_policy", "subject"}
"""The columns that such a node never names."""


async def _saved_anew(
    database: Database, table: Table, id: str, nested: str, without: str, **changes: Any
) -> None:
    """Read a row and write all columns of it that the node knew, its JSON in ``nested`` as far as it knew that."""
    row = await database.fetch_one(
        Statement("older_find", select(table).where(table.c.id == bindparam("id"))), id=id
    )
    assert row is not None
    record = json.loads(row[nested])
    record.pop(without, None)
    known = [column.name for column in table.c if column.name not in _UNKNOWN | {"id"}]
    values = {name: row[name] for name in known} | {nested: json.dumps({**record, **changes})}
    save = update(table).where(table.c.id == bindparam("key")).values({n: bindparam(n) for n in known})
    await database.commit([Write(Statement("older_save", save), {"key": id, **values}, must=1)])


async def older_node_saves_application(database: Database, id: str, **changes: Any) -> None:
    """Save an application as such a node did, with changes to its record."""
    await _saved_anew(database, applications, id, "record", "sign_in_policy", **changes)


async def older_node_saves_provider(database: Database, id: str, **changes: Any) -> None:
    """Save an identity provider as such a node did, with changes to its record."""
    await _saved_anew(database, identity_providers, id, "record", "", **changes)


async def older_node_rotates(database: Database, id: str) -> None:
    """Write a token family as such a node did when it rotated its refresh token."""
    await _saved_anew(database, token_families, id, "authentication", "subject")
