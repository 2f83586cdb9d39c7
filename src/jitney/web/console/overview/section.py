"""``/console``: the overview."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from jitney.administration.operator import Operator, Right
from jitney.administration.records.needs import Need
from jitney.administration.records.outcome_words import says
from jitney.administration.records.overview import LATELY, Failure, NamedChart, Overview
from jitney.administration.records.sign_in_chart import Line, Span
from jitney.model.outcome import OutcomeKind
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsolePage, Doorway, Visit
from jitney.web.console.overview.bars import SPANS, Picture, draw, highest_of, label_of, summary_of
from jitney.web.console.overview.steps import steps_of
from jitney.web.console.places import href_of, open_to, provider_href
from jitney.web.console.record_search import address

HERE: Final = "/console"
_OUTCOMES: Final = f"{HERE}/outcomes"
_LOCAL: Final = "User name and password"


@dataclass(frozen=True, slots=True)
class FailureRow:
    """How often one reason turned people away, and the list of them."""

    count: int
    came_from: str
    says: str
    code: str
    href: str


@dataclass(frozen=True, slots=True)
class NeedRow:
    """What needs somebody, with the link to where."""

    need: Need
    text: str | None
    href: str | None


@dataclass(frozen=True, slots=True)
class LineRow:
    """One provider's sign-ins: its picture beside its numbers."""

    name: str
    href: str | None
    picture: Picture
    line: Line


@dataclass(frozen=True, slots=True)
class OverviewSection:
    """Shows what a verb remembers of the last minute."""

    overview: Overview
    desk: Desk

    def doorways(self) -> list[Doorway]:
        """Return the address of this section."""
        return [ConsolePage(HERE, Right.SEE, self.show)]

    async def show(self, visit: Visit) -> Response:
        """Show the overview over one of the spans."""
        span = _span(visit.query.get("span", ""))
        failures = await self.overview.failures(visit.operator)
        needs = await self.overview.needs(visit.operator)
        charted = await self.overview.chart(visit.operator, span)
        steps = await self.overview.first_steps(visit.operator)
        since = f"{failures.at - LATELY + timedelta(minutes=1):%Y-%m-%dT%H:%M}"
        return self.desk.page(
            visit,
            "console/overview/overview.html",
            title="Overview",
            section="overview",
            steps=steps_of(steps) if steps else None,
            failures=[_failure(each, failures.value.names, since) for each in failures.value.most],
            refused=failures.value.looked_at,
            is_all=failures.value.is_all,
            refused_href=address(_OUTCOMES, {"result": OutcomeKind.REFUSED.value, "since": since}),
            needs=[_need(need, visit.operator) for need in needs.value],
            spans=[
                (words, address(HERE, {"span": each.value}), each is span) for each, words in SPANS.items()
            ],
            as_of=f"{charted.at:%H:%M}",
            **_chart(charted.value),
        )


def _span(unverified: str) -> Span:
    return Span(unverified) if unverified in set(Span) else Span.DAY


def _need(need: Need, operator: Operator) -> NeedRow:
    there = open_to(operator, need.next) if need.next else None
    return NeedRow(need, there and there.place.value, href_of(there) if there else None)


def _failure(failure: Failure, names: Mapping[str, str], since: str) -> FailureRow:
    provider = names.get(failure.idp or "", failure.idp)
    search = {"result": OutcomeKind.REFUSED.value, "reason": failure.code, "since": since}
    search |= {"provider": provider} if provider else {}
    return FailureRow(
        failure.count, provider or _LOCAL, _sentence(failure.code), failure.code, address(_OUTCOMES, search)
    )


def _sentence(code: str) -> str:
    words = says(code)
    return f"{words[:1].upper()}{words[1:]}"


def _chart(named: NamedChart) -> dict[str, object]:
    chart = named.chart
    highest = highest_of(chart.together)
    middle = chart.starts[len(chart.starts) // 2]
    return {
        "picture": draw(chart.together.bars, highest=highest),
        "summary": summary_of(chart),
        "highest": highest,
        "whole": chart.together.whole,
        "lines": [_line(line, named.names) for line in chart.lines],
        "labels": [label_of(at, chart.span) for at in (chart.starts[0], middle, chart.starts[-1])],
        "table": [
            (label_of(start, chart.span), tally)
            for start, tally in zip(chart.starts, chart.together.bars, strict=True)
            if tally.total
        ],
    }


def _line(line: Line, names: Mapping[str, str]) -> LineRow:
    """Return a provider's line; each is drawn to its own height, since it is the shape that tells."""
    picture = draw(line.bars, highest=highest_of(line))
    if line.others:
        return LineRow(f"{line.others} others", None, picture, line)
    if line.idp is None:
        return LineRow(_LOCAL, None, picture, line)
    name = names.get(line.idp)
    return LineRow(name or line.idp, provider_href(name) if name else None, picture, line)
