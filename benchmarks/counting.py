"""What a sign-in writes: transactions counted inside the server while the driver signs people in."""

import json
from dataclasses import dataclass, replace

from benchmarks.job import Job
from benchmarks.measuring import drive
from benchmarks.processes import Process

_FEW = 10


@dataclass(frozen=True, slots=True)
class Count:
    """Averages for each sign-in of a kind.

    ``transactions`` are all of them, from authorize to the tokens; ``publishing`` those that start the session.
    ``syncs`` are those of the publishing ones that change the user too, ``elsewhere`` syncs in any other.
    ``attributes`` and ``roles`` are what changed.
    """

    kind: str
    sign_ins: int
    transactions: float
    publishing: float
    syncs: float
    elsewhere: float
    attributes: float
    roles: float


def count(kind: str, job: Job, driver: Process, server: Process) -> Count:
    """Let a few people come until all were there, then count; raises ``MeasurementFailedError``."""
    job = replace(job, people=min(job.people, _FEW))
    if job.people:
        drive(driver, job)
    _ask(server)
    sign_ins = len(
        drive(driver, replace(job, prefix=f"{job.prefix}n" if not job.people else job.prefix))["took"]
    )
    seen = _ask(server)
    names = ("transactions", "with_session", "with_sync", "sync_elsewhere", "attributes", "roles")
    return Count(kind, sign_ins, *(seen[name] / sign_ins for name in names))


def _ask(server: Process) -> dict[str, int]:
    server.write_line("count")
    return json.loads(server.read_line())
