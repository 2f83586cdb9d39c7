"""An identity provider of thousands of customers: quick, honest, RS256, at every callback of some servers."""

import asyncio
import sys
from collections.abc import Sequence

import uvloop

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Habits, RegisteredClient


class CallbacksOf(tuple[str, ...]):
    """The callbacks below these addresses: each of thousands of providers has its own."""

    __slots__ = ()

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and any(address.startswith(f"{each}/callback/") for each in self)


async def serve(client_id: str, secret: str, servers: Sequence[str]) -> None:
    """Serve until interrupted."""
    client = RegisteredClient(client_id, secret, CallbacksOf(servers))
    async with FakeOIDCProvider(clients=[client], habits=Habits(id_token_alg="RS256")) as provider:
        print(f"the provider of the customers is at {provider.issuer}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], sys.argv[2], sys.argv[3:]))
