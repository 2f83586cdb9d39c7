"""Fixtures: Jitney in process, a fake provider, and a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.web.pages.pages_house import PagesHouse, open_pages


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PagesHouse]:
    """A house over SQLite, with Acme and the shop."""
    async with open_pages(tmp_path) as opened:
        yield opened
