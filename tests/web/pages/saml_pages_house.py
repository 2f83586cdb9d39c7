"""Jitney in process, and a SAML provider on another site: what a browser carries between the two."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.pages_house import BACK, BASE, PagesHouse, answer_of, open_pages, settings_at

from jitney.app import House, build
from jitney.model.claims import MappingTable
from jitney.model.saml_connection import SAMLBinding, SAMLConnection, SAMLCredential, SAMLEndpoint
from jitney.testing.fake_oidc_provider import KNOWN_PEOPLE, Person
from jitney.testing.fake_saml.facts import NameID
from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml.lies import Habits
from jitney.testing.fake_saml.travel import Sent
from jitney.testing.fake_saml_provider import Asked, FakeSAMLProvider

OURS = rsa_key("our own")
VISITOR_COOKIE, CAME_FROM_COOKIE = "__Host-jitney-visitor", "__Host-jitney-came-from"
ACS, SLO = f"{BASE}/saml/acme/acs", f"{BASE}/saml/acme/slo"
METADATA = f"{BASE}/saml/acme/metadata"
START, BYE = "https://shop.example/start", "https://shop.example/bye"
USER_NAME = "urn:oid:0.9.2342.19200300.100.1.1"
UNASKED = Habits(is_unsolicited=True)
FROM_THERE = {"Sec-Fetch-Site": "cross-site"}


class SAMLPagesHouse(PagesHouse):
    """The house whose Acme speaks SAML; its browsers run the script of a page that hands a message on."""

    def __init__(self, house: House, opened: PagesHouse, saml: FakeSAMLProvider) -> None:
        self.saml = saml
        super().__init__(house, opened.provider, opened.base)

    def new_browser(self) -> HttpBrowser:
        """A browser of somebody who was never here."""
        return HttpBrowser(mounts={self.base: self.transport}, posts_on=True)

    async def until_answer(self, browser: HttpBrowser | None = None, **changed: str | None) -> Hop:
        """Walk until the provider's page would hand its answer on to us; return that page."""
        browser = browser or self.browser
        start = await self.page(browser, **changed)
        at = await browser.submit(start, button="Acme", stop_before=f"{self.base}/saml/")
        assert at.message is not None, at.text
        return at

    async def hand_on(self, page: Hop, browser: HttpBrowser | None = None) -> Hop:
        """Let a page of the provider's post its message, and walk on to where it rests, or to the shop."""
        return await (browser or self.browser).submit(page, stop_before=BACK)

    async def sign_in(self, browser: HttpBrowser | None = None, **changed: str | None) -> dict[str, str]:
        """Walk the whole way; return what the shop gets."""
        return answer_of(await self.hand_on(await self.until_answer(browser, **changed), browser))

    async def bring(
        self, page: Hop, browser: HttpBrowser | None = None, *, to: str | None = None, **changed: str | None
    ) -> Hop:
        """Post what the provider's page would, changed, from the provider's site; nothing is followed."""
        form = page.message
        assert form is not None, page.text
        fields = {name: value for name, value in {**form.fields, **changed}.items() if value is not None}
        return await self.post_from_there(fields, browser, to=to or form.action)

    async def post_from_there(
        self, fields: Mapping[str, str], browser: HttpBrowser | None = None, *, to: str = ACS
    ) -> Hop:
        """Post as a page of another site does."""
        return await (browser or self.browser).request(
            "POST", to, form=fields, headers={"Origin": self.saml.base, **FROM_THERE}, crosses_sites=True
        )

    def unasked(self, relay_state: str | None = None, **making: Any) -> Sent:
        """What the provider sends when nobody asked."""
        habits = replace(making.pop("habits", UNASKED), relay_state=relay_state)
        return self.saml.respond(Asked(None, ACS, METADATA), habits=habits, **making)

    async def connect(self, **changed: Any) -> None:
        """Change Acme's connection."""
        acme = await self.house.doors.stored_identity_providers.find("idp-acme")
        assert acme is not None
        await self.change_provider(connection=replace(acme.connection, **changed))

    async def is_signed_in(self, browser: HttpBrowser | None = None) -> bool:
        """Whether the browser's session still answers for itself."""
        hop = await (browser or self.browser).get(self.authorize_url(prompt="none"))
        assert hop.location is not None
        return "code=" in hop.location

    def session_of(self) -> tuple[NameID, str]:
        """The name and the index of the one session at the provider."""
        (session,) = self.saml.sessions.values()
        return session

    async def get_raw(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Get without a browser."""
        async with httpx.AsyncClient(transport=self.transport, base_url=self.base) as client:
            return await client.get(path, headers=headers)

    @asynccontextmanager
    async def another_node(self) -> AsyncIterator["SAMLPagesHouse"]:
        """The same house once more, over the same database; its browsers are others."""
        async with build(self.house.settings) as house:
            yield SAMLPagesHouse(house, self, self.saml)


def connection_to(provider: FakeSAMLProvider) -> SAMLConnection:
    """Acme as an operator sets it up."""
    return SAMLConnection(
        entity_id=provider.entity_id,
        single_sign_on=(
            SAMLEndpoint(SAMLBinding.REDIRECT, f"{provider.base}/sso"),
            SAMLEndpoint(SAMLBinding.POST, f"{provider.base}/sso"),
        ),
        single_logout=(SAMLEndpoint(SAMLBinding.REDIRECT, f"{provider.base}/slo"),),
        signing_certificates=(provider.certificate,),
        credentials=(SAMLCredential(OURS.certificate, OURS.private_pem),),
    )


@asynccontextmanager
async def open_saml_pages(
    home: Path, *, people: tuple[Person, ...] = KNOWN_PEOPLE, **connection: Any
) -> AsyncIterator[SAMLPagesHouse]:
    """Open Jitney with Acme, which speaks SAML, and the shop."""
    saml = FakeSAMLProvider(people=people, receiver=OURS.certificate, logout_at=SLO)
    async with saml, open_pages(home) as opened:
        await opened.change_provider(
            connection=replace(connection_to(saml), **connection),
            mappings=MappingTable(user_id_claim=USER_NAME),
        )
        await opened.change_application(initiate_login_uri=START, post_logout_redirect_uris=(BYE,))
        house = SAMLPagesHouse(opened.house, opened, saml)
        async with house.browser:
            yield house


@asynccontextmanager
async def opened_again(home: Path, old: SAMLPagesHouse) -> AsyncIterator[SAMLPagesHouse]:
    """Open the same house after it was closed, as a restart does."""
    async with build(settings_at(home, allow=f"127.0.0.1:{old.provider.port}")) as house:
        yield SAMLPagesHouse(house, old, old.saml)
