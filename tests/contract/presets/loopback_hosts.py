"""Leads the names of real hosts to a server of ours on loopback, which speaks TLS under these names."""

import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from tests.servers.certificates import TestAuthority

from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import HostPort


class _ToLoopback(AbstractResolver):
    """Leads every name to one port of loopback."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=self._port, family=2, proto=0, flags=0)]

    async def close(self) -> None:
        pass


@asynccontextmanager
async def outgoing_to(
    application: web.Application, hosts: Iterable[str], authority: TestAuthority
) -> AsyncIterator[OutgoingClient]:
    """Run the application; yields the real client, which reaches it under these names and reaches nothing else."""
    names = sorted(hosts)
    certificate = authority.good(*names)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate.certificate, certificate.key)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        async with OutgoingClient(
            allowed=frozenset(HostPort(host, 443) for host in names),
            extra_ca_file=authority.ca_file,
            resolver=_ToLoopback(runner.addresses[0][1]),
        ) as outgoing:
            yield outgoing
    finally:
        await runner.cleanup()
