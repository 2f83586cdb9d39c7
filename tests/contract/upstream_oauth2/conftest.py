"""A fake OAuth 2.0 provider on loopback, our side of it, and somebody who travels between them."""

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
)
from tests.contract.upstream_oauth2.oauth2_travelling import OAuth2Traveller

from jitney.model.connection import OAuth2Connection
from jitney.model.identity_provider import IdentityProvider
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import parse_target
from jitney.testing.fake_oauth2_provider import FakeOAuth2Provider
from jitney.upstream.registry import UpstreamRegistry


@pytest.fixture
async def provider() -> AsyncIterator[FakeOAuth2Provider]:
    async with FakeOAuth2Provider(CLIENT_ID, CLIENT_SECRET, REDIRECT_URI) as provider:
        yield provider


@pytest.fixture
async def traveller(provider: FakeOAuth2Provider) -> AsyncIterator[OAuth2Traveller]:
    connection = OAuth2Connection(
        provider.authorization_endpoint,
        provider.token_endpoint,
        provider.userinfo_endpoint,
        CLIENT_ID,
        client_secret=CLIENT_SECRET,
        scopes=("read:user", "user:email"),
    )
    idp, clock = IdentityProvider("idp-1", "acme", "Acme", connection), StandingClock()
    allowed = frozenset({parse_target(provider.base).host_port})
    async with (
        OutgoingClient(allowed=allowed) as outgoing,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser,
    ):
        registry = UpstreamRegistry(outgoing, clock, CountingEntropy(), BASE_URL)
        yield OAuth2Traveller(provider, registry, browser, clock, idp)
