"""Fixtures: the OpenID endpoints in process."""

from collections.abc import AsyncIterator

import pytest
from tests.web.openid.openid_house import House, open_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A house with one application and ada signed in."""
    opened = await open_house()
    async with opened.client:
        yield opened
