"""Look up names for the outgoing client, and let through only addresses that may be called."""

import socket
from collections.abc import Set

from aiohttp.abc import AbstractResolver, ResolveResult

from jitney.outgoing.addresses import check_address
from jitney.outgoing.urls import HostPort


class GuardedResolver(AbstractResolver):
    """A resolver whose every answer has been checked, and to whose answers the client then connects.

    DNS rebinding: the attacker's name first resolves to a public address,
    which passes a check made beforehand, and a
    moment later, when the connection is made, to ``127.0.0.1``.
    Here the checked address *is* the one connected to.
    """

    def __init__(self, backend: AbstractResolver, allowed: Set[HostPort]) -> None:
        self._backend = backend
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of ``host``; one bad address refuses all, since each may be tried in turn.

        Raises ``UpstreamUnavailable`` with ``upstream_address_refused``;
        ``OSError`` when there is no such name.
        """
        results = await self._backend.resolve(host, port, family)
        if HostPort(host.lower(), port) not in self._allowed:
            for result in results:
                check_address(result["host"])
        return results

    async def close(self) -> None:
        """Release the backend."""
        await self._backend.close()
