"""Fixtures for all tests: the event loop, and a PostgreSQL server of our own."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from tests.servers.postgresql import PostgreSQLServer

pytest_plugins = [
    "tests.no_skips",
    "tests.interop_summary",
    "tests.scenario_summary",
    "tests.entry_store_summary",
    "tests.attack_summary",
    "tests.ways_in_summary",
]


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
def postgresql_url(postgresql_server: PostgreSQLServer) -> str:
    """The URL of an empty database."""
    return postgresql_server.new_database()


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that runs in the test's own process sets up the logs; the next test finds none of it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
