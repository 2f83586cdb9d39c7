"""``/console/operators``: who operates, how somebody becomes an operator, and how that ends."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.people.operators import KnownOperator, OperatorAdministration
from jitney.administration.people.provenance_names import DescribedUser
from jitney.administration.people.users import UserAdministration
from jitney.errors import InvalidInput, JitneyError, NotFound
from jitney.model.user import AUDITOR_ROLE, OPERATOR_ROLE, OPERATOR_ROLES, User
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.operators.words import FIELDS, MAY, SENTENCES, TITLES, title_of

HERE: Final = "/console/operators"
ONE: Final = f"{HERE}/{{user_id}}/{{role}}/take-away"


@dataclass(frozen=True, slots=True)
class _Role:
    """A role of an operator on the list; nobody takes their own administration away."""

    name: str
    title: str
    may: str
    may_be_taken: bool


@dataclass(frozen=True, slots=True)
class OperatorsSection:
    """Everybody sees who operates; administrators alone change it, and have signed in just now (R-112, R-117)."""

    operators: OperatorAdministration
    users: UserAdministration
    desk: Desk

    def doorways(self) -> list[Doorway]:
        """Return the addresses of this section."""
        return [
            ConsolePage(HERE, Right.SEE, self.show),
            ConsoleForm(f"{HERE}/choose", Right.ADMINISTER, self.choose, self.show, once=False),
            ConsoleForm(f"{HERE}/add", Right.ADMINISTER, self.add, self.show_chosen, risky=True),
            ConsolePage(ONE, Right.ADMINISTER, self.show_one),
            ConsoleForm(ONE, Right.ADMINISTER, self.take_away, self.show_one, risky=True),
        ]

    async def show(self, visit: Visit) -> Response:
        """Show a page of those who operate, with the form that adds one."""
        page = await self.operators.list(visit.operator, after=visit.query.get("after", ""))
        return self.desk.page(
            visit,
            "console/operators/list.html",
            title="Operators",
            section="operators",
            operators=[self._row(visit, one) for one in page.operators],
            next_href=f"{HERE}?after={quote(page.after, safe='')}" if page.after else None,
            prev_href=HERE if visit.query.get("after") else None,
            fields=FIELDS,
            shown=visit.typed if visit.typed is not None else {"role": AUDITOR_ROLE},
        )

    async def choose(self, visit: Visit, typed: Fields) -> Response:
        """Find the person, and say what will follow before it does."""
        role = typed.get("role", "")
        if role not in OPERATOR_ROLES:
            raise InvalidInput(
                "operator_role_unknown", "Choose a role.", fields={"role": "Choose one of these roles."}
            )
        person = await self._find(visit, typed.get("who", ""))
        return self.desk.confirm(
            visit,
            title=f"Make {person.display_name or person.user.username} an operator?",
            section="operators",
            sentences=_consequences(person, role),
            lines=(
                ("Account", str(person.user.username)),
                ("Role", title_of(role)),
                ("Signs in with", _ways(person)),
                ("Second factor", "yes" if person.user.has_second_factor else "none"),
            ),
            action=f"{HERE}/add",
            button=f"Make them {title_of(role).lower()}",
            fields={"who": _reference(person.user), "role": role},
            back=HERE,
            danger=False,
        )

    async def show_chosen(self, visit: Visit) -> Response:
        """Show once more what was about to follow, or the list where that cannot be said any more."""
        try:
            return await self.choose(visit, visit.typed or {})
        except JitneyError:
            return await self.show(visit)

    async def add(self, visit: Visit, typed: Fields) -> Response:
        """Give the role."""
        await self.operators.give(visit.operator, typed.get("who", ""), typed.get("role", ""))
        return self.desk.done(HERE, "operator_added")

    async def show_one(self, visit: Visit) -> Response:
        """Say what taking a role away does, before it is done."""
        role = visit.place("role")
        user = await self.users.get(visit.operator, visit.place("user_id"))
        if role not in OPERATOR_ROLES or not user.has_role(role):
            raise NotFound("operator_not_found", "This person does not operate Jitney in this role.")
        return self.desk.confirm(
            visit,
            title=f"Take the role away from {user.username}?",
            section="operators",
            sentences=(
                f"They are {title_of(role).lower()} no longer, from this moment on.",
                "They are signed out everywhere. Their account stays as it is.",
            ),
            lines=(("Account", str(user.username)), ("Role", title_of(role))),
            action=f"{HERE}/{quote(user.id, safe='')}/{role}/take-away",
            button="Take the role away",
            back=HERE,
        )

    async def take_away(self, visit: Visit, _typed: Fields) -> Response:
        """Take the role away, and end the person's sessions."""
        await self.operators.take_away(visit.operator, visit.place("user_id"), visit.place("role"))
        return self.desk.done(HERE, "operator_removed")

    def _row(self, visit: Visit, one: KnownOperator) -> dict[str, object]:
        user, lock = one.user, one.user.lock
        return {
            "user": user,
            "name": next(iter(user.values("name")), ""),
            "roles": [
                _Role(role, TITLES[role], MAY[role], role != OPERATOR_ROLE or user.id != visit.operator.id)
                for role in TITLES
                if any(grant.name == role for grant in one.grants)
            ],
            "is_locked": lock is not None and lock.is_in_force(self.desk.now()),
        }

    async def _find(self, visit: Visit, reference: str) -> DescribedUser:
        try:
            return await self.users.describe(visit.operator, reference.strip())
        except NotFound as fault:
            raise InvalidInput(fault.code, fault.sentence, fields={"who": fault.sentence}) from fault


def _reference(user: User) -> str:
    """Return what names a user for good; whoever was only seen in a user store has no id yet."""
    return user.id if user.version else str(user.username)


def _ways(person: DescribedUser) -> str:
    ways = ["a password"] if person.user.has_password else []
    ways += [f"the identity provider {name}" for name in person.identity_providers]
    return ", ".join(ways) or "nothing yet"


def _consequences(person: DescribedUser, role: str) -> list[str]:
    """Say what follows, and from whom the role could be had by somebody else (R-038)."""
    told = [SENTENCES[role]]
    if person.identity_providers:
        names = ", ".join(person.identity_providers)
        told.append(f"Whoever administers {names} can sign in as this person, and has the role with it.")
    if not person.user.has_second_factor:
        told.append("This person has no second factor: let them add one under “My account”.")
    return told
