"""A fake provider on loopback, our side of it, and somebody who travels between them."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from tests.contract.upstream.travelling import (
    BASE_URL,
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    CountingEntropy,
    StandingClock,
    Traveller,
)

from jitney.model.connection import OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.outgoing.client import OutgoingClient, OutgoingLimits
from jitney.outgoing.urls import parse_target
from jitney.testing.fake_oidc_provider import FakeOIDCProvider, RegisteredClient
from jitney.upstream.registry import UpstreamRegistry


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def provider(clock: StandingClock) -> AsyncIterator[FakeOIDCProvider]:
    client = RegisteredClient(CLIENT_ID, CLIENT_SECRET, (REDIRECT_URI,))
    async with FakeOIDCProvider(clients=[client], now=clock.provider_time) as provider:
        yield provider


@pytest.fixture
def limits() -> OutgoingLimits:
    return OutgoingLimits()


@pytest.fixture
async def outgoing(provider: FakeOIDCProvider, limits: OutgoingLimits) -> AsyncIterator[OutgoingClient]:
    allowed = frozenset({parse_target(provider.issuer).host_port})
    async with OutgoingClient(allowed=allowed, limits=limits) as outgoing:
        yield outgoing


@pytest.fixture
def registry(outgoing: OutgoingClient, clock: StandingClock) -> UpstreamRegistry:
    return UpstreamRegistry(outgoing, clock, CountingEntropy(), BASE_URL)


@pytest.fixture
async def traveller(
    provider: FakeOIDCProvider, registry: UpstreamRegistry, clock: StandingClock
) -> AsyncIterator[Traveller]:
    connection = OIDCConnection(provider.issuer, CLIENT_ID, client_secret=CLIENT_SECRET)
    idp = IdentityProvider("idp-1", "acme", "Acme", connection)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        yield Traveller(provider, registry, browser, clock, idp)
