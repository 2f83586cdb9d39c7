"""The page on which the connection of a provider is tested, and a real sign-in begins of which nothing is kept."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.signin.provider_trial import ProviderTrial
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.identity_providers.part_view import tabs_of
from jitney.web.console.identity_providers.places import BASE, SECTION
from jitney.web.kit.render import redirect


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """``/console/identity-providers/{name}/test``; nothing of it changes a setting."""

    desk: Desk
    providers: IdentityProviderAdministration
    trials: ProviderTrial

    def doorways(self) -> list[Doorway]:
        """Return the addresses."""
        path = f"{BASE}/{{name}}/test"
        return [
            ConsolePage(path, Right.ADMINISTER, self.show),
            ConsoleForm(path, Right.ADMINISTER, self.test, self.show, once=False),
            ConsoleForm(f"{path}/sign-in", Right.ADMINISTER, self.begin, self.show),
        ]

    async def show(self, visit: Visit) -> Response:
        """``GET …/test``: say what can be tried; nobody is called by a look (R-104)."""
        return await self._page(visit, found=None)

    async def test(self, visit: Visit, _fields: Fields) -> Response:
        """``POST …/test``: try the connection as it is kept, step by step."""
        found = await self.providers.test(visit.operator, visit.place("name"))
        return await self._page(visit, found=found)

    async def begin(self, visit: Visit, _fields: Fields) -> Response:
        """``POST …/test/sign-in``: lead the operator's own browser to a trial of this provider."""
        provider = await self.providers.get(visit.operator, visit.place("name"))
        link = await self.trials.start(provider.name)
        return redirect(link.address)

    async def _page(self, visit: Visit, **values: object) -> Response:
        idp = await self.providers.get(visit.operator, visit.place("name"))
        return self.desk.page(
            visit, "console/rehearsal/test.html", title=f"Test {idp.display_name}", section=SECTION, idp=idp,
            tabs=tabs_of(idp.name, "test"), here=f"{BASE}/{quote(idp.name, safe='')}/test", **values,
        )  # fmt: skip
