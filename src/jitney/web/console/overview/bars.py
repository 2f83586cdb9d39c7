"""Bars: a chart of sign-ins as shapes of an SVG picture, and the sentence that says the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from jitney.administration.records.sign_in_chart import Line, SignInChart, Span, Tally

HEIGHT: Final = 100
STEP: Final = 10
_WIDTH: Final = 8
_LEAST: Final = 3
"""How high the smallest part is: one refusal among a thousand sign-ins must be seen."""
_ROOM: Final = HEIGHT - 2 * _LEAST

_PARTS: Final[Sequence[tuple[str, Callable[[Tally], int]]]] = (
    ("well", lambda tally: tally.well),
    ("waiting", lambda tally: tally.waiting),
    ("refused", lambda tally: tally.refused),
)
"""The parts of a bar from below: the class of the shape, and how many."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The shapes of one line: ``paths`` are a class and the data of a path each (SVG 2, 9.3)."""

    width: int
    paths: tuple[tuple[str, str], ...]


def draw(bars: Sequence[Tally], *, highest: int) -> Picture:
    """Return the shapes of a line of bars, of which ``highest`` would fill the height."""
    drawn: dict[str, list[str]] = {name: [] for name, _ in _PARTS}
    for at, tally in enumerate(bars):
        foot = float(HEIGHT)
        for name, count_of in _PARTS:
            if count := count_of(tally):
                tall = max(_LEAST, count / max(1, highest) * _ROOM)
                drawn[name].append(f"M{at * STEP + 1} {foot:.1f}v{-tall:.1f}h{_WIDTH}v{tall:.1f}z")
                foot -= tall
    paths = tuple((name, "".join(shapes)) for name, shapes in drawn.items() if shapes)
    return Picture(len(bars) * STEP, paths)


def highest_of(line: Line) -> int:
    """Return how many sign-ins the highest bar of a line holds."""
    return max((tally.total for tally in line.bars), default=0)


SPANS: Final = {
    Span.DAY: "the last 24 hours",
    Span.WEEK: "the last 7 days",
    Span.MONTH: "the last 30 days",
}


def summary_of(chart: SignInChart) -> str:
    """Return the chart as a sentence, for whoever does not see it."""
    whole, when = chart.together.whole, SPANS[chart.span]
    if not whole.total:
        return f"No sign-ins in {when}."
    busiest = max(range(len(chart.starts)), key=lambda at: chart.together.bars[at].total)
    plural = "" if whole.total == 1 else "s"
    return (
        f"{whole.total} sign-in{plural} in {when}: {whole.well} went well, {whole.waiting} not finished, "
        f"{whole.refused} refused. Most were from {label_of(chart.starts[busiest], chart.span)} on."
    )


def label_of(start: datetime, span: Span) -> str:
    """Return how a bar is called, in UTC."""
    at = start.astimezone(UTC)
    return f"{at:%Y-%m-%d}" if span is Span.MONTH else f"{at:%m-%d %H:%M}"
