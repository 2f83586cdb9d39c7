"""What goes wrong in somebody else's database, in the words of ``errors.py``.

The messages of the drivers stay inside: they quote values.
"""

import ssl
from collections.abc import Iterator
from typing import Final

from jitney.errors import JitneyError, StoreUnanswered, UserStoreRejected, UserStoreUnavailable

SENTENCES: Final = {
    "user_store_unreachable": "The user store cannot be reached.",
    "user_store_tls_failed": "The user store could not prove who it is.",
    "user_store_bind_refused": "The user store refuses our account.",
    "user_store_timed_out": "The user store takes too long to answer.",
    "user_store_busy": "The user store is busy. Please try again.",
    "user_store_base_missing": "The user store lacks the database that was configured.",
    "user_store_table_missing": "The user store lacks a table that was configured.",
    "user_store_column_missing": "The user store lacks a column that was configured.",
    "user_store_read_refused": "The user store does not let our account read.",
    "user_store_two_entries": "Two accounts have this name.",
    "user_store_permission_denied": "The user store does not let our account do this.",
    "user_store_refuses_writes": "The user store takes no changes.",
    "user_store_full": "The user store is full.",
    "user_store_rejects_entry": "The user store does not take these data.",
    "user_store_rejects_password": "The user store does not take this password.",
}
"""What is said of each fault of a database."""
UNIQUE: Final = "unique"
"""Not a code of ours: a unique constraint was violated, and whose it is must be looked at."""

_POSTGRESQL: Final = {
    "3D000": "user_store_base_missing",
    "42501": "user_store_permission_denied",
    "42P01": "user_store_table_missing",
    "3F000": "user_store_table_missing",
    "42703": "user_store_column_missing",
    "25006": "user_store_refuses_writes",
    "53100": "user_store_full",
    "57014": "user_store_timed_out",
    "55P03": "user_store_busy",
    "23505": UNIQUE,
    "08": "user_store_unreachable",
    "57": "user_store_unreachable",
    "28": "user_store_bind_refused",
    "22": "user_store_rejects_entry",
    "23": "user_store_rejects_entry",
    "42": "user_store_rejects_entry",
    "44": "user_store_rejects_entry",
    "54": "user_store_rejects_entry",
    "P0": "user_store_rejects_entry",
    "40": "user_store_busy",
    "53": "user_store_busy",
}
_MARIADB: Final = {
    "user_store_unreachable": (
        1053, 1077, 1079, 1080, 1129, 1152, 1158, 1159, 1160, 1161, 1184, 1927, *range(2000, 2061),
    ),
    "user_store_bind_refused": (1044, 1045, 1130, 1131, 1132, 1133, 1251, 1698, 1862, 3118, 4151),
    "user_store_base_missing": (1049,),
    "user_store_permission_denied": (1142, 1143, 1227, 1370),
    "user_store_table_missing": (1146,),
    "user_store_column_missing": (1054,),
    "user_store_refuses_writes": (1036, 1290, 1792, 1836),
    "user_store_full": (1021, 1030, 1041, 1114),
    "user_store_busy": (1040, 1203, 1205, 1206, 1213, 1226, 1614),
    "user_store_timed_out": (1028, 1317, 1969, 3024),
    UNIQUE: (1062, 1586),
}  # fmt: skip
_SQLITE: Final = {
    "SQLITE_READONLY": "user_store_refuses_writes",
    "SQLITE_FULL": "user_store_full",
    "SQLITE_BUSY": "user_store_busy",
    "SQLITE_LOCKED": "user_store_busy",
    "SQLITE_INTERRUPT": "user_store_timed_out",
    "SQLITE_CONSTRAINT_UNIQUE": UNIQUE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": UNIQUE,
    "SQLITE_CONSTRAINT": "user_store_rejects_entry",
    "SQLITE_MISMATCH": "user_store_rejects_entry",
    "SQLITE_TOOBIG": "user_store_rejects_entry",
    "SQLITE_PERM": "user_store_permission_denied",
    "SQLITE_AUTH": "user_store_permission_denied",
}
_BY_NUMBER: Final = {number: code for code, numbers in _MARIADB.items() for number in numbers}
_OF_WRITES: Final = frozenset(
    {
        "user_store_permission_denied",
        "user_store_refuses_writes",
        "user_store_full",
        "user_store_rejects_entry",
        "user_store_rejects_password",
    }
)
_BROKEN_OFF: Final = frozenset({"user_store_unreachable", "user_store_timed_out", "user_store_tls_failed"})


def rejected(code: str, **details: object) -> UserStoreRejected:
    """The store's own rules say no; nothing has changed."""
    return UserStoreRejected(code, SENTENCES[code], **details)


def unavailable(code: str, **details: object) -> UserStoreUnavailable:
    """The store cannot be used now; nothing has changed."""
    return UserStoreUnavailable(code, SENTENCES[code], **details)


def unanswered(**details: object) -> StoreUnanswered:
    """The answer to a commit was lost: it is either wholly durable or wholly undone."""
    return StoreUnanswered("user_store_unanswered", "The user store has not answered.", **details)


def code_of(error: BaseException) -> str:
    """Return the code for whatever a driver has raised, or ``UNIQUE``."""
    for each in errors_of(error):
        if isinstance(each, ssl.SSLError) or "rejected SSL upgrade" in str(each):
            return "user_store_tls_failed"
    for each in errors_of(error):
        if (code := _told_by(each)) is not None:
            return code
    return "user_store_unreachable"


def fault_of(error: BaseException, *, writing: bool = False) -> JitneyError:
    """Return the fault for an error after which the transaction was rolled back.

    What a rule of the store forbids on reading is no refusal of a change: the store cannot be used.
    """
    code = code_of(error)
    if code == UNIQUE:
        code = "user_store_rejects_entry"
    if code in _OF_WRITES and writing:
        return rejected(code, error=_label(error))
    if code in _OF_WRITES:
        code = (
            "user_store_read_refused" if code == "user_store_permission_denied" else "user_store_unreachable"
        )
    return unavailable(code, error=_label(error))


def fault_of_commit(error: BaseException) -> JitneyError:
    """Return the fault for an error in the commit itself: where the line broke, nobody knows what was done."""
    if code_of(error) in _BROKEN_OFF:
        return unanswered(error=_label(error))
    return fault_of(error, writing=True)


def errors_of(error: BaseException) -> Iterator[BaseException]:
    """Walk from the outermost error to the driver's own."""
    seen: set[int] = set()
    rest = [error]
    while rest:
        each = rest.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = (getattr(each, "orig", None), each.__cause__, each.__context__)
        rest.extend(one for one in inner if isinstance(one, BaseException))


def _told_by(error: BaseException) -> str | None:
    number = error.args[0] if error.args else None
    if type(error).__module__.startswith("asyncmy") and isinstance(number, int):
        # What is not listed are data that it does not take: every other class of its numbers is.
        return _BY_NUMBER.get(number, "user_store_rejects_entry")
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    name = getattr(error, "sqlite_errorname", None)
    if isinstance(name, str):
        return _SQLITE.get(name) or _SQLITE.get("_".join(name.split("_")[:2]))
    return None


def _label(error: BaseException) -> str:
    """Say which kind of error it was, without what it says."""
    inmost = list(errors_of(error))[-1]
    state = getattr(inmost, "sqlstate", None) or getattr(inmost, "sqlite_errorname", None) or ""
    return f"{type(inmost).__name__} {state}".rstrip()
