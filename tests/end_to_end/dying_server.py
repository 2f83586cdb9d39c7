"""A server that kills itself with SIGKILL at a moment that a file names (R-145), or waits there for others to die.

The file ``moment`` in the home folder holds ``[die|wait] WHEN WHAT``; without the first word the process dies.
``WHAT`` is ``CHANGE[+CHANGE…]``, the first commit that contains all of these changes, or an entry store's method.
``WHEN`` is ``before`` it, or ``after`` it became durable or was acknowledged.
A commit may also be left ``amid``: it is torn in two behind the last named change, against the protocol, to show
that the checks of the tests see that. ``SaveSignIn`` may say the stage that it saves: ``SaveSignIn:returned``.
A call of an entry store may be left ``during``: what was asked for stands, and the answer was not taken; or
``unanswered``: the connection broke before the answer came.

Everybody who waits has written a line to the file ``reached``, and goes on when the file ``moment`` has gone.
While there is no such file, the server is as any other, and notes each commit as a line in the file ``commits``,
and each call of an entry store as its name.

The file ``clock`` says by how many seconds the server's clock is ahead, ``broken`` which rule of the protocol it
breaks on purpose (``broken_protocol``), and ``idle`` that recovery is left to those who come.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from tests.end_to_end.broken_protocol import BREAKS

from jitney import jobs
from jitney.app import Server, doors
from jitney.errors import StoreUnanswered
from jitney.model.change_order import in_order
from jitney.model.changes import Change, SaveSignIn
from jitney.ports import EntryStore, UnitOfWork
from jitney.settings import Settings, load_settings
from jitney.time_and_chance import SystemClock

_OFTEN, _NEVER = 0.2, 3600
"""Seconds between two looks of a job."""

_PAUSE = 0.005
_PLAIN = frozenset({"has_place_for", "values"})
"""Methods of an entry store that are no calls to be answered."""


@dataclass(frozen=True)
class Moment:
    """What the file orders: ``verb`` is ``die``, ``wait``, or empty where nothing is ordered."""

    verb: str = ""
    when: str = ""
    what: tuple[str, ...] = ()


@dataclass(frozen=True)
class Orders:
    """The files of a home by which a test talks to its server."""

    folder: Path

    def moment(self) -> Moment:
        """Read what is ordered now."""
        try:
            words = (self.folder / "moment").read_text().split()
        except FileNotFoundError:
            return Moment()
        verb, when, what = words if len(words) == 3 else ("die", *words)
        return Moment(verb, when, tuple(what.split("+")))

    async def obey(self, moment: Moment) -> None:
        """Die, or say that the moment has come and wait until the order is withdrawn."""
        if moment.verb == "die":
            die()
        with (self.folder / "reached").open("a") as reached:
            reached.write("reached\n")
        while self.moment() == moment:  # noqa: ASYNC110 - another process ends this
            await asyncio.sleep(_PAUSE)

    def note(self, line: str) -> None:
        """Note what was done."""
        with (self.folder / "commits").open("a") as notes:
            notes.write(f"{line}\n")


class Dying:
    """A unit of work that dies or waits when it is told to."""

    def __init__(self, work: UnitOfWork, orders: Orders) -> None:
        self._work = work
        self._orders = orders

    async def commit(self, *changes: Change) -> None:
        """Commit, and obey before, after, or amid."""
        moment = self._orders.moment()
        names = [set(_names(change)) for change in in_order(changes)]
        if not moment.what or not all(any(name in each for each in names) for name in moment.what):
            await self._work.commit(*changes)
            self._orders.note("+".join(sorted(set().union(*names))))
            return
        if moment.when == "amid":
            torn = max(at for at, each in enumerate(names) if set(moment.what) & each) + 1
            await self._work.commit(*in_order(changes)[:torn])
            die()
        if moment.when == "before":
            await self._orders.obey(moment)
        await self._work.commit(*changes)
        if moment.when == "after":
            await self._orders.obey(moment)


class DyingEntries:
    """An entry store around whose answers the process dies or waits when it is told to."""

    def __init__(self, entries: EntryStore, orders: Orders) -> None:
        self._entries = entries
        self._orders = orders

    def __getattr__(self, name: str) -> Any:
        """Return a method of the store: each is as it was, but for the moments around it."""
        ask = getattr(self._entries, name)
        return ask if name in _PLAIN else partial(self._asked, name, ask)

    async def aclose(self) -> None:
        """Close the store, if it can be closed."""
        close = getattr(self._entries, "aclose", None)
        if close is not None:
            await close()

    async def _asked(self, name: str, ask: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        moment = self._orders.moment()
        if moment.what != (name,):
            self._orders.note(name)
            return await ask(*arguments, **named)
        if moment.when == "before":
            await self._orders.obey(moment)
        if moment.when == "during":
            await self._die_in_flight(ask(*arguments, **named), arguments)
        try:
            answer = await ask(*arguments, **named)
        except StoreUnanswered:
            if moment.when == "unanswered":
                await self._orders.obey(moment)
            raise
        if moment.when == "after":
            await self._orders.obey(moment)
        return answer

    async def _die_in_flight(self, asked: Any, arguments: tuple[Any, ...]) -> None:
        """Die as soon as anybody can see the entry that is being added."""
        flight = asyncio.ensure_future(asked)
        new = arguments[0]
        while not flight.done() and await self._entries.find_made(new.name, new.stamp) is None:  # noqa: ASYNC110
            await asyncio.sleep(_PAUSE)
        if flight.done():
            flight.result()
        die()


class ClockAhead(SystemClock):
    """The wall clock of this machine, ahead by as much as a file says: leases run out, and nobody waits for it."""

    folder = Path()

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        try:
            ahead = float((self.folder / "clock").read_text() or 0)
        except FileNotFoundError:
            ahead = 0
        return super().now() + timedelta(seconds=ahead)


def die() -> None:
    """End here, as a power cut would end it: nothing is said, flushed or undone."""
    os.kill(os.getpid(), signal.SIGKILL)


def _names(change: Change) -> Iterator[str]:
    yield type(change).__name__
    if isinstance(change, SaveSignIn):
        yield f"SaveSignIn:{change.sign_in.stage.value}"


def serve(folder: Path, *, dies: bool) -> None:
    """Serve a home until killed, printing to ``server.log`` in it; the files are read only where it ``dies``."""
    with (folder / "server.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    settings = load_settings({"JITNEY_HOME": str(folder)}, folder=folder)
    application = _mortal(settings, folder) if dies else Server(settings)
    uvicorn.run(application, host=settings.server.host, port=settings.server.port, access_log=False)


def _mortal(settings: Settings, folder: Path) -> Server:
    """Return a server that obeys the files, and whose recovery is not slower than the tests."""
    ClockAhead.folder = folder
    doors.SystemClock = ClockAhead
    jobs.RECOVER_EVERY_SECONDS = _NEVER if (folder / "idle").exists() else _OFTEN
    jobs.CLEAR_EVERY_SECONDS = jobs.SEND_EVERY_SECONDS = _OFTEN
    orders, breaking = Orders(folder), BREAKS[_read(folder / "broken")]
    return Server(
        settings,
        around_work=lambda work: Dying(breaking.work(work), orders),
        around_entries=lambda entries: DyingEntries(breaking.entries(entries), orders),
    )


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""
