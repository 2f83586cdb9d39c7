"""Wait until a provider's people are gone through: do it here, or watch the server that does, with a bar."""

import asyncio
from dataclasses import dataclass, field

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from jitney.administration.removal.removal_rounds import Waiting
from jitney.cli.wiring import House
from jitney.model.provider_removal import ProviderRemoval, RemovalPhase

_PAUSE_SECONDS = 0.5
_PATIENT_ROUNDS = 120
"""After so many rounds in which nobody's turn came the command gives up; the removal does not."""


@dataclass(slots=True)
class _Watch:
    """What was seen last, and what is shown of it."""

    progress: Progress
    task: TaskID
    removal: ProviderRemoval
    waiting: Waiting | None = None
    said: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def see(self, met: ProviderRemoval | Waiting) -> None:
        """Move the bar, or say once why somebody has to wait."""
        if isinstance(met, ProviderRemoval):
            self.removal = met
            total = max(met.planned.total, met.done.total)
            self.progress.update(self.task, completed=met.done.total, total=total)
            return
        self.waiting = met
        if (met.domain, met.fault.code) not in self.said:
            self.said.add((met.domain, met.fault.code))
            click.echo(f"Waiting for {met.domain}: {met.fault.sentence} ({met.fault.code})", err=True)


async def wait_for(house: House, removal: ProviderRemoval, *, is_shown: bool) -> ProviderRemoval:
    """Return the removal when it is done; whoever else is at it is watched.

    Raises the fault for which people wait, where nothing goes on for a minute.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not is_shown) as progress:
        task = progress.add_task(f"Removing {removal.name}", total=max(1, removal.planned.total))
        return await _until_done(house, _Watch(progress, task, removal))


async def _until_done(house: House, watch: _Watch) -> ProviderRemoval:
    idle = 0
    while True:
        before, watch.waiting = watch.removal, None
        async for met in house.jobs.work_off(before.id):
            watch.see(met)
        watch.see(await house.doors.provider_removals.find(before.id) or watch.removal)
        if watch.removal.phase is RemovalPhase.DONE:
            return watch.removal
        idle = 0 if watch.removal.version > before.version else idle + 1
        if watch.waiting is not None and idle > _PATIENT_ROUNDS:
            raise watch.waiting.fault
        await asyncio.sleep(_PAUSE_SECONDS)
