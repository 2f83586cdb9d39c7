"""Publishes a metadata document at a provider's own address, on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiohttp import web
from tests.contract.presets.loopback_hosts import outgoing_to
from tests.servers.certificates import TestAuthority

from jitney.outgoing.client import OutgoingClient


@asynccontextmanager
async def metadata_at(url: str, document: bytes, authority: TestAuthority) -> AsyncIterator[OutgoingClient]:
    """Answer with the document at exactly this address, and nowhere else."""

    async def answer(request: web.Request) -> web.Response:
        is_here = url == f"https://{request.host}{request.path_qs}"
        return web.Response(
            status=200 if is_here else 404, body=document if is_here else b"", content_type="application/xml"
        )

    application = web.Application()
    application.router.add_route("GET", "/{rest:.*}", answer)
    async with outgoing_to(application, [str(urlsplit(url).hostname)], authority) as outgoing:
        yield outgoing
