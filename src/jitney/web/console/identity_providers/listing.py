"""The list of identity providers: state, provisioning, last sign-in, last error, and what ends soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.administration.removal.provider_removal import ProviderRemoving
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import LastSignIns, Records
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsolePage, Doorway, Visit
from jitney.web.console.identity_providers.endings import Ending, endings_of
from jitney.web.console.identity_providers.places import BASE, SECTION, Certificates, address_of, kind_word
from jitney.web.console.identity_providers.words import error_words, provisioning_words

PAGE = 50


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One line of the list."""

    idp: IdentityProvider
    href: str
    kind: str
    provisioning: str
    last: LastSignIns
    endings: tuple[Ending, ...]

    @property
    def last_error(self) -> str:
        """Return in words why the last sign-in that was refused was."""
        return error_words(self.last)


@dataclass(frozen=True, slots=True)
class ProviderList:
    """Shows the providers, fifty on a page; there may be thousands."""

    desk: Desk
    providers: IdentityProviderAdministration
    removing: ProviderRemoving
    records: Records
    certificates: Certificates

    def doorways(self) -> list[Doorway]:
        """Return the address of the list."""
        return [ConsolePage(BASE, Right.SEE, self.show)]

    async def show(self, visit: Visit) -> Response:
        """``GET /console/identity-providers?q=…&after=…``."""
        text, after = visit.query.get("q", ""), visit.query.get("after", "")
        found = await self.providers.page(visit.operator, text=text, after=after, limit=PAGE + 1)
        shown = found[:PAGE]
        more = {"q": text, "after": shown[-1].name} if len(found) > PAGE else None
        return self.desk.page(
            visit, "console/identity_providers/list.html", title="Identity providers", section=SECTION,
            rows=await self._rows(shown), text=text,
            removals=[] if text or after else await self.removing.unfinished(visit.operator),
            next_href=f"{BASE}?{urlencode(more)}" if more else None,
            prev_href=f"{BASE}?{urlencode({'q': text})}" if after else None,
        )  # fmt: skip

    async def _rows(self, shown: Sequence[IdentityProvider]) -> list[ProviderRow]:
        last = await self.records.last_of_providers([idp.id for idp in shown])
        now = self.desk.now()
        return [
            ProviderRow(
                idp,
                address_of(idp.name, "basic"),
                kind_word(idp),
                provisioning_words(idp.policy),
                last.get(idp.id, LastSignIns()),
                tuple(one for one in endings_of(idp, self.certificates, now=now) if one.kind != "good"),
            )
            for idp in shown
        ]
