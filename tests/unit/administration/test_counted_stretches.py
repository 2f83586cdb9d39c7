"""The counts of a chart: what is over is counted once, and the answer is what counting everything would say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from jitney.administration.records import counted_stretches
from jitney.administration.records.counted_stretches import SETTLED, CountedStretches
from jitney.administration.records.sign_in_chart import Span
from jitney.model import changes as c
from jitney.model.outcome import Outcome, OutcomeKind
from jitney.ports import OutcomeCount
from jitney.testing.memory import MemoryDoors
from jitney.testing.memory_records import MemoryRecords

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CountedRecords(MemoryRecords):
    """Records that know what they were asked to count."""

    asked: list[timedelta] = field(default_factory=list[timedelta])

    async def counts(self, since: datetime, until: datetime, *, step_seconds: int) -> Sequence[OutcomeCount]:
        self.asked.append(until - since)
        return await MemoryRecords.counts(self, since, until, step_seconds=step_seconds)

    def hours(self) -> float:
        """Return how many hours were gone through since the last time."""
        total = sum(self.asked, timedelta())
        self.asked.clear()
        return total / timedelta(hours=1)


async def keep(doors: MemoryDoors, *at: datetime) -> None:
    """Keep a sign-in of each of these moments."""
    outcomes = [Outcome(f"R-{each}", each, OutcomeKind.CREATED, (), idp="idp-1") for each in at]
    await doors.unit_of_work.commit(*map(c.RecordOutcome, outcomes))


async def everything(doors: MemoryDoors, span: Span, now: datetime) -> list[OutcomeCount]:
    """Count all of a span in one go."""
    since, seconds = span.begins(now), int(span.step.total_seconds())
    return list(await doors.records.counts(since, since + span.step * span.bars, step_seconds=seconds))


@pytest.mark.parametrize("span", list(Span))
async def test_what_is_over_is_counted_once(span: Span) -> None:
    """Issue 7: a minute later the last hours are counted, however long the span is."""
    doors = MemoryDoors()
    records = CountedRecords(doors.look)
    stretches = CountedStretches(records)
    await stretches.counts(span, NOW)
    assert span.step * span.bars / timedelta(hours=1) == records.hours()
    await stretches.counts(span, NOW + timedelta(minutes=1))
    assert records.hours() <= (SETTLED + 2 * span.step) / timedelta(hours=1)


@pytest.mark.parametrize("span", list(Span))
async def test_counts_are_those_of_counting_everything(span: Span) -> None:
    """Issue 7: whenever somebody looks, and after the clock was set back, the chart is what the records say."""
    doors, chance = MemoryDoors(), Random(7)
    stretches, now = CountedStretches(doors.records), NOW
    length = span.step * span.bars
    await keep(doors, *(NOW - length * chance.random() for _ in range(50)))
    for _ in range(60):
        now += chance.choice((timedelta(minutes=1), span.step / 3, span.step * 2, -span.step, length))
        await keep(doors, now, now - SETTLED * chance.random() * 0.9)
        assert await everything(doors, span, now) == list(await stretches.counts(span, now))


async def test_many_counts_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-151: thousands of providers do not fill the memory of a process; up to the bound they are remembered."""
    doors = MemoryDoors()
    records = CountedRecords(doors.look)
    await keep(doors, NOW - timedelta(hours=9), NOW - timedelta(hours=8))
    for most, hours in ((2, {3.0, 4.0}), (1, {24.0})):
        monkeypatch.setattr(counted_stretches, "MOST_REMEMBERED", most)
        stretches = CountedStretches(records)
        await stretches.counts(Span.DAY, NOW)
        records.hours()
        assert 2 == len(await stretches.counts(Span.DAY, NOW))
        assert records.hours() in hours
