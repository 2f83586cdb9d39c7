"""Schema: all tables of the database, ours and those of the user stores, and the folder of their migrations."""

from functools import cache
from pathlib import Path

from sqlalchemy import MetaData

from jitney.database.database import Schema
from jitney.storage import console_tables, factor_tables
from jitney.storage.tables import METADATA

_MIGRATIONS = Path(__file__).parent / "migrations"


@cache
def schema(*others: MetaData) -> Schema:
    """Join our tables with those of other rooms, which this room may not import; once for each set of them."""
    tables = MetaData(naming_convention=METADATA.naming_convention)
    for metadata in (METADATA, factor_tables.METADATA, console_tables.METADATA, *others):
        for table in metadata.sorted_tables:
            table.to_metadata(tables)
    return Schema(tables=tables, migrations=_MIGRATIONS)
