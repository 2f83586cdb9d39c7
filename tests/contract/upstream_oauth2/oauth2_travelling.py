"""A person with a browser, who goes to the fake OAuth 2.0 provider and comes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from tests.contract.upstream.travelling import StandingClock, query_of

from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import Departure
from jitney.testing.fake_oauth2_provider import FakeOAuth2Provider
from jitney.upstream.registry import UpstreamRegistry


@dataclass
class OAuth2Traveller:
    """One provider of ours that speaks plain OAuth 2.0, and a browser that travels to it."""

    provider: FakeOAuth2Provider
    registry: UpstreamRegistry
    browser: aiohttp.ClientSession
    clock: StandingClock
    idp: IdentityProvider

    def configure(self, **settings: Any) -> None:
        """Change the connection's settings, as an operator would: a new version."""
        connection: Any = replace(self.idp.connection, **settings)
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

    async def travel(
        self,
        request: AuthorizationRequest | None = None,
        *,
        tamper: Callable[[dict[str, str]], dict[str, str]] = dict,
    ) -> FederatedIdentity:
        """There and back again; ``tamper`` may change what the browser brings."""
        departure = await self.leave(request)
        return await self.arrive(tamper(await self.visit(departure)), departure)
