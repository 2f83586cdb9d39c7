"""One open store for each kind, on servers that run for the whole session."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.contract.entry_store.guarded import Guarded, GuardedDatabase, GuardedMariaDB, GuardedPostgreSQL
from tests.contract.entry_store.kinds import KINDS
from tests.contract.entry_store.ldap_kinds import OPTIONS as LDAP_OPTIONS
from tests.contract.entry_store.sql_kinds import CHEAP
from tests.contract.entry_store.standing import ALL_ABILITIES, Kind, Standing
from tests.servers.mariadb import MariaDBServer
from tests.servers.samba import SambaServer
from tests.servers.slapd import SlapdServer

from jitney.userstores.passwords import Argon2Passwords

_NEEDS = "needs"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark by which a test says what a kind must be able to."""
    config.addinivalue_line("markers", f"{_NEEDS}(*abilities): what not every kind of store can")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test for every kind, or for those that can what it needs."""
    if "standing" not in metafunc.fixturenames:
        return
    needed: set[str] = set()
    for mark in metafunc.definition.iter_markers(_NEEDS):
        needed |= set(mark.args)
    if needed - ALL_ABILITIES:
        raise pytest.UsageError(f"no such ability: {needed - ALL_ABILITIES}")
    fitting = [kind for kind in KINDS if needed <= kind.can]
    metafunc.parametrize("kind", fitting, ids=[kind.name for kind in fitting])


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBServer]:
    """A running MariaDB, one for the whole session."""
    with MariaDBServer() as server:
        yield server


@pytest.fixture(scope="session")
def slapd_server() -> Iterator[SlapdServer]:
    """A running slapd, one for the whole session."""
    with SlapdServer(LDAP_OPTIONS) as server:
        yield server


@pytest.fixture(scope="session")
def samba_server() -> Iterator[SambaServer]:
    """A running Samba, one for the whole session."""
    with SambaServer() as server:
        yield server


@pytest.fixture
def server(kind: Kind, request: pytest.FixtureRequest) -> Any:
    """The server of the kind, started where it is first asked for."""
    return None if kind.server is None else request.getfixturevalue(kind.server)


@pytest.fixture
async def standing(kind: Kind, server: Any, tmp_path: Path) -> AsyncIterator[Standing]:
    """An open store of the kind, which holds nobody."""
    async with kind.opened(server, tmp_path) as standing:
        yield standing


@pytest.fixture(scope="session")
def guarded_postgresql() -> Iterator[GuardedPostgreSQL]:
    """A PostgreSQL that asks for a password and speaks TLS."""
    with closing(GuardedPostgreSQL()) as guarded:
        guarded.start()
        yield guarded


@pytest.fixture(scope="session")
def guarded_mariadb() -> Iterator[GuardedMariaDB]:
    """A MariaDB that asks for a password and speaks TLS."""
    with closing(GuardedMariaDB()) as guarded:
        guarded.start()
        yield guarded


@pytest.fixture(params=["postgresql", "mariadb"])
def guarded(request: pytest.FixtureRequest) -> Guarded:
    """Each of the guarded servers."""
    return request.getfixturevalue(f"guarded_{request.param}")


@pytest.fixture
async def database(guarded: Guarded) -> GuardedDatabase:
    """A fresh database of a guarded server, with somebody else's tables."""
    database = GuardedDatabase(guarded)
    await database.make()
    return database


@pytest.fixture
def passwords() -> Iterator[Argon2Passwords]:
    """A hasher that costs little."""
    passwords = Argon2Passwords(CHEAP)
    yield passwords
    passwords.close()
