"""Fixtures for all tests: the event loop, and a PostgreSQL server of our own."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from tests.contract.ready_made_database import migrate_empty
from tests.servers.postgresql import PostgreSQLServer
from tests.temporary_folders import use_memory

pytest_plugins = [
    "tests.no_skips",
    "tests.interop_summary",
    "tests.scenario_summary",
    "tests.entry_store_summary",
    "tests.attack_summary",
    "tests.ways_in_summary",
]


def pytest_configure() -> None:
    """Before the first folder is made, and before the other processes of the run are started."""
    use_memory()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: one that began last would let the other processes wait for its end."""
    items.sort(key=lambda item: "end_to_end" not in item.path.parts)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asyncio is the loop that we serve on."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    """A running PostgreSQL, one for the whole session; whoever stops it starts it again."""
    server = PostgreSQLServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def postgresql_url(postgresql_server: PostgreSQLServer) -> Iterator[str]:
    """The URL of an empty database."""
    url = postgresql_server.new_database()
    yield url
    postgresql_server.drop_database(url)


@pytest.fixture(scope="session")
def ready_made_postgresql(postgresql_server: PostgreSQLServer) -> str:
    """The name of a database whose schema is of today, and which holds nothing."""
    url = postgresql_server.new_database()
    migrate_empty(url)
    return url.rpartition("/")[2]


@pytest.fixture
def migrated_postgresql_url(postgresql_server: PostgreSQLServer, ready_made_postgresql: str) -> Iterator[str]:
    """The URL of a copy of it."""
    url = postgresql_server.new_database(template=ready_made_postgresql)
    yield url
    postgresql_server.drop_database(url)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that runs in the test's own process sets up the logs; the next test finds none of it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
