"""Sign-ins over time: how many went well, wait, or were refused, in all and by identity provider (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from jitney.model.outcome import OutcomeKind
from jitney.ports import OutcomeCount

MOST_LINES: Final = 8
"""How many providers have a line of their own; the others share the last one."""


class Span(StrEnum):
    """How far a chart looks back."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def step(self) -> timedelta:
        """Return how long one bar is."""
        return {Span.DAY: timedelta(hours=1), Span.WEEK: timedelta(hours=6), Span.MONTH: timedelta(days=1)}[
            self
        ]

    @property
    def bars(self) -> int:
        """Return how many bars there are."""
        return {Span.DAY: 24, Span.WEEK: 28, Span.MONTH: 30}[self]

    def begins(self, now: datetime) -> datetime:
        """Return when the first bar begins; the last one holds ``now``, and all begin at round hours in UTC."""
        seconds = int(self.step.total_seconds())
        last = int(now.timestamp()) // seconds * seconds
        return datetime.fromtimestamp(last - (self.bars - 1) * seconds, UTC)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many sign-ins ended in which way."""

    well: int = 0
    waiting: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        """Return how many there were."""
        return self.well + self.waiting + self.refused

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.well + other.well, self.waiting + other.waiting, self.refused + other.refused)


@dataclass(frozen=True, slots=True)
class Line:
    """The bars of one provider by its id (``None``: user name and password); ``others`` are those it stands for."""

    idp: str | None
    bars: tuple[Tally, ...]
    others: int = 0

    @property
    def whole(self) -> Tally:
        """Return the sum of the bars."""
        return sum(self.bars, Tally())


@dataclass(frozen=True, slots=True)
class SignInChart:
    """The bars of a span: when each begins, all together, and by provider, the busiest first."""

    span: Span
    starts: tuple[datetime, ...]
    together: Line
    lines: tuple[Line, ...]


def draw_chart(span: Span, since: datetime, counts: Iterable[OutcomeCount]) -> SignInChart:
    """Return the chart of these counts, of which none is before ``since``."""
    starts = tuple(since + span.step * number for number in range(span.bars))
    bars: dict[str | None, list[Tally]] = {}
    for each in counts:
        row = bars.setdefault(each.idp, [Tally()] * span.bars)
        at = int((each.since - since) / span.step)
        if 0 <= at < span.bars:
            row[at] += _tally(each)
    lines = sorted((Line(idp, tuple(row)) for idp, row in bars.items()), key=_busiest)
    return SignInChart(span, starts, Line(None, _together(lines, span.bars)), _fewer(lines, span.bars))


def _tally(count: OutcomeCount) -> Tally:
    match count.kind:
        case OutcomeKind.REFUSED:
            return Tally(refused=count.count)
        case OutcomeKind.PENDING:
            return Tally(waiting=count.count)
        case _:
            return Tally(well=count.count)


def _busiest(line: Line) -> tuple[int, str]:
    return -line.whole.total, line.idp or ""


def _together(lines: Sequence[Line], bars: int) -> tuple[Tally, ...]:
    return tuple(sum((line.bars[at] for line in lines), Tally()) for at in range(bars))


def _fewer(lines: Sequence[Line], bars: int) -> tuple[Line, ...]:
    rest = lines[MOST_LINES:]
    return (*lines[:MOST_LINES], *([Line(None, _together(rest, bars), len(rest))] if rest else []))
