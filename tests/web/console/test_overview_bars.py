"""The bars of the overview, as shapes and as a sentence."""

from datetime import UTC, datetime

from jitney.administration.records.sign_in_chart import Span, Tally, draw_chart
from jitney.model.outcome import OutcomeKind
from jitney.ports import OutcomeCount
from jitney.web.console.overview.bars import HEIGHT, draw, summary_of

SINCE = datetime(2026, 11, 22, 15, tzinfo=UTC)


def test_one_refusal_among_a_thousand_is_seen() -> None:
    """Issue 7: the smallest part of a bar has a height, and the highest bar fits the picture."""
    picture = draw([Tally(1000, 1, 1), Tally(), Tally(500)], highest=1002)
    shapes = dict(picture.paths)
    assert (30, {"well", "waiting", "refused"}) == (picture.width, shapes.keys())
    assert shapes["refused"].split("v-")[1].startswith("3.0")
    assert 2 == shapes["well"].count("M")
    highest = float(shapes["refused"].split(" ")[1].split("v")[0]) - 3
    assert 0 <= highest < HEIGHT
    assert () == draw([Tally()], highest=0).paths


def test_summary_says_what_the_picture_shows() -> None:
    """Issue 7: the sentence counts, and names the busiest time; nothing at all is said as that."""
    assert "No sign-ins in the last 7 days." == summary_of(draw_chart(Span.WEEK, SINCE, []))
    one = draw_chart(Span.DAY, SINCE, [OutcomeCount(SINCE, None, OutcomeKind.CREATED, 1)])
    assert (
        "1 sign-in in the last 24 hours: 1 went well, 0 not finished, 0 refused. Most were from 11-22 15:00 on."
        == summary_of(one)
    )
    month = draw_chart(Span.MONTH, SINCE, [OutcomeCount(SINCE, None, OutcomeKind.REFUSED, 2)])
    assert (
        "2 sign-ins in the last 30 days: 0 went well, 0 not finished, 2 refused. Most were from 2026-11-22 on."
        == (summary_of(month))
    )
