"""Add a person by hand."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.people.user_drafts import NewUser
from jitney.model.user import EVERYONE, OPERATOR_ROLES, PRIMARY
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.people.act_page import ActPage, text_of, wrong
from jitney.web.console.people.addresses import PEOPLE, person_path
from jitney.web.console.people.attribute_form import read_pairs
from jitney.web.console.people.faults_at_fields import told_at_fields
from jitney.web.console.people.people_verbs import PeopleVerbs
from jitney.web.console.people.role_field import chosen_roles, role_field
from jitney.web.console.record_fields import Choice, Field, Kind

ADD: Final = f"{PEOPLE}/add"


@dataclass(frozen=True, slots=True)
class AddPerson:
    """The page and its form."""

    desk: Desk
    verbs: PeopleVerbs

    def doorways(self) -> list[Doorway]:
        """Return its addresses, which come before the pages of people."""
        return [
            ConsolePage(ADD, Right.ADMINISTER, self.show),
            ConsoleForm(ADD, Right.ADMINISTER, self.add, self.show, risky=True),
        ]

    async def show(self, visit: Visit) -> Response:
        """``GET /console/people/add``."""
        domains = (await self.verbs.search.choices(visit.operator)).domains
        stores = tuple(Choice(domain, domain) for domain in domains)
        fields = (
            Field("store", "User store", Kind.SELECT, choices=stores),
            Field("name", "User name", sentence="It must fit the rule of the user store.", required=True),
            Field(
                "password", "Password", Kind.SECRET, "Blank: the person has none, and comes by an identity."
            ),
            Field(
                "new",
                "Attributes",
                Kind.PAIRS,
                "One on each line, as name = value.",
                placeholder="email = ada@acme.example",
            ),
            role_field(await self._roles(visit)),
        )
        return ActPage(
            act="add",
            title="Add a person",
            button="Add",
            sentences=(
                "Most people come by themselves: they are added when they sign in through an identity provider.",
            ),
            fields=fields,
            filled={"store": PRIMARY},
        ).shown(self.desk, visit)

    async def add(self, visit: Visit, fields: Fields) -> Response:
        """``POST /console/people/add``."""
        if not text_of(fields, "name"):
            raise wrong(name="A user has a name.")
        new = NewUser(
            text_of(fields, "name"),
            text_of(fields, "store") or PRIMARY,
            attributes=read_pairs(fields.get("new", "")),
            roles=tuple(sorted(chosen_roles(fields))),
            password=fields.get("password") or None,
        )
        with told_at_fields():
            user = await self.verbs.users.add(visit.operator, new)
        return self.desk.done(person_path(user.id), "person_added")

    async def _roles(self, visit: Visit) -> set[str]:
        return {*await self.verbs.roles.names(visit.operator), *OPERATOR_ROLES} - {EVERYONE}
