"""However the demo ends, it takes everything that it started along, and says why."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from tests.servers.process import ServerProcess


@dataclass(frozen=True)
class Started:
    """The demo as a process of its own: the process, and what it printed so far."""

    process: psutil.Process
    log: Callable[[], str]

    @property
    def home(self) -> Path:
        """The folder that it works in, from its guide."""
        return Path(self.log().partition("Log: ")[2].partition("/jitney.log")[0])


@pytest.fixture
def demo() -> Iterator[Started]:
    """The demo, ready."""
    server = ServerProcess("demo", [sys.executable, "-m", "jitney.testing.demo"])
    server.start(lambda log: True if "Ctrl-C ends the demo" in log else None, 90)
    yield Started(psutil.Process(server.pid), server.log)
    server.stop()


def test_an_interrupted_demo_leaves_nothing(demo: Started) -> None:
    """After Ctrl-C no process and no folder is left, and the demo ends well."""
    children = demo.process.children(recursive=True)
    assert 1 <= len(children)
    home = demo.home
    assert home.is_dir()
    demo.process.send_signal(signal.SIGINT)
    assert 0 == demo.process.wait(30)
    assert ([], []) == (psutil.wait_procs(children, 10)[1], list(home.glob("*")))
    assert "The demo has ended" in demo.log()


def test_a_demo_whose_server_dies_says_so(demo: Started) -> None:
    """When Jitney ends by itself, the demo ends too, with its status and the end of its log."""
    home = demo.home
    for child in demo.process.children(recursive=True):
        child.kill()
    assert 1 == demo.process.wait(30)
    assert "The demo cannot go on: Jitney ended with status -9" in demo.log()
    assert not home.exists()
