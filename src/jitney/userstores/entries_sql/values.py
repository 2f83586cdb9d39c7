"""Values: our texts as a column of some type keeps them, and back."""

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BINARY, VARBINARY, Boolean, Date, DateTime, Integer, LargeBinary, Numeric, Uuid
from sqlalchemy.dialects.mysql import TINYINT
from sqlalchemy.types import TypeEngine

from jitney.userstores.entries_sql.faults import rejected

SINCE_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when an account is locked where the table tells only until when."""

_SMALLEST, _GREATEST = -(2**63), 2**63 - 1
_YES: Final = frozenset({"1", "true", "t", "yes", "y", "on", "enabled", "active"})


def is_storable(*texts: str) -> bool:
    """Say whether every database takes these characters: no NUL, and no half of a pair."""
    return not any("\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text) for text in texts)


def to_column(kind: TypeEngine[Any], text: str) -> Any:
    """Return what stands for a text in a column of this type; raises ``ValueError`` where nothing does."""
    if not is_storable(text):
        raise ValueError("not storable")
    for types, convert in _INTO:
        if isinstance(kind, types):
            return convert(text)
    if is_flag(kind):
        return int(_truth(text))
    return _number(text) if isinstance(kind, Integer) else text


def from_column(kind: TypeEngine[Any], value: Any) -> str:
    """Return the text for what stands in a column."""
    if isinstance(value, bool) or is_flag(kind):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def is_flag(kind: TypeEngine[Any]) -> bool:
    """Say whether a column holds yes or no: MariaDB's ``BOOLEAN`` is a ``TINYINT(1)``.

    In any wider type the 1 says how a number is shown, and nothing of how great it may be.
    """
    return isinstance(kind, Boolean) or (isinstance(kind, TINYINT) and kind.display_width == 1)


def is_enabled(value: Any) -> bool:
    """Say whether a column says that an account is enabled; what is not understood says no."""
    if isinstance(value, bytes):
        return any(value)
    return str(value).strip().lower() in _YES


def lock_of(value: Any) -> tuple[datetime | None, datetime | None]:
    """Return since when and until when an account is locked; what is not understood locks for ever."""
    if value is None or value == "":
        return None, None
    try:
        return SINCE_EVER, _moment(value)
    except (ValueError, OverflowError, OSError):
        return SINCE_EVER, None


def joined(values: tuple[str, ...], kind: TypeEngine[Any], separator: str, *, attribute: str) -> Any:
    """Return what one column holds for all values of an attribute, ``None`` for no value.

    Raises ``UserStoreRejected`` (``user_store_rejects_entry``) for a value that would read back as two, or that the
    column's type does not know.
    """
    if not values or values == ("",):
        return None
    if (len(values) > 1 and not separator) or (separator and any(separator in value for value in values)):
        raise rejected("user_store_rejects_entry", attribute=attribute, reason="separator")
    try:
        return to_column(kind, separator.join(values))
    except (ValueError, ArithmeticError) as error:
        raise rejected("user_store_rejects_entry", attribute=attribute, reason="value") from error


def parted(value: Any, kind: TypeEngine[Any], separator: str) -> tuple[str, ...]:
    """Return the values that one column holds."""
    if value is None:
        return ()
    text = from_column(kind, value)
    parts: Iterable[str] = text.split(separator) if separator else (text,)
    return tuple(part for part in parts if part)


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromtimestamp(int(value), UTC)


def _truth(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError("neither true nor false")
    return text == "true"


def _number(text: str) -> int:
    number = int(text)
    # A number that reads back otherwise (" 07") is another text.
    if not _SMALLEST <= number <= _GREATEST or str(number) != text:
        raise ValueError("no number")
    return number


_INTO: Final[tuple[tuple[type[TypeEngine[Any]], Callable[[str], Any]], ...]] = (
    (Boolean, _truth),
    (Uuid, uuid.UUID),
    (LargeBinary, bytes.fromhex),
    (BINARY, bytes.fromhex),
    (VARBINARY, bytes.fromhex),
    (DateTime, datetime.fromisoformat),
    (Date, date.fromisoformat),
    (Numeric, Decimal),
)
