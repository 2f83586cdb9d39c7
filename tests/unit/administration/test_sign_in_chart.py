"""The chart of sign-ins: which bar holds what, and who has a line."""

from datetime import UTC, datetime, timedelta

import pytest

from jitney.administration.records.sign_in_chart import MOST_LINES, Span, Tally, draw_chart
from jitney.model.outcome import OutcomeKind
from jitney.ports import OutcomeCount

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "begins"),
    [
        (Span.DAY, datetime(2026, 11, 22, 15, tzinfo=UTC)),
        (Span.WEEK, datetime(2026, 11, 16, 18, tzinfo=UTC)),
        (Span.MONTH, datetime(2026, 10, 25, tzinfo=UTC)),
    ],
)
def test_bars_begin_at_round_times_and_the_last_holds_now(span: Span, begins: datetime) -> None:
    """Issue 7: hours, quarters of a day and days, in UTC."""
    assert begins == span.begins(NOW)
    last = begins + span.step * (span.bars - 1)
    assert last <= NOW < last + span.step


def test_each_kind_falls_into_its_part_of_its_bar() -> None:
    """Issue 7: refused is refused, what waits is waiting, all else went well; what is outside is left out."""
    since = Span.DAY.begins(NOW)
    hour = timedelta(hours=1)
    counts = [
        OutcomeCount(since, "a", OutcomeKind.CREATED, 2),
        OutcomeCount(since, "a", OutcomeKind.PASSED_THROUGH, 1),
        OutcomeCount(since + hour, "a", OutcomeKind.REFUSED, 3),
        OutcomeCount(since + 23 * hour, None, OutcomeKind.PENDING, 4),
        OutcomeCount(since + 24 * hour, "a", OutcomeKind.REFUSED, 9),
    ]
    chart = draw_chart(Span.DAY, since, counts)
    assert (Tally(3), Tally(refused=3), Tally(waiting=4)) == tuple(
        chart.together.bars[at] for at in (0, 1, 23)
    )
    assert (Tally(3, 4, 3), 24) == (chart.together.whole, len(chart.starts))
    assert [("a", 6), (None, 4)] == [(line.idp, line.whole.total) for line in chart.lines]


def test_busiest_providers_have_a_line_and_the_others_share_one() -> None:
    """Issue 7: thousands of providers are one line beyond the busiest."""
    since = Span.DAY.begins(NOW)
    counts = [OutcomeCount(since, f"idp-{n:02}", OutcomeKind.CREATED, 100 - n) for n in range(12)]
    lines = draw_chart(Span.DAY, since, counts).lines
    assert [f"idp-{n:02}" for n in range(MOST_LINES)] == [line.idp for line in lines[:-1]]
    assert (None, 4, 92 + 91 + 90 + 89) == (lines[-1].idp, lines[-1].others, lines[-1].whole.total)
    assert [0] * 8 == [line.others for line in lines[:-1]]
