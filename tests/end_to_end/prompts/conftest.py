"""What the walks through the pages that ask share: one town, one browser, and people in it."""

from collections.abc import AsyncIterator

import pytest
from tests.end_to_end.prompts.town import Town, running_town
from tests.end_to_end.prompts.walker import Walker, walking
from tests.servers.chromium import Chromium


@pytest.fixture(scope="package")
async def town(anyio_backend: str) -> AsyncIterator[Town]:
    """Everything that runs."""
    async with running_town() as town:
        yield town


@pytest.fixture(scope="package")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    """The browser."""
    async with Chromium() as chromium:
        yield chromium


@pytest.fixture
async def walker(chromium: Chromium, town: Town) -> AsyncIterator[Walker]:
    """Somebody who was never here, with JavaScript."""
    async with walking(chromium, town) as walker:
        yield walker


@pytest.fixture
async def plain_walker(chromium: Chromium, town: Town) -> AsyncIterator[Walker]:
    """The same without JavaScript."""
    async with walking(chromium, town, javascript=False) as walker:
        yield walker
