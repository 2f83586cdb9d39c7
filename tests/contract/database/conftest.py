"""The databases that the contract is held against."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.database.hotel import SCHEMA

from jitney.database.database import Database
from jitney.database.opening import open_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hotel.sqlite'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database whose schema is current."""
    database = await open_database(database_url, SCHEMA)
    await database.migrate()
    yield database
    await database.close()
