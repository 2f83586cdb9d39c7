"""Starts a program, waits until it is ready, and stops it; when it fails, its log tells why."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

Sign = TypeVar("Sign")

_TAIL_LINES = 30


class CouldNotStartError(Exception):
    """A server did not become ready; the message ends with the last lines of its log."""


class ServerProcess:
    """A program with a log file.

    ``name`` is for messages, ``command`` the program with its arguments, ``environment`` all of its variables
    (``None`` hands on ours).
    """

    def __init__(
        self, name: str, command: Sequence[str], *, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.TemporaryFile("a+b")  # noqa: SIM115 (lives as long as the process)

    @property
    def pid(self) -> int:
        """The process id, or 0 when it does not run."""
        return self._process.pid if self._process else 0

    def log(self) -> str:
        """All that the program printed, on both streams."""
        descriptor = self._log.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")

    def start(self, ready: Callable[[str], Sign | None], seconds: float = 30) -> Sign:
        """Start, and return the first answer of ``ready(log)`` that is not ``None``.

        Raises ``CouldNotStartError`` when the program is missing, ends, or takes longer than ``seconds``.
        """
        try:
            self._process = subprocess.Popen(
                self.command,
                stdout=self._log,
                stderr=self._log,
                stdin=subprocess.DEVNULL,
                env=self.environment,
            )
        except OSError as fault:
            raise CouldNotStartError(f"{self.name}: cannot run {self.command[0]}: {fault}") from fault
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            sign = ready(self.log())
            if sign is not None:
                return sign
            if self._process.poll() is not None:
                raise self._failure(f"ended with status {self._process.returncode}")
            time.sleep(0.02)
        self.stop()
        raise self._failure(f"was not ready after {seconds:g} seconds")

    def stop(self, seconds: float = 10) -> None:
        """Ask the program to end; kill it when it does not listen."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _failure(self, what: str) -> CouldNotStartError:
        tail = "\n".join(self.log().splitlines()[-_TAIL_LINES:])
        return CouldNotStartError(f"{self.name} {what}. The end of its log:\n{tail}")


def free_port() -> int:
    """A loopback port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
