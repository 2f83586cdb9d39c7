"""The doors that the contract is held against, one after the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.doors import Doors, memory_doors, opened, sql_doors


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where records are kept: the URL of a database of each kind that holds nothing, or nothing for memory."""
    if request.param == "memory":
        return ""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jitney.sqlite'}"
    url: str = request.getfixturevalue("migrated_postgresql_url")
    return url


@pytest.fixture
async def doors(place: str) -> AsyncIterator[Doors]:
    """Empty doors."""
    if not place:
        yield memory_doors()
        return
    async with opened(place) as database:
        yield sql_doors(database)
