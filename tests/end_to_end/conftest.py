"""What the walks of this folder share: an identity provider that can lie, and homes that send people to it."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.jitney_process import RECORDS, SAMPLE_CALLBACK, SECRET, Home
from tests.servers.postgresql import PostgreSQLServer

from jitney.testing.fake_oidc_provider import KNOWN_PEOPLE, FakeOIDCProvider, Person, RegisteredClient

NAMESAKES = tuple(
    Person(f"alan-{number}", {"preferred_username": "alan", "name": f"Alan the {number}th"})
    for number in range(50)
)
"""Fifty people who all want the same user name."""


@pytest.fixture(scope="module")
async def acme(anyio_backend: str) -> AsyncIterator[FakeOIDCProvider]:
    """The fake identity provider, honest; whoever makes it lie makes it honest again."""
    async with FakeOIDCProvider(people=(*KNOWN_PEOPLE, *NAMESAKES)) as provider:
        yield provider


@pytest.fixture(scope="module")
async def declared_home(acme: FakeOIDCProvider) -> AsyncIterator[Home]:
    """A home on its embedded database, with the provider and the application declared; nobody serves it."""
    home = Home(allow=(urlsplit(acme.issuer).netloc,))
    acme.register(RegisteredClient("jitney", SECRET, (f"{home.base_url}/callback/acme",)))
    await home.apply(RECORDS.format(issuer=acme.issuer, redirect_uri=SAMPLE_CALLBACK))
    yield home
    home.remove()


@pytest.fixture(scope="module")
async def declared_postgresql(
    declared_home: Home, acme: FakeOIDCProvider, postgresql_server: PostgreSQLServer
) -> str:
    """The name of a PostgreSQL database that holds the same declarations; the tests work on copies of it."""
    url = postgresql_server.new_database()
    home = declared_home.copy(database=url)
    await home.apply(RECORDS.format(issuer=acme.issuer, redirect_uri=SAMPLE_CALLBACK))
    home.remove()
    return url.rpartition("/")[2]


@pytest.fixture
async def two_nodes(
    declared_home: Home, declared_postgresql: str, postgresql_server: PostgreSQLServer
) -> AsyncIterator[tuple[Home, Home]]:
    """Two served homes that share a name, a master key and a PostgreSQL database, and nothing else."""
    first = declared_home.copy(database=postgresql_server.new_database(template=declared_postgresql))
    second = first.neighbour()
    try:
        async with ForkedServer(first), ForkedServer(second):
            yield first, second
    finally:
        first.remove()
        second.remove()
