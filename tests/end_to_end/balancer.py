"""A load balancer in the tests' own process: sends the requests for one address to several nodes."""

import itertools
from collections.abc import Callable, Sequence

import httpx

Choose = Callable[[httpx.Request], int]
"""Which node gets a request, by its number."""


class Balancer(httpx.AsyncBaseTransport):
    """A transport that lets ``choose`` say which port of the loopback address gets a request; else they take turns.

    ``taken`` counts the requests that each node got.
    """

    def __init__(self, ports: Sequence[int], choose: Choose | None = None) -> None:
        turns = itertools.cycle(range(len(ports)))
        self._choose: Choose = choose or (lambda _request: next(turns))
        self._ports = ports
        # The nodes let go of a connection that was idle for five seconds: nobody shall use one in that very moment.
        limits = httpx.Limits(max_connections=200, keepalive_expiry=2)
        self._inner = httpx.AsyncHTTPTransport(limits=limits)
        self.taken = [0 for _ in ports]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request on; its Host header stays as it was."""
        node = self._choose(request)
        self.taken[node] += 1
        request.url = request.url.copy_with(port=self._ports[node])
        return await self._inner.handle_async_request(request)
