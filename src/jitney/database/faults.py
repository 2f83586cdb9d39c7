"""What goes wrong in a database, in the words of ``errors.py``.

    Conflict "conflict"                     a guard did not hold, or a unique or foreign key was violated
    Overloaded "database_busy"              shed: too much waits, or somebody else holds the lock for too long
    Overloaded "database_unavailable"       cannot be reached; nothing was changed
    Overloaded "database_commit_unknown"    the connection broke while committing: look before you repeat
    InvalidInput "value_not_storable"       a NUL, a lone surrogate, or a number beyond 64 bits
    StatementError                         a bug: the SQL, its parameters or the schema are wrong

The messages of the drivers stay inside: they quote values ("Key (email)=(…) already exists").
"""

from jitney.errors import Conflict, InvalidInput, JitneyError, Overloaded


class StatementError(RuntimeError):
    """A bug in a statement, its parameters or the schema. Names the statement, never a value."""


def conflict(what: str) -> Conflict:
    """A guard or a constraint did not hold; ``what`` is its name, the same on every database."""
    return Conflict("conflict", "This was changed by somebody else meanwhile.", what=what)


def busy(reason: str) -> Overloaded:
    """Nothing was changed; the same may be sent again."""
    return Overloaded("database_busy", "The service is busy. Please try again.", reason=reason)


def unavailable(reason: str) -> Overloaded:
    """The database cannot be reached; nothing was changed."""
    return Overloaded(
        "database_unavailable", "The service is not available now. Please try again.", reason=reason
    )


def commit_unknown(reason: str) -> Overloaded:
    """The answer to a commit was lost: it is either wholly durable or wholly undone."""
    return Overloaded(
        "database_commit_unknown", "The service is not available now. Please try again.", reason=reason
    )


def not_storable() -> InvalidInput:
    """A value has a form that no column takes."""
    return InvalidInput("value_not_storable", "The input holds characters or numbers that cannot be stored.")


def statement_failed(name: str, error: BaseException) -> StatementError:
    """A bug, told by the kind of the driver's error alone."""
    sqlstate = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or ""
    return StatementError(f"{name}: {type(error).__name__} {sqlstate}".rstrip())


Fault = JitneyError | StatementError
