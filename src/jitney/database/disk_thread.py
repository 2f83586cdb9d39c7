"""The one thread that waits for the disk, so that the event loop need not.

An executor of the standard library would do the same; it takes some twenty microseconds more for each call,
and a sign-in makes several.
"""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import NamedTuple


class _Call(NamedTuple):
    work: Callable[[], object]
    done: "asyncio.Future[None]"


class DiskThread:
    """A thread that does what it is handed, one call after the other; it ends with ``stop``."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="sqlite-commit", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[], object]) -> None:
        """Have ``work`` done in the thread, and wait for it; raises what it raises."""
        done: asyncio.Future[None] = self._loop.create_future()
        self._calls.put(_Call(work, done))
        await done

    def stop(self) -> None:
        """Let the thread finish what it was handed, and end it."""
        self._calls.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            fault: BaseException | None = None
            try:
                call.work()
            except BaseException as error:  # whoever waits is told, whatever it is
                fault = error
            self._loop.call_soon_threadsafe(_settle, call.done, fault)


def _settle(done: "asyncio.Future[None]", fault: BaseException | None) -> None:
    if done.done():
        return
    if fault is None:
        done.set_result(None)
    else:
        done.set_exception(fault)
