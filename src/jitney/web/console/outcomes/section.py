"""``/console/outcomes``: find sign-ins, read the whole reasoning of one, and take many as a file."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.records.outcome_finding import REASON_SPAN, OutcomeFinding, OutcomePage, Sought
from jitney.administration.records.records_export import RecordsExport
from jitney.model.outcome import OutcomeKind
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.outcomes.rows import COLUMNS, file_rows, rows_of
from jitney.web.console.outcomes.story import story_of
from jitney.web.console.outcomes.words import KINDS
from jitney.web.console.record_files import parse_form, send_file
from jitney.web.console.record_search import (
    BAD_SEARCH,
    Search,
    filled,
    given,
    read_choice,
    read_time,
    wrong,
)
from jitney.web.kit.render import redirect

HERE: Final = "/console/outcomes"
SEARCH: Final = Search(
    HERE,
    ("q", "subject", "provider", "application", "result", "reason", "since", "until"),
    cursor="behind",
    plain=frozenset({"provider", "application", "result", "reason", "since", "until"}),
)


@dataclass(frozen=True, slots=True)
class OutcomesSection:
    """Every operator looks; who may take a file is the verb's to say."""

    outcomes: OutcomeFinding
    export: RecordsExport
    desk: Desk

    def doorways(self) -> list[Doorway]:
        """Return the addresses of this section."""
        return [
            ConsolePage(HERE, Right.SEE, self.show),
            ConsoleForm(SEARCH.form, Right.SEE, self.search, self.show, once=False),
            ConsoleForm(f"{HERE}/export/{{form}}", Right.SEE, self.take, self.show, once=False),
            ConsolePage(f"{HERE}/{{reference}}", Right.SEE, self.tell),
        ]

    async def show(self, visit: Visit) -> Response:
        """Show a page of sign-ins."""
        asked: Fields = {}
        page, code = OutcomePage(()), None
        is_narrowed = False
        try:
            asked = SEARCH.asked(visit, self.desk.searches)
            sought = read_sought(asked)
            is_narrowed = self.outcomes.narrowed(sought) != sought
            page = await self.outcomes.page(visit.operator, sought)
        except BAD_SEARCH as fault:
            visit, code = wrong(visit, fault, field=_FIELDS.get(fault.code, "q")), fault.code
        answer = self.desk.page(
            visit,
            "console/outcomes/list.html",
            title="Sign-ins",
            section="outcomes",
            rows=rows_of(page),
            search=filled(asked, SEARCH.names),
            action=SEARCH.form,
            days=REASON_SPAN.days if is_narrowed else None,
            kinds=[(kind.value, words) for kind, (words, _) in KINDS.items()],
            **SEARCH.pages(self.desk.searches, asked, page.behind),
            may_export=self.export.may_export(visit.operator),
            most=self.export.most,
        )
        if code:
            answer.headers["jitney-reason"] = code
        return answer

    async def search(self, visit: Visit, fields: Fields) -> Response:
        """Lead to what fits the search; a reference that was typed whole leads straight to its story."""
        if text := given(fields, "q"):
            reference = await self.outcomes.find_reference(visit.operator, text)
            if reference is not None:
                return redirect(f"{HERE}/{quote(reference, safe='')}")
        return SEARCH.answered(self.desk.searches, fields)

    async def tell(self, visit: Visit) -> Response:
        """Show the whole reasoning of one sign-in."""
        told = await self.outcomes.tell(visit.operator, visit.place("reference"))
        return self.desk.page(
            visit,
            "console/outcomes/story.html",
            title=f"Sign-in {told.outcome.reference}",
            section="outcomes",
            story=story_of(told, visit.operator),
        )

    async def take(self, visit: Visit, fields: Fields) -> Response:
        """Send what fits the search as a file."""
        form = parse_form(visit.place("form"))
        pages = await self.export.outcomes(visit.operator, read_sought(fields), form=form.value)
        return send_file("sign-ins", form, COLUMNS, _in_files(pages))


_FIELDS: Final = {"identity_provider_not_found": "provider"}
"""Which field a fault of the verb is about."""


def read_sought(typed: Fields) -> Sought:
    """Return what was searched for; raises ``InvalidInput`` (``search_invalid``)."""
    reason = given(typed, "reason")
    return Sought(
        user=given(typed, "q"),
        idp=given(typed, "provider"),
        subject=given(typed, "subject"),
        application=given(typed, "application"),
        kind=read_choice(typed, "result", OutcomeKind),
        code=reason.lower() if reason else None,
        since=read_time(typed, "since"),
        until=read_time(typed, "until"),
        behind=given(typed, "behind"),
    )


async def _in_files(pages: AsyncIterator[OutcomePage]) -> AsyncIterator[Sequence[Mapping[str, object]]]:
    async for page in pages:
        yield file_rows(page)
