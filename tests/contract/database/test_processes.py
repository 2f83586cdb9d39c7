"""Several processes on one database, and processes that die."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.contract.database import hotel
from tests.contract.database.hotel import room

from jitney.database.database import Database

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]


def start(url: str, count: int, name: str, *, under: Sequence[str] = ()) -> "subprocess.Popen[str]":
    """Start a worker, perhaps under a tracer."""
    command = [*under, sys.executable, "-m", "tests.contract.database.hotel_worker", url, str(count), name]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


async def test_processes_that_race_lose_nothing(database_url: str, database: Database) -> None:
    """R-130: three processes that change one record of one database are as exact as one."""
    await database.commit([room("r")])
    workers = [start(database_url, 60, name) for name in "abc"]
    answers = [worker.communicate()[0].split() for worker in workers]
    found = await database.fetch_one(hotel.FIND_ROOM, id="r")
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert found is not None
    assert (found["version"], len(await database.fetch(hotel.ALL_GUESTS))) == (181, 180)
    assert 180 == sum(len(answer) for answer in answers)


async def test_what_was_acknowledged_outlives_a_killed_process(database_url: str, database: Database) -> None:
    """R-132: of a process that is killed, every acknowledged commit is there, and at most one more."""
    await database.commit([room("r")])
    worker = start(database_url, 100_000, "a")
    assert worker.stdout is not None
    acknowledged = [worker.stdout.readline().strip() for _ in range(50)]
    worker.send_signal(signal.SIGKILL)
    acknowledged += worker.communicate()[0].split()
    stored = {row["id"] for row in await database.fetch(hotel.ALL_GUESTS)}
    assert set(acknowledged) <= stored
    assert len(stored) <= len(acknowledged) + 1
    found = await database.fetch_one(hotel.FIND_ROOM, id="r")
    assert found is not None
    assert 1 + len(stored) == found["version"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_commit_is_synced_before_it_is_acknowledged(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    """R-132: the log is flushed to the disk between any two acknowledgements (strace sees it)."""
    await database.commit([room("r")])
    tracer = shutil.which("strace")
    assert tracer is not None, "strace is not installed; on Debian: apt-get install strace"
    trace = tmp_path / "trace"
    worker = start(
        database_url, 20, "a", under=[tracer, "-f", "-y", "-e", "fsync,fdatasync,write", "-o", str(trace)]
    )
    assert 20 == len(worker.communicate()[0].split())
    calls = re.findall(r"(?:(f(?:data)?sync)\(\d+<[^>]*-wal>|write\(1<[^>]*>, \"(a-)\d+)", trace.read_text())
    order = "".join("S" if sync else "A" for sync, _ in calls)
    assert re.fullmatch(r"(S+A){20}S*", order)
