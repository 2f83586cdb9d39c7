"""A person with a browser, who goes to the fake provider and comes back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp

from jitney.model.connection import OIDCConnection
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import Departure
from jitney.testing.fake_oidc_provider import FakeOIDCProvider
from jitney.upstream.registry import UpstreamRegistry

BASE_URL = "https://jitney.example"
REDIRECT_URI = f"{BASE_URL}/callback/acme"
CLIENT_ID = "jitney"
CLIENT_SECRET = "a secret with : and %41 + in it, and 32 octets or more"
NOON = datetime(2030, 6, 1, 12, 0, 0, tzinfo=UTC)


@dataclass
class StandingClock:
    """A clock that moves when it is told to; ``drift`` is how far the provider's clock is ahead, in seconds."""

    time: datetime = NOON
    drift: float = 0

    def now(self) -> datetime:
        return self.time

    def provider_time(self) -> float:
        return self.time.timestamp() + self.drift

    def advance(self, **span: float) -> None:
        self.time += timedelta(**span)


@dataclass
class CountingEntropy:
    """Chance without surprise: every token is another one, and of the right length."""

    numbers: Any = field(default_factory=count)

    def token(self) -> str:
        return f"token-{next(self.numbers):037}"

    def id(self) -> str:
        return f"id-{next(self.numbers)}"

    def reference(self) -> str:
        return f"REF-{next(self.numbers)}"


def application_request(**wishes: Any) -> AuthorizationRequest:
    """What an application asked for."""
    return AuthorizationRequest("shop", "https://shop.example/back", ("openid",), **wishes)


def query_of(location: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))


@dataclass
class Traveller:
    """One provider of ours, and a browser that travels to it."""

    provider: FakeOIDCProvider
    registry: UpstreamRegistry
    browser: aiohttp.ClientSession
    clock: StandingClock
    idp: IdentityProvider

    def configure(self, **settings: Any) -> None:
        """Change the connection's settings, as an operator would: a new version."""
        connection: OIDCConnection = replace(self.idp.connection, **settings)
        self.idp = replace(self.idp, connection=connection, version=self.idp.version + 1)

    @property
    def upstream(self) -> Any:
        return self.registry.find(self.idp)

    async def leave(self, request: AuthorizationRequest | None = None) -> Departure:
        return await self.upstream.begin(request, state=f"state-of-{id(object())}")

    async def visit(self, departure: Departure) -> dict[str, str]:
        """Let the browser go there; returns what it brings back."""
        async with self.browser.get(departure.location, allow_redirects=False) as answer:
            return query_of(answer.headers["Location"])

    async def arrive(self, brought: Mapping[str, str], departure: Departure) -> FederatedIdentity:
        return await self.upstream.complete(UnverifiedResponse(brought), departure.attempt)

    async def visit_and_post(self, departure: Departure) -> UnverifiedResponse:
        """Let the browser go there; returns the form that it posts back (OIDC Form Post Response Mode)."""
        async with self.browser.get(departure.location) as answer:
            fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', await answer.text())
        return UnverifiedResponse({name: unescape(value) for name, value in fields}, is_posted=True)

    async def travel(
        self,
        request: AuthorizationRequest | None = None,
        *,
        tamper: Callable[[dict[str, str]], dict[str, str]] = dict,
    ) -> FederatedIdentity:
        """There and back again; ``tamper`` may change what the browser brings."""
        departure = await self.leave(request)
        return await self.arrive(tamper(await self.visit(departure)), departure)
