"""Fixtures: the sign-in verbs over memory, and over SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.doors import opened, sql_doors
from tests.journeys.sign_in.sign_in_house import House, furnish, make_house, open_house


@pytest.fixture
async def house() -> House:
    """The house over memory, with Acme and the shop."""
    return await open_house()


@pytest.fixture
async def sqlite_house(tmp_path: Path) -> AsyncIterator[House]:
    """The same over SQLite."""
    async with opened(f"sqlite:///{tmp_path}/jitney.db") as database:
        yield await furnish(make_house(sql_doors(database)))
