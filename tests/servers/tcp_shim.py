"""A TCP proxy on loopback that stands before a real server and does to it what bad networks do."""

import asyncio
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from tests.servers.certificates import Certificate
from tests.servers.tcp_proxy import Kind, Mode, State, every

_ROOT = Path(__file__).parents[2]


class TcpShim:
    """A proxy before ``127.0.0.1:port``; its mode counts for connections that exist and for new ones.

    With a ``certificate`` it speaks TLS to the client and none to the server, so that ``matches`` and
    ``answer`` see what is said. Without it they see what goes over the wire.

    It is a process of its own: an LDAP client that holds up its whole process while it shakes hands could
    not be served from within. So ``matches`` and ``answer`` must be picklable, as those of ``ldap_faults`` are.
    Every verb returns when it is in force. As a context manager, plain or async, it listens on entry.
    """

    def __init__(self, port: int, *, host: str = "127.0.0.1", certificate: Certificate | None = None) -> None:
        self._server = (host, port, certificate)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def pass_through(self) -> None:
        """Do nothing bad; what ``black_hole`` held back is delivered now."""
        self._set(Mode())

    def black_hole(self) -> None:
        """Accept connections and data, and pass nothing on until the mode changes.

        With a certificate the handshake still succeeds.
        """
        self._set(Mode(Kind.SILENT))

    def delay(self, seconds: float) -> None:
        """Hold each piece of an answer back for a time."""
        self._set(Mode(Kind.DELAY, seconds))

    def trickle(self, seconds: float = 0.01, *, size: int = 1) -> None:
        """Pass answers on in small pieces, with a pause after each."""
        self._set(Mode(Kind.TRICKLE, seconds, size))

    def reset_after(self, size: int) -> None:
        """Pass on the first bytes of what the server answers on each connection, then reset that connection."""
        self._set(Mode(Kind.RESET, size=size))

    def swallow_answers(self, matches: Callable[[bytes], bool] = every) -> None:
        """Deliver a request that ``matches``, wait for its answer, drop it and reset: the ambiguous outcome."""
        self._set(Mode(Kind.SWALLOW, matches=matches))

    def answer(self, answer: Callable[[bytes], bytes | None]) -> None:
        """Answer in the server's place whatever the function has an answer for; the server never sees it."""
        self._set(Mode(Kind.ANSWER, answer=answer))

    def cut(self) -> None:
        """Reset every connection that exists."""
        self._order("cut")

    def refuse(self) -> None:
        """Reset all connections and refuse new ones, until ``listen``."""
        self._order("refuse")

    def listen(self) -> None:
        """Accept connections, on the same port as before."""
        self.port = self._order("listen")

    def state(self) -> State:
        """How many connections there were and how many faults, and whether the mode has had an effect."""
        return self._order("state")

    async def wait_until_struck(self, seconds: float = 30) -> None:
        """Return when the mode that is set has had its effect for the first time."""
        deadline = time.monotonic() + seconds
        while not self.state().struck:
            if time.monotonic() > deadline:
                raise TimeoutError("the fault never struck")
            await asyncio.sleep(0.005)

    def __enter__(self) -> Self:
        command = [sys.executable, "-c", "from tests.servers.tcp_proxy import main; main()"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT)
        self._send(self._server)
        self.listen()
        return self

    def __exit__(self, *fault: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *fault: object) -> None:
        self.__exit__()

    def _set(self, mode: Mode) -> None:
        self._order("set_mode", mode)

    def _order(self, verb: str, *arguments: object) -> Any:
        output = self._send((verb, arguments))
        return pickle.load(output)

    def _send(self, order: object) -> Any:
        """Send an order, and return the stream on which the answer comes."""
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("the shim is not running")
        pickle.dump(order, self._process.stdin)
        self._process.stdin.flush()
        return self._process.stdout
