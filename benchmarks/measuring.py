"""One measurement: drive a server for a while, and say what it took."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psutil

from benchmarks.job import Job
from benchmarks.processes import Process, Usage


class MeasurementFailedError(Exception):
    """A sign-in failed under measurement, so that the figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What some seconds of sign-ins took.

    ``took`` is each sign-in's time in seconds, sorted; ``cpu`` the CPU seconds by part (``server`` first);
    ``shares`` those of the server's processes that did any work; ``busy`` the share of the machine's CPU time
    that anybody used; ``peak_bytes`` the server's resident memory at its largest.
    """

    took: tuple[float, ...]
    wall: float
    cpu: Mapping[str, float]
    shares: tuple[float, ...]
    busy: float
    peak_bytes: int

    @property
    def per_second(self) -> float:
        """Sign-ins per second of the clock."""
        return len(self.took) / self.wall

    @property
    def per_cpu_second(self) -> float:
        """Sign-ins per CPU second of the server: what it could do if everything else ran elsewhere."""
        return len(self.took) / self.cpu["server"]

    def cpu_ms(self, part: str = "server") -> float:
        """CPU milliseconds of a part for each sign-in."""
        return 1000 * self.cpu.get(part, 0.0) / len(self.took)

    def percentile_ms(self, percent: float) -> float:
        """The time in milliseconds within which so many per cent of the sign-ins were done."""
        return 1000 * self.took[min(len(self.took) - 1, int(len(self.took) * percent / 100))]


def together(parts: Sequence[Measurement]) -> Measurement:
    """Return several measurements of the same thing as one."""
    return Measurement(
        took=tuple(sorted(took for part in parts for took in part.took)),
        wall=sum(part.wall for part in parts),
        cpu={name: sum(part.cpu[name] for part in parts) for name in parts[0].cpu},
        shares=parts[-1].shares,
        busy=sum(part.busy * part.wall for part in parts) / sum(part.wall for part in parts),
        peak_bytes=max(part.peak_bytes for part in parts),
    )


def measure(job: Job, driver: Process, parts: Mapping[str, Usage], *, warm_up: float) -> Measurement:
    """Warm the server up with other people of the job's kind, then measure; raises ``MeasurementFailedError``."""
    drive(driver, replace(job, seconds=warm_up, prefix=f"{job.prefix}w" if not job.people else job.prefix))
    cpu, by_process, machine = _cpu_of(parts), parts["server"].cpu_by_process(), _machine()
    seen = drive(driver, job)
    used = {name: after - cpu[name] for name, after in _cpu_of(parts).items()}
    rested = _machine()
    shares = [now - by_process.get(pid, 0.0) for pid, now in parts["server"].cpu_by_process().items()]
    return Measurement(
        took=tuple(sorted(seen["took"])),
        wall=seen["wall"],
        cpu=used,
        shares=tuple(share for share in shares if share > 0.02 * used["server"]),
        busy=1 - (rested[0] - machine[0]) / (rested[1] - machine[1]),
        peak_bytes=parts["server"].peak_bytes(),
    )


def drive(driver: Process, job: Job) -> dict[str, Any]:
    """Have a job driven; what the driver saw.  Raises ``MeasurementFailedError``."""
    fields = {name: getattr(job, name) for name in Job.__slots__}
    driver.write_line(json.dumps(fields))
    seen = json.loads(driver.read_line())
    if "failed" in seen:
        raise MeasurementFailedError(seen["failed"])
    return seen


def _cpu_of(parts: Mapping[str, Usage]) -> dict[str, float]:
    return {name: usage.cpu_seconds() for name, usage in parts.items()}


def _machine() -> tuple[float, float]:
    """Return the CPU seconds of the whole machine since it started: idle ones, and all."""
    times = psutil.cpu_times()
    return times.idle + times.iowait, sum(times)
