"""Roles in the console: the list, adding and removing; those that open the console are told apart."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.role_uses import RoleUses
from jitney.administration.roles import RoleAdministration
from jitney.errors import InvalidInput, NotFound, UserStoreRejected
from jitney.model.user import AUDITOR_ROLE, EVERYONE, HELP_DESK_ROLE, OPERATOR_ROLE
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.record_forms import Field

ROLES = "/console/roles"
REMOVE = f"{ROLES}/remove"
A_PAGE = 50

NAME = Field("name", "Name", sentence="As the rules of PRIMARY want role names.", required=True)

OURS: Final = {
    OPERATOR_ROLE: "Administers Jitney: may do everything in the console.",
    HELP_DESK_ROLE: "Helps people with their accounts in the console, and changes no settings.",
    AUDITOR_ROLE: "Looks at everything in the console, and changes nothing.",
    EVERYONE: "Everybody holds it, and nothing takes it away.",
}
"""The roles that belong to Jitney itself, and what each means."""


@dataclass(frozen=True, slots=True)
class RolesSection:
    """The section."""

    roles: RoleAdministration
    uses: RoleUses
    desk: Desk

    def doorways(self) -> list[Doorway]:
        """Return the addresses of this section."""
        change = Right.ADMINISTER
        return [
            ConsolePage(ROLES, Right.SEE, self.list),
            ConsoleForm(ROLES, change, self.add, self.list),
            ConsolePage(REMOVE, change, self.ask_removal),
            ConsoleForm(REMOVE, change, self.remove, self.ask_removal, risky=True),
        ]

    async def list(self, visit: Visit) -> Response:
        """``GET /console/roles?after=NAME``."""
        after = visit.query.get("after", "")
        names = [name for name in await self.roles.names(visit.operator) if name not in OURS and name > after]
        page = names[:A_PAGE]
        following = page[-1] if len(names) > A_PAGE else None
        return self.desk.page(
            visit,
            "console/roles/list.html",
            title="Roles",
            section="roles",
            ours=list(OURS.items()),
            rows=[(name, f"{REMOVE}?{urlencode({'name': name})}") for name in page],
            following=f"{ROLES}?{urlencode({'after': following})}" if following else None,
            first=ROLES if after else None,
            fields=(NAME,),
            at=ROLES,
        )

    async def add(self, visit: Visit, fields: Fields) -> Response:
        """``POST /console/roles``; a rule that the name breaks is told at its field."""
        try:
            await self.roles.add(visit.operator, fields.get("name", "").strip())
        except UserStoreRejected as fault:
            raise InvalidInput(fault.code, fault.sentence, fields={"name": fault.sentence}) from fault
        return self.desk.done(ROLES, "added")

    async def ask_removal(self, visit: Visit) -> Response:
        """``GET /console/roles/remove?name=…``: who gives the role, and which policies name it."""
        name = (visit.typed if visit.typed is not None else visit.query).get("name", "")
        if name not in await self.roles.names(visit.operator):
            raise NotFound("role_not_found", "There is no such role.")
        use = await self.uses.of(visit.operator, name)
        return self.desk.page(
            visit, "console/roles/remove.html", title=f"Remove {name}", section="roles", name=name, use=use,
            action=REMOVE, back=ROLES,
        )  # fmt: skip

    async def remove(self, visit: Visit, fields: Fields) -> Response:
        """``POST /console/roles/remove``."""
        await self.roles.remove(visit.operator, fields.get("name", ""))
        return self.desk.done(ROLES, "removed")
