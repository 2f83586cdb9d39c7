"""Delete an identity provider: what would happen to whom, the one button, and how far it has come."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.operator_ways import ShutOut
from jitney.administration.removal.provider_removal import ProviderRemoving
from jitney.administration.removal.removal_plan import MANY, MOST_NAMED, RemovalPlan
from jitney.errors import InvalidInput
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.identity_providers.places import BASE, SECTION, address_of
from jitney.web.console.identity_providers.words import count_lines, why_kept

DELETE, REMOVAL = f"{BASE}/{{name}}/delete", f"{BASE}/{{name}}/removal"
_REFRESH_SECONDS: Final = 3
_STILL: Final = "still"
_ALL: Final = "all"
"""Asks to go through everybody, however many they are."""


@dataclass(frozen=True, slots=True)
class ProviderRemovalPages:
    """Removes providers; the people are gone through by a job, which these pages only watch."""

    desk: Desk
    removing: ProviderRemoving

    def doorways(self) -> list[Doorway]:
        """Return the addresses of the plan and of the progress."""
        return [
            ConsolePage(DELETE, Right.SEE, self.show_plan),
            ConsoleForm(DELETE, Right.ADMINISTER, self.begin, self.show_plan, risky=True),
            ConsolePage(REMOVAL, Right.SEE, self.show_progress),
        ]

    async def show_plan(self, visit: Visit) -> Response:
        """``GET …/delete``: what would happen; nothing does. Many people are gone through when it is asked for."""
        name = visit.place("name")
        is_asked = visit.typed is not None or _ALL in visit.query
        if not is_asked and await self.removing.has_many(visit.operator, name):
            return self._ask_first(visit, name)
        plan = await self.removing.plan(visit.operator, name)
        return self.desk.page(
            visit, "console/identity_providers/delete.html", title=f"Delete {plan.display_name}", section=SECTION,
            plan=plan, action=address_of(plan.name, "delete"), back=address_of(plan.name, "basic"),
            counts=count_lines(plan.counts, deleted="People to be deleted", kept="People to be kept and unlinked"),
            kept=[(one.user_name, why_kept(one.why)) for one in plan.kept],
            more=max(0, plan.counts.kept - MOST_NAMED) if plan.kept else 0, seen=_seen(plan),
            shut_out=ShutOut(plan.shut_out).told,
        )  # fmt: skip

    def _ask_first(self, visit: Visit, name: str) -> Response:
        """Say that the plan takes a while, before it does."""
        where = address_of(name, "delete")
        return self.desk.page(
            visit, "console/identity_providers/delete_many.html", title=f"Delete {name}", section=SECTION,
            name=name, many=MANY, go=f"{where}?{_ALL}=1", back=address_of(name, "basic"),
        )  # fmt: skip

    async def begin(self, visit: Visit, typed: Fields) -> Response:
        """``POST …/delete``: remove it, if it is still as the plan said that was read."""
        plan = await self.removing.plan(visit.operator, visit.place("name"))
        faults: dict[str, str] = {}
        if typed.get("typed_name", "").strip() != plan.name:
            faults["typed_name"] = f"Type the short name: {plan.name}"
        if plan.applications and typed.get("forced") != "on":
            faults["forced"] = "Applications name it. Say that it shall be deleted all the same."
        if typed.get("seen") != _seen(plan):
            faults["seen"] = "The plan is another one than you have read: look at it again."
        if faults:
            raise InvalidInput("form_invalid", "Nothing was deleted.", fields=faults)
        removal = await self.removing.begin(visit.operator, plan, forced=bool(plan.applications))
        return self.desk.done(address_of(removal.name, "removal"), "removal_begun")

    async def show_progress(self, visit: Visit) -> Response:
        """``GET …/removal``: how far it has come; until it is done the page comes again by itself."""
        removal = await self.removing.get(visit.operator, visit.place("name"))
        where, is_still = address_of(removal.name, "removal"), _STILL in visit.query
        page = self.desk.page(
            visit, "console/identity_providers/removal.html", title=f"Deleting {removal.display_name}",
            section=SECTION, removal=removal, where=where, is_still=is_still, still=f"{where}?{_STILL}=1",
            counts=count_lines(removal.done, deleted="People deleted", kept="People kept and unlinked"),
            met=removal.done.total, planned=max(removal.planned.total, removal.done.total),
        )  # fmt: skip
        if removal.finished is None and not is_still:
            page.headers["refresh"] = f"{_REFRESH_SECONDS}; url={where}"
        return page


def _seen(plan: RemovalPlan) -> str:
    """Return what of a plan was agreed to: of which version, how many people it costs, and whom it shuts out."""
    costs = f"{plan.counts.deleted}:{len(plan.applications)}"
    return f"{plan.idp}:{plan.version}:{costs}:{', '.join(plan.shut_out)}"
