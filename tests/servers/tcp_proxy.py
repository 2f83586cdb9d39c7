"""The proxy of ``tcp_shim``, in a process of its own: it takes orders on its input and answers on its output."""

import asyncio
import contextlib
import pickle
import socket
import ssl
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.servers.certificates import Certificate

_CHUNK = 65536


class Kind(Enum):
    """What is done to a connection."""

    PASS = auto()
    SILENT = auto()
    DELAY = auto()
    TRICKLE = auto()
    RESET = auto()
    SWALLOW = auto()
    ANSWER = auto()


def every(_request: bytes) -> bool:
    """Any request at all."""
    return True


def no_answer(_request: bytes) -> bytes | None:
    """Leave every request to the server."""
    return None


@dataclass(frozen=True)
class Mode:
    """A kind with its measures; the functions go to another process, so they are pickled by name."""

    kind: Kind = Kind.PASS
    seconds: float = 0
    size: int = 0
    matches: Callable[[bytes], bool] = every
    answer: Callable[[bytes], bytes | None] = no_answer


@dataclass(frozen=True)
class State:
    """What has happened so far; ``struck`` since the mode was set."""

    accepted: int
    faults: int
    struck: bool


@dataclass(eq=False)
class _Connection:
    """One client with its connection to the server, and what this mode did to it so far."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    mode: Mode = field(default_factory=Mode)
    answered: int = 0
    swallows: bool = False


class TcpProxy:
    """Stands before ``host:port``; every public verb is an order."""

    def __init__(self, host: str, port: int, certificate: Certificate | None) -> None:
        self._host, self._server_port = host, port
        self._certificate = certificate
        self._mode = Mode()
        self._changed = asyncio.Event()
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self._accepted = self._faults = 0
        self._struck = False

    async def state(self) -> State:
        """What has happened so far."""
        return State(self._accepted, self._faults, self._struck)

    async def set_mode(self, mode: Mode) -> None:
        """Do something else from now on."""
        self._mode, self._struck = mode, False
        self._changed.set()
        self._changed = asyncio.Event()

    async def cut(self) -> None:
        """Reset every connection that exists."""
        for connection in list(self._connections):
            _reset(connection.client)
            connection.server.transport.abort()

    async def refuse(self) -> None:
        """Reset all connections and refuse new ones."""
        if self._server is not None:
            self._server.close()
            await self.cut()
            self._server = None

    async def listen(self) -> int:
        """Accept connections, and return the port, which stays the same."""
        context = None
        if self._certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate.certificate, self._certificate.key)
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self._port, ssl=context, reuse_address=True
        )
        self._port = int(self._server.sockets[0].getsockname()[1])
        return self._port

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        self._accepted += 1
        try:
            from_server, server = await asyncio.open_connection(self._host, self._server_port)
        except OSError:
            _reset(client)
            return
        connection = _Connection(client, server)
        self._connections.add(connection)
        pumps = [
            asyncio.ensure_future(self._pump_requests(reader, connection)),
            asyncio.ensure_future(self._pump_answers(from_server, connection)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connections.discard(connection)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            server.close()
            client.close()

    async def _pump_requests(self, reader: asyncio.StreamReader, connection: _Connection) -> None:
        with contextlib.suppress(OSError):
            while request := await reader.read(_CHUNK):
                mode = await self._mode_now(connection)
                reply = mode.answer(request)
                if reply is not None:
                    self._strike()
                    connection.client.write(reply)
                    continue
                connection.swallows |= mode.kind is Kind.SWALLOW and mode.matches(request)
                connection.server.write(request)
                await connection.server.drain()

    async def _pump_answers(self, reader: asyncio.StreamReader, connection: _Connection) -> None:
        with contextlib.suppress(OSError):
            while answer := await reader.read(_CHUNK):
                mode = await self._mode_now(connection)
                if connection.swallows:
                    self._strike()
                    _reset(connection.client)
                    return
                if mode.kind is Kind.RESET and connection.answered + len(answer) >= mode.size:
                    await self._reset_within(connection, answer[: mode.size - connection.answered])
                    return
                connection.answered += len(answer)
                await self._deliver(connection.client, answer, mode)

    async def _deliver(self, client: asyncio.StreamWriter, answer: bytes, mode: Mode) -> None:
        if mode.kind is Kind.DELAY:
            await asyncio.sleep(mode.seconds)
        size = mode.size if mode.kind is Kind.TRICKLE else len(answer)
        for start in range(0, len(answer), size):
            client.write(answer[start : start + size])
            await client.drain()
            if mode.kind is Kind.TRICKLE:
                await asyncio.sleep(mode.seconds)

    async def _reset_within(self, connection: _Connection, rest: bytes) -> None:
        connection.client.write(rest)
        await connection.client.drain()
        self._strike()
        _reset(connection.client)

    async def _mode_now(self, connection: _Connection) -> Mode:
        """The mode, once it is another than silence; a new one starts to count from nothing."""
        while self._mode.kind is Kind.SILENT:
            self._strike()
            await self._changed.wait()
        if connection.mode is not self._mode:
            connection.mode, connection.answered, connection.swallows = self._mode, 0, False
        return self._mode

    def _strike(self) -> None:
        """Count a fault, and tell those who wait for ``struck``; setting a mode clears it."""
        self._faults += 1
        self._struck = True


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection by RST, without what is still to be sent."""
    raw: socket.socket | None = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() >= 0:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _obey() -> None:
    """Carry out orders, (verb, arguments) one after the other, until the input ends."""
    host, port, certificate = await asyncio.to_thread(pickle.load, sys.stdin.buffer)
    proxy = TcpProxy(host, port, certificate)
    while True:
        try:
            verb, arguments = await asyncio.to_thread(pickle.load, sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(await getattr(proxy, verb)(*arguments), sys.stdout.buffer)
        sys.stdout.buffer.flush()


def main() -> None:
    """Run until the input ends."""
    asyncio.run(_obey())
