"""The kinds of columns that our tables are made of.

Text is compared and sorted byte for byte on every database (R-047): SQLite does so by itself, PostgreSQL is
told to.
Times are whole microseconds since 1970 (``moments.py``).
"""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Text
from sqlalchemy.dialects import postgresql

EXACT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text that is compared and sorted by its bytes."""

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database counts up."""

NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
"""How constraints and indexes are named, so that a violation can be told by its name."""


def text(name: str, *, key: bool = False, unique: bool | None = None) -> Column[str]:
    """Make a column of exact text that is always there; ``key`` makes it part of the primary key."""
    return Column(name, EXACT, primary_key=key, nullable=False, unique=unique)


def text_or_null(name: str) -> Column[str]:
    """Make a column of exact text that may be missing."""
    return Column(name, EXACT, nullable=True)


def moment(name: str) -> Column[int]:
    """Make a column of microseconds since 1970."""
    return Column(name, BigInteger, nullable=False)


def moment_or_null(name: str) -> Column[int]:
    """Make a column of microseconds since 1970 that may be missing."""
    return Column(name, BigInteger, nullable=True)


def count(name: str, *, key: bool = False) -> Column[int]:
    """Make a column of a version or another small number."""
    return Column(name, Integer, primary_key=key, nullable=False, autoincrement=False)


def large_count(name: str) -> Column[int]:
    """Make a column of a count that others choose, and that 32 bits with a sign do not hold."""
    return Column(name, BigInteger, nullable=False)


def flag(name: str) -> Column[bool]:
    """Make a column of yes or no."""
    return Column(name, Boolean, nullable=False)


def sealed(name: str) -> Column[bytes]:
    """Make a column of a sealed secret."""
    return Column(name, LargeBinary, nullable=False)


def sealed_or_null(name: str) -> Column[bytes]:
    """Make a column of a sealed secret that may be missing."""
    return Column(name, LargeBinary, nullable=True)


def numbered() -> Column[int]:
    """Make a primary key that the database counts up, so that rows stay in the order of their arrival."""
    return Column("number", NUMBER, primary_key=True, autoincrement=True)
