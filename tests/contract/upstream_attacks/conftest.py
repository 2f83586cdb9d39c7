"""A SAML provider of bad faith, and our side of it."""

from collections.abc import AsyncIterator, Callable

import pytest
from tests.contract.upstream_attacks.saml_house import SAMLHouse

from jitney.outgoing.client import OutgoingClient, OutgoingLimits

MakeHouse = Callable[..., SAMLHouse]


@pytest.fixture
async def outgoing() -> AsyncIterator[OutgoingClient]:
    """A client that may go nowhere: nothing of this is fetched."""
    async with OutgoingClient(allowed=frozenset(), limits=OutgoingLimits()) as outgoing:
        yield outgoing


@pytest.fixture
def make_house(outgoing: OutgoingClient) -> MakeHouse:
    """Set the provider up with these settings."""
    return lambda **settings: SAMLHouse.make(outgoing, **settings)
