"""The overview of the console as it asks anew: each time a minute later, so that nothing of it is remembered."""

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from jitney import app
from jitney.administration.operator import COMMAND_LINE
from jitney.administration.records.overview import Overview
from jitney.administration.records.sign_in_chart import Span
from jitney.ports import Clock

_TIMES = 15


@dataclass(slots=True)
class Look:
    """One question in milliseconds: the first time in a process, and each later one."""

    name: str
    first: float = 0.0
    later: list[float] = field(default_factory=list[float])

    @property
    def usual(self) -> float:
        """The median of the later ones."""
        return statistics.median(self.later)

    @property
    def longest(self) -> float:
        """The longest of the later ones."""
        return max(self.later)


@dataclass(slots=True)
class _LaterClock:
    """A clock that can be put forward."""

    behind: Clock
    later: timedelta = timedelta()

    def now(self) -> datetime:
        return self.behind.now() + self.later


async def look_often(house: app.House) -> Sequence[Look]:
    """Return what each question took."""
    gc.collect()
    gc.freeze()  # what this process has done before is none of it
    at = house.verbs.overview.at
    clock = _LaterClock(at.clock)
    overview = Overview.of(replace(at, clock=clock), expiry_of=house.verbs.overview.expiry_of, can_mail=False)
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "refusals of 24 hours": lambda: overview.failures(COMMAND_LINE),
        "what needs somebody": lambda: overview.needs(COMMAND_LINE),
        **{f"chart of a {span.value}": _chart(overview, span) for span in Span},
    }
    looks = {name: Look(name, first=await _time(ask)) for name, ask in asked.items()}
    for _ in range(_TIMES):
        clock.later += timedelta(seconds=61)
        for name, ask in asked.items():
            looks[name].later.append(await _time(ask))
    return list(looks.values())


def _chart(overview: Overview, span: Span) -> Callable[[], Awaitable[object]]:
    return lambda: overview.chart(COMMAND_LINE, span)


async def _time(ask: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await ask()
    return (time.perf_counter() - begun) * 1000
