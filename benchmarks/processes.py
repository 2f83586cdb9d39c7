"""The processes of a measurement: started, watched for their CPU time and memory, and stopped."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent


class CouldNotStartError(Exception):
    """A process ended, or did not answer in time; the text ends with what it said last."""


class Process:
    """A Python process of ours with all its children.

    ``arguments`` follow the interpreter; what it says on standard error goes to ``log``.
    """

    def __init__(
        self, arguments: list[str], *, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._log = log
        with log.open("ab") as errors:
            self.popen = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, text=True, bufsize=1,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env={**os.environ, **(environment or {})},
            )  # fmt: skip
        self.usage = Usage(self.popen.pid)

    def read_line(self) -> str:
        """Return the next line that it prints; raises ``CouldNotStartError`` when there is none."""
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        if not line:
            raise CouldNotStartError(self.last_words())
        return line

    def write_line(self, line: str) -> None:
        """Give it a line."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()

    def wait_for_port(self, port: int, path: str) -> None:
        """Return when it answers ``GET path``, whatever the status; raises ``CouldNotStartError``."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.popen.poll() is None:
            if _answers(port, path):
                return
            time.sleep(0.01)
        raise CouldNotStartError(self.last_words())

    def wait_until_quiet(self) -> None:
        """Return when it and its children rest: when one process answers, others may still be starting."""
        before = -1.0
        while (now := self.usage.cpu_seconds()) - before > 0.02:
            before = now
            time.sleep(0.5)

    def last_words(self) -> str:
        """Return the end of its log."""
        return self._log.read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """Ask it to end, and end it when it does not."""
        self.popen.terminate()
        try:
            self.popen.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.usage.kill_all()
            self.popen.wait()


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Usage:
    """What a process and its children have used so far."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)

    def cpu_by_process(self) -> dict[int, float]:
        """Return the CPU seconds (user and system) of each process that lives."""
        found: dict[int, float] = {}
        for each in [self._process, *self._process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                found[each.pid] = times.user + times.system
        return found

    def cpu_seconds(self) -> float:
        """Return the CPU seconds of all of them."""
        return sum(self.cpu_by_process().values())

    def peak_bytes(self) -> int:
        """Return the largest resident set that each of them ever had, added up (bytes; Linux)."""
        return self._status("VmHWM")

    def resident_bytes(self) -> int:
        """Return the resident set of each of them, added up (bytes; Linux)."""
        return self._status("VmRSS")

    def _status(self, name: str) -> int:
        total = 0
        for each in [self._process, *self._process.children(recursive=True)]:
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{each.pid}/status").read_text()
                total += sum(1024 * int(line.split()[1]) for line in status.splitlines() if name in line)
        return total

    def kill_all(self) -> None:
        """End the process and its children at once."""
        for each in [*self._process.children(recursive=True), self._process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
