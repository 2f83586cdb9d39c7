"""The command line without its start: each command is forked from a process that has everything imported."""

import os
import sys
import tempfile
from multiprocessing.process import BaseProcess
from pathlib import Path

from anyio import to_thread
from tests.end_to_end.forked_server import FORKS
from tests.end_to_end.jitney_process import CommandFailedError, Home, Said

from jitney.cli import main


async def run_forked(home: Home, *arguments: str, expect: int = 0, typed: str = "") -> Said:
    """Run a command to its end, with ``typed`` on its keyboard; raises ``CommandFailedError`` as ``Home.run``."""
    said = await to_thread.run_sync(_run, home, arguments, typed)
    if said.code != expect:
        raise CommandFailedError(f"jitney {' '.join(arguments)}: {said.code}\n{said.out}\n{said.err}")
    return said


def _run(home: Home, arguments: tuple[str, ...], typed: str) -> Said:
    with tempfile.TemporaryDirectory(prefix="jitney-command-") as name:
        folder = Path(name)
        (folder / "in").write_text(typed)
        process: BaseProcess = FORKS.Process(
            target=_command, args=(folder, dict(home.environment), arguments)
        )
        process.start()
        process.join()
        code = process.exitcode if process.exitcode is not None else -1
        return Said(code, (folder / "out").read_text(), (folder / "err").read_text())


def _command(folder: Path, environment: dict[str, str], arguments: tuple[str, ...]) -> None:
    """Be the command ``jitney``, with files in place of a terminal."""
    for number, name, mode in ((0, "in", os.O_RDONLY), (1, "out", _NEW), (2, "err", _NEW)):
        os.dup2(os.open(folder / name, mode, 0o600), number)
    sys.stdin = os.fdopen(0)
    os.environ.update(environment)
    sys.argv = ["jitney", *arguments]
    main()


_NEW = os.O_WRONLY | os.O_CREAT
