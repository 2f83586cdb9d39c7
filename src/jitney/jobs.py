"""Due work: sweeping away what has expired, done by one node at a time."""

import asyncio
import random
from dataclasses import dataclass

import structlog

from jitney.errors import JitneyError
from jitney.ports import Clock
from jitney.storage.sweeper import Leases, Sweeper

log = structlog.get_logger("jitney.jobs")

EVERY_SECONDS = 60
LEASE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one server process; ``node`` names it among all (R-147)."""

    leases: Leases
    sweeper: Sweeper
    clock: Clock
    node: str

    async def run_forever(self) -> None:
        """Do what is due every minute; a job that fails is tried again next time."""
        while True:
            # Processes that were started together shall not knock together.
            await asyncio.sleep(EVERY_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            try:
                await self.sweep()
            except JitneyError as fault:
                log.warning("job_failed", job="sweep", code=fault.code)
            except Exception:
                log.exception("job_failed", job="sweep")

    async def sweep(self) -> None:
        """Remove what has expired, unless another node does so now."""
        if await self.leases.claim("sweep", self.node, LEASE_SECONDS):
            removed = await self.sweeper.sweep(self.clock.now())
            if removed:
                log.info("swept", **removed)
