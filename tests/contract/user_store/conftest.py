"""The doors that the contract is held against, one after the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.doors import Doors, memory_doors, opened, sql_doors
from tests.contract.user_store.following_doors import following_doors, memory_entries


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
async def own_doors(place: str) -> AsyncIterator[Doors]:
    """Empty doors, whose users all stand in our own database."""
    if not place:
        yield memory_doors()
        return
    async with opened(place) as database:
        yield sql_doors(database)


@pytest.fixture
def doors(own_doors: Doors) -> Doors:
    """Empty doors; a file that holds for every kind of user store puts all kinds in their place."""
    return own_doors


@pytest.fixture(params=["own", "outside"])
def doors_of_any_kind(request: pytest.FixtureRequest, own_doors: Doors) -> Doors:
    """Empty doors, whose PRIMARY stands in our own database, and then outside it, with records here."""
    is_outside = request.param == "outside"
    return following_doors(own_doors, memory_entries(own_doors)) if is_outside else own_doors
