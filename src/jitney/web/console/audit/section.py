"""``/console/audit``: find audit events, and take many as a file."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.records.audit_finding import AuditFinding, EventPage, SoughtEvents
from jitney.administration.records.records_export import RecordsExport
from jitney.model.audit_event import Action
from jitney.web.console.audit.rows import COLUMNS, KINDS, action_words, event_row, file_rows
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.record_files import parse_form, send_file
from jitney.web.console.record_search import (
    BAD_SEARCH,
    Search,
    bad_search,
    filled,
    given,
    read_choice,
    read_time,
    wrong,
)

HERE: Final = "/console/audit"
SEARCH: Final = Search(
    HERE,
    ("actor_kind", "actor", "target_kind", "target", "action", "reference", "since", "until"),
    cursor="behind",
    plain=frozenset({"actor_kind", "target_kind", "action", "reference", "since", "until"}),
)

_AS_IT_IS: Final = "plain"
"""The kind of a party that has none: ``system``, ``local``, ``set_up``."""
_ACTORS: Final = ("operator", "user", "idp")


@dataclass(frozen=True, slots=True)
class AuditSection:
    """Every operator looks; who may take a file is the verb's to say."""

    audit: AuditFinding
    export: RecordsExport
    desk: Desk

    def doorways(self) -> list[Doorway]:
        """Return the addresses of this section."""
        return [
            ConsolePage(HERE, Right.SEE, self.show),
            ConsoleForm(SEARCH.form, Right.SEE, self.search, self.show, once=False),
            ConsoleForm(f"{HERE}/export/{{form}}", Right.SEE, self.take, self.show, once=False),
        ]

    async def show(self, visit: Visit) -> Response:
        """Show a page of events."""
        asked: Fields = {}
        page, code = EventPage(()), None
        try:
            asked = SEARCH.asked(visit, self.desk.searches)
            page = await self.audit.page(visit.operator, read_sought(asked))
        except BAD_SEARCH as fault:
            visit, code = wrong(visit, fault, field=_field(fault.code, asked)), fault.code
        answer = self.desk.page(
            visit,
            "console/audit/list.html",
            title="Audit log",
            section="audit",
            rows=[event_row(event, page.names) for event in page.events],
            search=filled(asked, SEARCH.names),
            action=SEARCH.form,
            actions=[(action.value, action_words(action)) for action in Action],
            actors=[*((kind, KINDS[kind]) for kind in _ACTORS), (_AS_IT_IS, "as written")],
            targets=[*KINDS.items(), (_AS_IT_IS, "as written")],
            **SEARCH.pages(self.desk.searches, asked, page.behind),
            may_export=self.export.may_export(visit.operator),
            most=self.export.most,
        )
        if code:
            answer.headers["jitney-reason"] = code
        return answer

    async def search(self, _visit: Visit, fields: Fields) -> Response:
        """Lead to what fits the search."""
        return SEARCH.answered(self.desk.searches, fields)

    async def take(self, visit: Visit, fields: Fields) -> Response:
        """Send what fits the search as a file."""
        form = parse_form(visit.place("form"))
        pages = await self.export.events(visit.operator, read_sought(fields), form=form.value)
        return send_file("audit", form, COLUMNS, _in_files(pages))


def read_sought(typed: Fields) -> SoughtEvents:
    """Return what was searched for; raises ``InvalidInput`` (``search_invalid``)."""
    return SoughtEvents(
        actor=_read_party(typed, "actor", usual="operator"),
        target=_read_party(typed, "target", usual="user"),
        action=read_choice(typed, "action", Action),
        reference=given(typed, "reference"),
        since=read_time(typed, "since"),
        until=read_time(typed, "until"),
        behind=given(typed, "behind"),
    )


def _read_party(typed: Fields, name: str, *, usual: str) -> str | None:
    named, kind = given(typed, name), given(typed, f"{name}_kind") or usual
    if kind not in KINDS and kind != _AS_IT_IS:
        raise bad_search(f"{name}_kind", "This is none of the choices.")
    if named is None:
        return None
    return named if kind == _AS_IT_IS else f"{kind}:{named}"


def _field(code: str, typed: Fields) -> str:
    """Return which field a fault of the verb is about, as far as one can tell."""
    of_provider = code == "identity_provider_not_found"
    is_actor = given(typed, "actor") and (typed.get("actor_kind") == "idp") == of_provider
    return "actor" if is_actor else "target"


async def _in_files(pages: AsyncIterator[EventPage]) -> AsyncIterator[Sequence[Mapping[str, object]]]:
    async for page in pages:
        yield file_rows(page)
