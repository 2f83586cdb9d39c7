"""How the fake SAML provider meets browsers: a server, and the page that posts itself."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import HTMLResponse

from jitney.testing.fake_saml.travel import Sent

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class Server(uvicorn.Server):
    """A server in somebody else's process: it says when it listens, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.listens.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def parameters_of(request: Request) -> dict[str, str]:
    """Return the fields of a form, or the parameters of a query."""
    sent: Mapping[str, Any] = await request.form() if request.method == "POST" else request.query_params
    return {name: str(value) for name, value in sent.items()}


def page_carrying(address: str, sent: Sent) -> HTMLResponse:
    """A page with a form that posts itself (SAML Bindings 3.5.4)."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in sent.parameters.items()
    )
    page = (
        '<!doctype html><html lang="en"><title>Acme sign-in</title><body onload="document.forms[0].submit()">'
        f'<form method="post" action="{escape(address)}">{fields}<button>Go on</button></form></body></html>'
    )
    return HTMLResponse(page, headers=HEADERS)
