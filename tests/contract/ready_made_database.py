"""A database whose schema is of today, and which holds nothing: made once, and each test gets a copy.

That the migrations make it, from nothing and from every release, is proved in ``tests/contract/database``.
"""

import asyncio
import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from jitney.database.migrations import migrate_postgresql, migrate_sqlite
from jitney.storage.schema import schema
from jitney.userstores import tables

_MIGRATIONS = schema(tables.METADATA).migrations


def lay_sqlite(path: Path) -> None:
    """Put a copy where there is no file yet."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            file.write(_sqlite())


def migrate_empty(url: str) -> None:
    """Make an empty PostgreSQL database into the one that tests get copies of."""
    asyncio.run(migrate_postgresql(url, _MIGRATIONS))


@cache
def _sqlite() -> bytes:
    with TemporaryDirectory(prefix="jitney-ready-made-") as folder:
        path = Path(folder) / "jitney.db"
        migrate_sqlite(path, _MIGRATIONS)
        return path.read_bytes()
