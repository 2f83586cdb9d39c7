"""Opens an engine on another database: driver, TLS, pool and times, as the operator's record says.

The attack: somebody on the way answers in the database's place, and hears the password.
So TLS is verified with the host's name, and nothing is said without it, unless the record says ``NONE`` (R-043).
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import SQLConnection, TLSMode
from jitney.provisioning.store_rules import canonical_username
from jitney.userstores.entries_sql.faults import unavailable

POSTGRESQL: Final = "postgresql"
MARIADB: Final = "mysql"
"""As the dialect calls itself."""
SQLITE: Final = "sqlite"

_DRIVERS: Final = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "mariadb": "mysql+asyncmy",
    "mysql": "mysql+asyncmy",
    "sqlite": "sqlite+aiosqlite",
}
_PORTS: Final = {"postgresql+asyncpg": 5432, "mysql+asyncmy": 3306}
_SHARE_FOR_LOCKS: Final = 0.8
"""How much of a time may be spent waiting for a lock or for the pool, so that it can still be said so."""

HOLDS_NAME: Final = "jitney_holds_name"
"""Marks a connection that has locked a name."""

KEY_FUNCTION: Final = "jitney_name_key"
"""SQLite has no ``lower`` beyond ASCII; there the canonical form is a function of ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is; ``host`` is ``None`` for a file."""

    url: URL
    host: str | None
    port: int


def place_of(connection: SQLConnection) -> Place:
    """Read the URL; raises ``UserStoreUnavailable`` (``user_store_unreachable``) for one that is none."""
    try:
        url = make_url(connection.url)
        driver = _DRIVERS[url.drivername.partition("+")[0]]
    except (ArgumentError, ValueError, KeyError) as error:
        raise unavailable("user_store_unreachable", reason="url") from error
    if driver == _DRIVERS["sqlite"]:
        return Place(_file_url(url, connection), None, 0)
    host, port = url.host or "localhost", url.port or _PORTS[driver]
    # Options of the URL are left out: they could switch off what is set here.
    clean = URL.create(driver, url.username, connection.password, host, port, url.database)
    return Place(clean, host, port)


def _file_url(url: URL, connection: SQLConnection) -> URL:
    """Return the URL of a file, which is made only where the tables are ours to make."""
    if not url.database or url.database == ":memory:":
        raise unavailable("user_store_unreachable", reason="url")
    query = {"mode": "rwc" if connection.owns_tables else "rw", "uri": "true"}
    return URL.create(_DRIVERS["sqlite"], database=f"file:{_escaped(url.database)}", query=query)


def _escaped(path: str) -> str:
    """Keep the characters of a path that would end it in a URI."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def open_engine(connection: SQLConnection, description: UserStoreDescription) -> AsyncEngine:
    """Make an engine; nothing is connected before it is asked."""
    place = place_of(connection)
    engine = create_async_engine(
        place.url,
        connect_args=_SETTINGS[place.url.get_backend_name()](connection),
        pool_size=connection.pool_size,
        max_overflow=0,
        pool_timeout=connection.connect_seconds * _SHARE_FOR_LOCKS,
        pool_recycle=1800,
        **_ISOLATION.get(place.url.get_backend_name(), {}),
    )
    listen = _LISTENERS.get(place.url.get_backend_name())
    if listen is not None:
        listen(engine, connection, description)
    return engine


def tls_of(connection: SQLConnection) -> ssl.SSLContext | None:
    """Return a context that verifies the certificate and the host's name; ``None`` for development.

    Raises ``UserStoreUnavailable`` (``user_store_tls_failed``) for certificates that cannot be read.
    """
    if connection.tls is TLSMode.NONE:
        return None
    try:
        return ssl.create_default_context(cadata=connection.ca_certificates)
    except ssl.SSLError as error:
        raise unavailable("user_store_tls_failed", reason="ca_certificates") from error


def _postgresql_settings(connection: SQLConnection) -> dict[str, Any]:
    milliseconds = round(connection.read_seconds * 1000)
    return {
        "ssl": tls_of(connection) or False,
        "timeout": connection.connect_seconds,
        "server_settings": {
            "application_name": "jitney",
            "statement_timeout": str(milliseconds),
            "lock_timeout": str(round(milliseconds * _SHARE_FOR_LOCKS)),
            "idle_in_transaction_session_timeout": str(2 * milliseconds),
        },
    }


def _mariadb_settings(connection: SQLConnection) -> dict[str, Any]:
    return {"ssl": tls_of(connection), "connect_timeout": connection.connect_seconds, "charset": "utf8mb4"}


def _sqlite_settings(connection: SQLConnection) -> dict[str, Any]:
    # Transactions are begun below; Python's own beginnings come too late for a snapshot.
    return {"timeout": connection.read_seconds * _SHARE_FOR_LOCKS, "isolation_level": None}


def _prepare_mariadb(engine: AsyncEngine, connection: SQLConnection, _: UserStoreDescription) -> None:
    """Strict, or a value that is too long would be cut silently; and patient for a bounded time.

    A lock of a name belongs to the session there, and is let go when the connection goes back to the pool.
    """
    patience = max(1, int(connection.read_seconds * _SHARE_FOR_LOCKS))

    def prepare(raw: Any, _record: object) -> None:
        cursor = raw.cursor()
        cursor.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'")
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET SESSION time_zone = '+00:00'")
        cursor.execute("SET SESSION innodb_lock_wait_timeout = %s", (patience,))
        cursor.close()

    def release(raw: Any, record: Any) -> None:
        if raw is not None and record.info.pop(HOLDS_NAME, False):
            cursor = raw.cursor()
            cursor.execute("DO RELEASE_ALL_LOCKS()")
            cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "checkin", release)


def _prepare_sqlite(engine: AsyncEngine, _: SQLConnection, description: UserStoreDescription) -> None:
    def prepare(raw: Any, _record: object) -> None:
        raw.create_function(KEY_FUNCTION, 1, _key_of(description), deterministic=True)
        cursor = raw.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("jitney_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)


def _key_of(description: UserStoreDescription) -> Callable[[object], str | None]:
    def key(name: object) -> str | None:
        return None if name is None else canonical_username(description, str(name)).key

    return key


_SETTINGS: Final = {
    "postgresql": _postgresql_settings,
    "mysql": _mariadb_settings,
    "sqlite": _sqlite_settings,
}
_ISOLATION: Final[dict[str, dict[str, Any]]] = {"postgresql": {"isolation_level": "REPEATABLE READ"}}
"""Several reads see one state."""

_LISTENERS: Final = {"mysql": _prepare_mariadb, "sqlite": _prepare_sqlite}
