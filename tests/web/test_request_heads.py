"""Heads of requests over a real socket: those that are too large or never end, and honest ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from jitney.web.kit.request_heads import HEAD_LIMIT, BoundedHeads

pytestmark = pytest.mark.anyio

GOOD = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@dataclass
class Line:
    """One connection to the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> bytes:
        """Send, and return the status line of the answer."""
        self.writer.write(request)
        async with asyncio.timeout(5):
            head = await self.reader.readuntil(b"\r\n\r\n")
            await self.reader.readexactly(2 if b"200" in head else 0)
        return head.partition(b"\r\n")[0]

    async def is_hung_up(self) -> bool:
        """Wait until the server closes the connection; raises ``TimeoutError`` where it does not."""
        async with asyncio.timeout(5):
            with suppress(ConnectionResetError):
                return b"" == await self.reader.read()
        return True


@asynccontextmanager
async def connected(protocol: type[BoundedHeads]) -> AsyncIterator[Line]:
    """Connect to a server which speaks this protocol and answers everything with “ok”."""
    config = uvicorn.Config(PlainTextResponse("ok"), http=protocol, lifespan="off", log_config=None)
    config.load()
    state, loop = ServerState(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0)
    line = Line(*await asyncio.open_connection(*server.sockets[0].getsockname()))
    try:
        yield line
    finally:
        line.writer.close()
        server.close()


async def test_head_that_is_too_large_is_refused() -> None:
    """R-127: a header that never ends is cut off at the limit, and a large one that ends is served."""
    async with connected(BoundedHeads) as line:
        large = b"GET / HTTP/1.1\r\nHost: a\r\nX-Large: " + b"x" * (HEAD_LIMIT - 4096) + b"\r\n\r\n"
        assert b"HTTP/1.1 200 OK" == await line.ask(large)
        assert b"HTTP/1.1 200 OK" == await line.ask(GOOD)
        endless = b"GET / HTTP/1.1\r\nHost: a\r\nX-Endless: " + b"x" * (16 * HEAD_LIMIT)
        assert b"HTTP/1.1 400 Bad Request" == await line.ask(endless)


async def test_body_is_no_part_of_the_head() -> None:
    """A request whose body is larger than a head may be is served, as is the one after it."""
    async with connected(BoundedHeads) as line:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (4 * HEAD_LIMIT)
        assert b"HTTP/1.1 200 OK" == await line.ask(head + b"x" * (4 * HEAD_LIMIT))
        assert b"HTTP/1.1 200 OK" == await line.ask(GOOD)


@pytest.mark.parametrize("begun", [b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n"])
async def test_head_that_never_ends_is_given_up(begun: bytes) -> None:
    """R-127: half a head, also on a connection that was served before, is not waited for until its sender tires."""

    class Hasty(BoundedHeads):
        """Loses its patience as soon as the test says so."""

    async with connected(Hasty) as line:
        assert b"HTTP/1.1 200 OK" == await line.ask(GOOD)
        Hasty.head_seconds = 0
        line.writer.write(begun)
        assert await line.is_hung_up()


async def test_silent_connection_is_given_up() -> None:
    """R-127: whoever connects and says nothing does not keep a socket for ever."""

    class Hasty(BoundedHeads):
        """Waits for no head at all."""

        head_seconds = 0

    async with connected(Hasty) as line:
        assert await line.is_hung_up()
