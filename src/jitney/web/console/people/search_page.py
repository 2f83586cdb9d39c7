"""The search: one box for whatever is known of somebody, and the people that it finds, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.people.people_search import FoundPeople, FoundPerson, PeopleSought
from jitney.errors import InvalidInput
from jitney.model.user import PRIMARY
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.people.act_page import text_of
from jitney.web.console.people.addresses import PEOPLE, SECTION, person_path
from jitney.web.console.people.people_verbs import PeopleVerbs
from jitney.web.console.people.profile_words import Badge, states_of
from jitney.web.console.record_search import Search, wrong

SEARCH: Final = Search(PEOPLE, ("q", "store", "idp"), cursor="after", plain=frozenset({"store", "idp"}))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line of the list; ``href`` is ``None`` for somebody of whom nothing is kept here."""

    href: str | None
    name: str
    user_name: str
    store: str
    origin: Badge
    states: Sequence[Badge]
    has_second_factor: bool
    subject: str | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """``GET /console/people``, and the form that leads to what was looked for."""

    desk: Desk
    verbs: PeopleVerbs

    def doorways(self) -> list[Doorway]:
        """Return its addresses."""
        return [
            ConsolePage(PEOPLE, Right.SEE, self.show),
            ConsoleForm(SEARCH.form, Right.SEE, self.search, self.show, once=False),
        ]

    async def show(self, visit: Visit) -> Response:
        """Show who was looked for, or the first page of PRIMARY."""
        asked: Fields = {}
        found, sought, code = FoundPeople(()), PeopleSought(), None
        try:
            asked = SEARCH.asked(visit, self.desk.searches)
            sought = _sought(asked)
            found = await self.verbs.search.find(visit.operator, sought)
        except InvalidInput as fault:
            visit, code = wrong(visit, fault, field="q"), fault.code
        choices = await self.verbs.search.choices(visit.operator)
        answer = self.desk.page(
            visit,
            "console/people/list.html",
            title="People",
            section=SECTION,
            action=SEARCH.form,
            q=sought.text,
            store=sought.domain.upper(),
            idp=sought.idp,
            is_sought=bool(sought.text or sought.idp or sought.domain),
            listed=sought.domain.upper() or PRIMARY,
            domains=choices.domains,
            providers=choices.providers,
            rows=[self._row(one) for one in found.people],
            silent=found.silent,
            subjects_skipped=found.subjects_skipped,
            **SEARCH.pages(self.desk.searches, asked, found.after),
        )
        if code:
            answer.headers["jitney-reason"] = code
        return answer

    async def search(self, _visit: Visit, fields: Fields) -> Response:
        """Lead to whom was looked for."""
        return SEARCH.answered(self.desk.searches, fields)

    def _row(self, one: FoundPerson) -> PersonRow:
        user = one.user
        local = Badge("local", "plain")
        return PersonRow(
            person_path(user.id) if user.version else None,
            one.name or user.username.name,
            user.username.name,
            user.username.domain,
            Badge(one.provisioned_by, "jit") if one.provisioned_by else local,
            states_of(user, self.desk.now()),
            user.has_second_factor,
            one.subject,
        )


def _sought(asked: Fields) -> PeopleSought:
    return PeopleSought(
        text_of(asked, "q"), text_of(asked, "store"), text_of(asked, "idp"), asked.get("after", "")
    )
