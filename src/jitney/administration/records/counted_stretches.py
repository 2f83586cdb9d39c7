"""Count sign-ins stretch by stretch, and those of a stretch that is over once in a process.

A month of a busy installation holds hundreds of thousands of outcomes; what is counted anew each minute is the
last few hours of it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from jitney.administration.records.sign_in_chart import Span
from jitney.ports import OutcomeCount, Records

SETTLED: Final = timedelta(hours=2)
"""How long after its end a stretch may still change: a sign-in that waits is settled, or is given up, before."""

MOST_REMEMBERED: Final = 20_000
"""How many counts are remembered of a span; where there are more, all are asked for each time (R-151)."""

_AT_ONCE: Final = 3
"""How many stretches one question counts: a database that answers in place lets sign-ins through in between."""


@dataclass(frozen=True, slots=True)
class _Over:
    """The counts of what lies before ``until``."""

    until: datetime
    counts: Sequence[OutcomeCount]


@dataclass(frozen=True, slots=True)
class CountedStretches:
    """Counts the stretches of a span."""

    records: Records
    over: dict[Span, _Over] = field(default_factory=dict[Span, _Over])

    async def counts(self, span: Span, now: datetime) -> Sequence[OutcomeCount]:
        """Return the counts of every stretch of a span, the oldest first."""
        since = span.begins(now)
        # The clock of another node may be ahead: what it has just kept belongs to the last stretch.
        until = since + span.step * span.bars
        settled = since + (now - SETTLED - since) // span.step * span.step
        known = self.over.get(span)
        if known is None or known.until > settled:  # also where the clock was set back
            known = _Over(since, ())
        counts = [one for one in known.counts if one.since >= since]
        counts += await self._ask(span, max(since, known.until), until)
        if len(counts) <= MOST_REMEMBERED:
            self.over[span] = _Over(settled, tuple(one for one in counts if one.since < settled))
        return counts

    async def _ask(self, span: Span, since: datetime, until: datetime) -> list[OutcomeCount]:
        counts: list[OutcomeCount] = []
        seconds = int(span.step.total_seconds())
        while since < until:
            end = min(until, since + span.step * _AT_ONCE)
            counts += await self.records.counts(since, end, step_seconds=seconds)
            since = end
            await asyncio.sleep(0)
        return counts
