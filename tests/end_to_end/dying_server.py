"""A server that kills itself with SIGKILL at a moment that a file names (R-145).

The file ``moment`` in the home folder holds ``WHEN CHANGE[+CHANGE…]``: at the first commit that contains all of
these changes the process dies ``before`` it, ``after`` it became durable, or ``amid``: the commit is torn in two
behind the last named change, against the protocol, to show that the checks of the tests see that.
``SaveSignIn`` may say the stage that it saves: ``SaveSignIn:returned``.
While there is no such file, the server is as any other, and notes each commit as a line in the file ``commits``.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import uvicorn

from jitney.app import Server
from jitney.model.change_order import in_order
from jitney.model.changes import Change, SaveSignIn
from jitney.ports import UnitOfWork
from jitney.settings import load_settings


class Dying:
    """A unit of work that dies when it is told to."""

    def __init__(self, work: UnitOfWork, folder: Path) -> None:
        self._work = work
        self._file = folder / "moment"
        self._notes = folder / "commits"

    async def commit(self, *changes: Change) -> None:
        """Commit, and die before, after, or amid."""
        when, wanted = _moment(self._file)
        names = [set(_names(change)) for change in in_order(changes)]
        if not wanted or not all(any(name in each for each in names) for name in wanted):
            await self._work.commit(*changes)
            self._note(names)
            return
        if when == "amid":
            torn = max(at for at, each in enumerate(names) if set(wanted) & each) + 1
            await self._work.commit(*in_order(changes)[:torn])
        elif when == "after":
            await self._work.commit(*changes)
        os.kill(os.getpid(), signal.SIGKILL)

    def _note(self, names: Sequence[set[str]]) -> None:
        with self._notes.open("a") as notes:
            notes.write("+".join(sorted(set().union(*names))) + "\n")


def _moment(file: Path) -> tuple[str, Sequence[str]]:
    try:
        when, _, wanted = file.read_text().partition(" ")
    except FileNotFoundError:
        return "", ()
    return when, wanted.split("+")


def _names(change: Change) -> Iterator[str]:
    yield type(change).__name__
    if isinstance(change, SaveSignIn):
        yield f"SaveSignIn:{change.sign_in.stage.value}"


def serve(folder: Path, *, dies: bool) -> None:
    """Serve a home until killed, printing to ``server.log`` in it; only where it ``dies`` does it read the file."""
    with (folder / "server.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    settings = load_settings({"JITNEY_HOME": str(folder)}, folder=folder)
    around = partial(Dying, folder=folder) if dies else None
    application = Server(settings, around_work=around) if around else Server(settings)
    uvicorn.run(application, host=settings.server.host, port=settings.server.port, access_log=False)
