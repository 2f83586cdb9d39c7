"""Opens the database that a URL names."""

from pathlib import Path

from jitney.database.database import Database, Schema
from jitney.database.postgresql import PostgreSQLDatabase
from jitney.database.sqlite import SQLiteDatabase
from jitney.errors import Misconfigured


async def open_database(
    url: str, schema: Schema, *, path: str = "database.url", connections: int = 10
) -> Database:
    """Open ``sqlite:///FILE`` (four slashes for an absolute path) or ``postgresql://…``.

    Raises ``Misconfigured`` (``database_url_unknown``, with ``path``, the setting's) for any other URL, and
    ``Overloaded`` (``database_unavailable``) when it cannot be reached.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return await SQLiteDatabase.open(Path(rest[1:]), schema)
    if scheme in {"postgresql", "postgres"}:
        return await PostgreSQLDatabase.open(url, schema, connections=connections)
    raise Misconfigured(
        "database_url_unknown", "The database must be sqlite:///FILE or postgresql://….", path=path
    )
