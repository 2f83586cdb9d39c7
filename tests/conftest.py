"""Fixtures for all tests: the event loop, and a PostgreSQL server of our own."""

from collections.abc import Iterator

import pytest
from tests.servers.postgresql import PostgreSQLServer

pytest_plugins = ["tests.no_skips", "tests.interop_summary"]


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
