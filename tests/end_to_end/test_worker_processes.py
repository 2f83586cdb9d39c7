"""Several server processes on one port: what becomes of them when one of them, or their parent, is killed."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import anyio
import pytest
from tests.end_to_end.jitney_process import Home, JitneyProcess, is_alive

pytestmark = pytest.mark.anyio

Seen = TypeVar("Seen")

LONG_ENOUGH_TO_BE_ASKED = 2
"""A parent asks each of its processes every half second (seconds)."""


@pytest.fixture
def home() -> Iterator[Home]:
    """A home whose server has two processes."""
    home = Home()
    home.write_raw_settings(f'[server]\nport = {home.port}\nbase_url = "{home.base_url}"\nprocesses = 2\n')
    yield home
    home.remove()


async def test_killed_worker_is_replaced_and_the_port_serves_on(home: Home) -> None:
    """R-132: of two processes one may be killed; another takes its place, and the address answers all the while."""
    async with JitneyProcess(home) as server:
        first, _ = await until(lambda: two(workers_of(server.pid)))
        os.kill(first, signal.SIGKILL)
        assert is_alive(home.address)
        assert first not in await until(lambda: two(workers_of(server.pid) - {first}))
        assert is_alive(home.address)


async def test_worker_that_is_killed_while_its_parent_asks_it_is_replaced_at_once(home: Home) -> None:
    """R-132: a process that hangs is asked how it is; if it dies meanwhile, nobody waits for its answer."""
    async with JitneyProcess(home) as server:
        first, _ = await until(lambda: two(workers_of(server.pid)))
        os.kill(first, signal.SIGSTOP)
        await anyio.sleep(LONG_ENOUGH_TO_BE_ASKED)
        os.kill(first, signal.SIGKILL)
        assert first not in await until(lambda: two(workers_of(server.pid) - {first}))
        assert is_alive(home.address)


async def test_workers_end_with_their_parent(home: Home) -> None:
    """P-4: a parent that was killed leaves no process behind that would hold the port and serve old settings."""
    server = JitneyProcess(home)
    await server.start()
    try:
        workers = await until(lambda: two(workers_of(server.pid)))
        os.kill(server.pid, signal.SIGKILL)
        await until(lambda: not any(parent_of(worker) for worker in workers) or None)
        assert not is_alive(home.address)
    finally:
        await server.stop()


async def until(look: Callable[[], Seen | None]) -> Seen:
    """Look until there is something to see."""
    with anyio.fail_after(30):
        while (seen := look()) is None:  # noqa: ASYNC110 - nobody tells us when a process ends
            await anyio.sleep(0.05)
    return seen


def two(found: set[int]) -> set[int] | None:
    """Return both, once there are two."""
    return found if len(found) == 2 else None


def workers_of(parent: int) -> set[int]:
    """Return the process ids of a server's workers."""
    processes = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return {process for process in processes if parent == parent_of(process) and is_worker(process)}


def is_worker(process: int) -> bool:
    """Whether it runs our code; the other child of a server only tracks what the children share."""
    return b"spawn_main" in read_of(process, "cmdline")


def parent_of(process: int) -> int | None:
    """Return the parent's id, ``None`` for a process that has ended, whether or not anybody took note."""
    state, _, rest = read_of(process, "stat").rpartition(b") ")[2].partition(b" ")
    return int(rest.split()[0]) if rest and state != b"Z" else None


def read_of(process: int, name: str) -> bytes:
    """Return what the kernel says of a process; nothing where it is gone."""
    try:
        return Path(f"/proc/{process}/{name}").read_bytes()
    except OSError:
        return b""
