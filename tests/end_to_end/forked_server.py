"""Server processes that start at once: they are forked from a process that has everything imported."""

import multiprocessing
import time
from multiprocessing.process import BaseProcess
from typing import Self

from anyio import to_thread
from tests.end_to_end.dying_server import serve
from tests.end_to_end.jitney_process import Home, is_alive
from tests.servers.process import CouldNotStartError

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.end_to_end.dying_server", "jitney.cli"])


class ForkedServer:
    """A server process of a home; where it ``dies``, it does so at the moment that ``dying_server`` describes."""

    def __init__(self, home: Home, *, dies: bool = False) -> None:
        self.home = home
        self._process: BaseProcess = FORKS.Process(target=serve, args=(home.folder,), kwargs={"dies": dies})

    async def start(self) -> None:
        """Start, and return when it serves; raises ``CouldNotStartError``."""
        await to_thread.run_sync(self._start)

    async def ended(self, seconds: float = 20) -> int | None:
        """Wait for the process to end by itself; its exit code, ``None`` where it goes on living."""
        await to_thread.run_sync(self._process.join, seconds)
        return self._process.exitcode

    async def kill(self) -> None:
        """End the process by SIGKILL."""
        self._process.kill()
        await self.ended()

    async def stop(self) -> None:
        """Ask the process to end; kill it when it does not listen."""
        self._process.terminate()
        if await self.ended(15) is None:
            self._process.kill()
            await self.ended()

    def log(self) -> str:
        """All that the servers of this home printed."""
        return (self.home.folder / "server.log").read_text(errors="replace")

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Stop."""
        await self.stop()

    def _start(self) -> None:
        self._process.start()
        deadline = time.monotonic() + 60
        while not is_alive(self.home.address):
            if self._process.exitcode is not None or time.monotonic() > deadline:
                self._process.kill()
                raise CouldNotStartError(f"the server did not start:\n{self.log()}")
            time.sleep(0.02)
