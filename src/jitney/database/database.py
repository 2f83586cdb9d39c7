"""Database: what storage may ask of SQL, whichever product answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import MetaData

from jitney.database.statements import Dialect, Statement, Write


class Row(Protocol):
    """One row of an answer: ``row["name"]`` or ``row[0]``. Booleans are ``bool``, bytes ``bytes``."""

    def __getitem__(self, key: str | int, /) -> Any: ...

    def keys(self) -> Any:
        """The names of the columns."""
        ...


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables, and the folder of migrations that makes them.

    Foreign keys must not be deferred, and in a commit a parent is written before its child:
    SQLite looks at once.
    """

    tables: MetaData
    migrations: Path


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that ``check`` found wrong: ``code`` in snake case, and a sentence for the operator."""

    code: str
    sentence: str


class Database(Protocol):
    """One open database. Belongs to the event loop on which it was opened.

    Every call may raise ``Overloaded`` (``database_busy``, ``database_unavailable``), ``InvalidInput``
    (``value_not_storable``) and, for bugs alone, ``StatementError``; never an exception of the driver.
    """

    @property
    def dialect(self) -> Dialect:
        """The SQL that is spoken."""
        ...

    async def fetch(self, statement: Statement, /, **parameters: object) -> Sequence[Row]:
        """All rows of a select, as last committed."""
        ...

    async def fetch_one(self, statement: Statement, /, **parameters: object) -> Row | None:
        """The first row of a select, or ``None``."""
        ...

    async def commit(self, writes: Sequence[Write], /) -> None:
        """Carry out all writes or none, in one transaction that is durable on return.

        Raises ``Conflict`` with the guard's or the constraint's name, and ``Overloaded``
        (``database_commit_unknown``) when the answer was lost, so that the caller must look before repeating.
        """
        ...

    async def migrate(self) -> None:
        """Bring the schema to the newest version.

        Several nodes may call it at once; it may be killed and repeated (R-148).
        Raises ``Misconfigured`` (``migration_failed``, ``schema_unknown``).
        """
        ...

    async def check(self) -> Sequence[Finding]:
        """What is wrong with durability and with the schema's version (R-146); nothing when all is well."""
        ...

    async def close(self) -> None:
        """Finish the commits that were begun, and let go of every connection."""
        ...
