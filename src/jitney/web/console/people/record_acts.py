"""What can be changed about somebody: attributes and roles, by whoever administers."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from jitney.administration.operator import Operator, Right
from jitney.administration.people.user_roles import held_by
from jitney.administration.people.users import UserEdit
from jitney.errors import NotAllowed
from jitney.model.user import EVERYONE, OPERATOR_ROLES, User
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.people.act_page import ActPage
from jitney.web.console.people.addresses import PERSON, called, person_path
from jitney.web.console.people.attribute_form import (
    attribute_form,
    place_of,
    present_beside,
    read_attributes,
    spelled_out,
)
from jitney.web.console.people.people_verbs import PeopleVerbs
from jitney.web.console.people.profile_words import givers_of
from jitney.web.console.people.role_field import (
    chosen_roles,
    filled_roles,
    in_boxes,
    present_roles,
    role_field,
)
from jitney.web.console.versions import Present, both_versions, version_in

MASTERED = "SUO-10000"


@dataclass(frozen=True, slots=True)
class RecordActs:
    """Pages and forms; each form knows the version that it shows, so that nobody's change is lost unseen."""

    desk: Desk
    verbs: PeopleVerbs

    def doorways(self) -> list[Doorway]:
        """Return its addresses."""
        attributes, roles = f"{PERSON}/attributes", f"{PERSON}/roles"
        return [
            ConsolePage(attributes, Right.ADMINISTER, self.show_attributes),
            ConsoleForm(
                attributes, Right.ADMINISTER, self.change_attributes, self.show_attributes, risky=True
            ),
            ConsolePage(roles, Right.ADMINISTER, self.show_roles),
            ConsoleForm(roles, Right.ADMINISTER, self.change_roles, self.show_roles, risky=True),
        ]

    async def show_attributes(self, visit: Visit) -> Response:
        """``GET …/attributes``."""
        profile = await self.verbs.profiles.get(visit.operator, visit.place("id"))
        form = attribute_form(profile.user, givers_of(profile), visit.typed)
        return ActPage(
            act="attributes",
            title=f"Edit the attributes of {called(profile.user)}",
            button="Save",
            person=profile.user,
            sentences=("What you change was given by you from then on.",),
            fields=form.fields,
            filled=form.filled,
            hidden=form.hidden,
        ).shown(self.desk, _again(visit, form.filled))

    async def change_attributes(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/attributes``; what an identity provider masters is refused by name, and nothing is changed."""
        user, mine = await self._user(visit), spelled_out(fields)
        now = present_beside(user, mine)
        typed = now.settled(mine)
        wanted = read_attributes(typed)
        changed = {name: values for name, values in wanted.items() if user.values(name) != values}
        if changed and version_in(typed) != user.version:
            return self._conflict(visit, user, "attributes", now, mine)
        try:
            await self.verbs.users.change(visit.operator, user.id, UserEdit(attributes=changed))
        except NotAllowed as fault:
            if fault.code != MASTERED:
                raise
            return await self._mastered(visit, fields, fault)
        return self.desk.done(person_path(user.id), "saved" if changed else "unchanged")

    async def show_roles(self, visit: Visit) -> Response:
        """``GET …/roles``: every role there is, and the groups of the store that the person is in."""
        user = await self._user(visit)
        held, names = _held(user), await self._names(visit.operator, user)
        now = present_roles(held, names, user.version)
        typed = filled_roles(held)
        if visit.typed is not None:
            settled = now.settled(in_boxes(visit.typed))
            typed = {**settled, **filled_roles(chosen_roles(settled))}
        return ActPage(
            act="roles",
            title=f"Roles of {called(user)}",
            button="Save",
            person=user,
            sentences=("Taking a role away ends every session of the person.",),
            fields=(role_field(names),),
            filled=typed,
            hidden=now.made_from(),
        ).shown(self.desk, _again(visit, typed))

    async def change_roles(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/roles``."""
        user = await self._user(visit)
        held, mine = _held(user), in_boxes(fields)
        now = present_roles(held, chosen_roles(mine), user.version)
        typed = now.settled(mine)
        wanted = chosen_roles(typed)
        if wanted != held and version_in(typed) != user.version:
            return self._conflict(visit, user, "roles", now, mine)
        edit = UserEdit(roles_added=tuple(sorted(wanted - held)), roles_removed=tuple(sorted(held - wanted)))
        await self.verbs.users.change(visit.operator, user.id, edit)
        return self.desk.done(person_path(user.id), "saved" if wanted != held else "unchanged")

    async def _user(self, visit: Visit) -> User:
        return (await self.verbs.profiles.standing(visit.operator, visit.place("id"))).user

    async def _names(self, operator: Operator, user: User) -> set[str]:
        defined = await self.verbs.roles.names(operator)
        return {*defined, *OPERATOR_ROLES, *(one.name for one in held_by(user))} - {EVERYONE}

    async def _mastered(self, visit: Visit, fields: Fields, fault: NotAllowed) -> Response:
        """Show the form again, and say of each attribute that was refused why."""
        problems: dict[str, str] = {}
        for name in str(fault.details.get("attributes", "")).split(", "):
            place, told = place_of(name, fields), f"{name} comes from the person's identity provider"
            problems[place] = f"{problems.get(place, '')} {told}, and is changed there.".strip()
        problem = f"{MASTERED}: {fault.sentence}"
        again = replace(visit, typed=fields, problem=problem, problems=problems, status=403)
        response = await self.show_attributes(again)
        response.headers["jitney-reason"] = fault.code
        return response

    def _conflict(self, visit: Visit, user: User, act: str, now: Present, mine: Fields) -> Response:
        return both_versions(
            self.desk, visit, now, mine, mine=mine,
            title=f"{called(user)} was changed meanwhile", at=person_path(user.id, act),
        )  # fmt: skip


def _held(user: User) -> set[str]:
    return {grant.name for grant in held_by(user)}


def _again(visit: Visit, typed: Fields) -> Visit:
    """Return a visit whose form, where it is shown again, has what was chosen in it."""
    return visit if visit.typed is None else replace(visit, typed=typed)
