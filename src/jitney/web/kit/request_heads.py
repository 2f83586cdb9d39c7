"""Request heads: bounded in size and in time, before anybody has looked at them."""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT = 64 * 1024
"""Bytes of request line and headers; what browsers and applications send fits many times."""

HEAD_SECONDS = 10.0
"""How long a head may take to arrive as a whole; also how long a new connection may stay silent."""


class BoundedHeads(HttpToolsProtocol):
    """The HTTP protocol of the server, which by itself waits for a head for ever and keeps all of it (R-127).

    The attack: a header that never ends fills the memory, and a thousand connections that say a letter a minute
    use up the sockets, before any door of ours has been asked.
    """

    head_seconds: ClassVar[float] = HEAD_SECONDS
    _head_size = 0
    _in_head = True
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head is too large by now."""
        super().data_received(data)
        if not self._in_head:
            return
        self._head_size += len(data)
        if self._head_size > HEAD_LIMIT and not self.transport.is_closing():
            self._stop_waiting()
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """Begin to wait for this head; the connection may have served others before."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """Serve the request; its body is bounded where it is read."""
        self._stop_waiting()
        self._in_head = False
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._stop_waiting()
        self._in_head, self._head_size = True, 0
        self._head_timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
