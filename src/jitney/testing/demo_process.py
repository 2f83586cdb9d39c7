"""Jitney as child processes of the demo: its commands, and its server."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

_COMMAND = (sys.executable, "-c", "from jitney.cli import main; main()")
_READY = "Application startup complete"
_START_SECONDS = 60


class DemoFailedError(Exception):
    """The demo could not start, or had to end; the message says why."""


async def run_command(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a ``jitney`` command to its end and return what it printed; raises ``DemoFailedError``."""
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await process.communicate()
    finally:
        await _stop(process)
    if process.returncode != 0:
        raise DemoFailedError(f"“jitney {' '.join(arguments)}” failed:\n{said.decode()}")
    return said.decode()


@asynccontextmanager
async def serving(home: Path, environment: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the server, yield it when it serves, and stop it; raises ``DemoFailedError``."""
    with (home / "jitney.log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(
            *_COMMAND, "serve", env=environment, stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL
        )
    try:
        await _until_ready(server, home)
        yield server
    finally:
        await _stop(server)


async def _until_ready(server: asyncio.subprocess.Process, home: Path) -> None:
    """Wait for the server's own word: on its port another program might answer, which was quicker to take it."""
    ended = asyncio.create_task(server.wait())
    try:
        async with asyncio.timeout(_START_SECONDS):
            while not ended.done():
                if _READY in end_of_log(home):
                    return
                await asyncio.wait([ended], timeout=0.05)
    except TimeoutError:
        raise DemoFailedError(
            f"Jitney was not ready after {_START_SECONDS} seconds:\n{end_of_log(home)}"
        ) from None
    finally:
        ended.cancel()
    raise DemoFailedError(f"Jitney did not start. The end of its log:\n{end_of_log(home)}")


async def _stop(process: asyncio.subprocess.Process, seconds: float = 12) -> None:
    """Ask a process to end; kill it when it does not listen."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except TimeoutError:
        process.kill()
        await process.wait()


def end_of_log(home: Path) -> str:
    """Return what the server said last."""
    return "\n".join((home / "jitney.log").read_text(errors="replace").splitlines()[-20:])
