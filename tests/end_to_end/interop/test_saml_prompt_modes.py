"""SimpleSAMLphp in all four prompt modes, in a real browser for which it and Jitney are two sites.

Both stand behind TLS: without it no browser brings a cookie along with a form that another site posts.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Page
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import find_half_accounts
from tests.end_to_end.interop.provider_chain import our_metadata
from tests.end_to_end.jitney_process import Home
from tests.end_to_end.prompts.town import MODES, PROMPTING, LetterBox, Town
from tests.end_to_end.prompts.walker import Walker
from tests.end_to_end.relying_party import RelyingParty, SignedIn, Visit
from tests.servers.certificates import TestAuthority
from tests.servers.chromium import Chromium
from tests.servers.landing_page import LandingPage
from tests.servers.process import free_port
from tests.servers.simplesamlphp import SimpleSAMLphpServer, acme_person
from tests.servers.tcp_shim import TcpShim

from jitney.testing.fake_oidc_provider import FakeOIDCProvider

pytestmark = pytest.mark.anyio

_SETTINGS = """
[user_store]
UsernameJavaScriptRegEx = '^\\S{3,50}$'
PasswordJavaScriptRegEx = '^\\S{8,128}$'
"""
_PROVIDER = """
[[identity_provider]]
name = "{name}"
display_name = "{display}"
type = "saml"
metadata_url = "{metadata_url}"
name_id_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
user_id_claim = "urn:oid:0.9.2342.19200300.100.1.1"
role_claim = "urn:oid:1.3.6.1.4.1.5923.1.1.1.1"

[[identity_provider.role]]
remote = "staff"
local = "readers"

[identity_provider.provisioning]
enabled = true
prompt_mode = "{mode}"
"""
_REST = """
[[role]]
name = "readers"

[[purpose]]
name = "Your orders"
description = "We confirm what you order, and tell you when it arrives."
attribute = [{{ name = "email", mandatory = true }}]

[[application]]
id = "sample"
name = "Sample application"
redirect_uris = ["{callback}"]
client_secret_env = "SAMPLE_SECRET"
required_attributes = ["phone_number"]
"""


class SAMLWalker(Walker):
    """Somebody who comes from the application of a ``RelyingParty``, and says at SimpleSAMLphp who they are."""

    def __init__(self, street: "Street", page: Page, *, javascript: bool) -> None:
        super().__init__(street.town, page)
        self._street, self._visit, self._javascript = street, Visit(), javascript

    async def arrive(self, mode: str, person: str) -> None:
        """Come from the application, choose the provider of a mode, and say there who one is."""
        await self.page.goto(self._street.application.address(self._visit))
        await self.choose(mode)
        await self.say_who(person)

    async def say_who(self, person: str) -> None:
        """Sign in there, and go where it sends the browser: by its script, or by the button for who has none."""
        server = self._street.server
        known = next(each for each in server.people if each.username == person)
        await self.page.fill("input[name=username]", known.username)
        await self.page.fill("input[name=password]", known.password)
        await self.page.click("text=Login")
        if not self._javascript:
            await self.page.click("noscript button")
        await self.page.wait_for_url(lambda url: not url.startswith(server.address))

    async def signed_in(self) -> SignedIn:
        """What the application has in the end."""
        assert self.is_at_application(), await self.read()
        return await self._street.application.complete(self._visit, self.page.url)


@dataclass(frozen=True)
class Street:
    """The provider, the town that it brings people to, and the application that they want to use."""

    server: SimpleSAMLphpServer
    town: Town
    application: RelyingParty
    chromium: Chromium

    @asynccontextmanager
    async def walker(self, *, javascript: bool = True) -> AsyncIterator[SAMLWalker]:
        """Somebody in a browser of their own."""
        context = await self.chromium.browser.new_context(
            ignore_https_errors=True, java_script_enabled=javascript
        )
        context.set_default_timeout(20_000)
        try:
            yield SAMLWalker(self, await context.new_page(), javascript=javascript)
        finally:
            await context.close()


@pytest.fixture(scope="module")
async def street(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Street]:
    """One provider under four names, and Jitney; the town's own provider and letter box stay away."""
    certificate = (authority := TestAuthority(tmp_path_factory.mktemp("tls"))).good()
    here, there = free_port(), free_port()
    with (
        TcpShim(here, certificate=certificate) as ours,
        TcpShim(there, certificate=certificate) as theirs,
        LandingPage(certificate) as landing,
    ):
        server = SimpleSAMLphpServer(port=there, address=f"https://localhost:{theirs.port}")
        home = Home(here, f"https://127.0.0.1:{ours.port}", allow=(urlsplit(server.metadata_url).netloc,))
        home.write_settings(_SETTINGS)
        try:
            server.start()
            callback = f"{landing.address}/callback"
            await home.apply(_declaration(server, callback))
            async with ForkedServer(home), Chromium() as chromium:
                for name, _ in MODES.values():
                    server.trust(await our_metadata(home, name), name=name)
                trust = ssl.create_default_context(cafile=authority.ca_file)
                transport = httpx.AsyncHTTPTransport(verify=trust)
                application = RelyingParty(home.base_url, redirect_uri=callback, transport=transport)
                town = Town(home, FakeOIDCProvider(), landing.address, LetterBox())
                yield Street(server, town, application, chromium)
        finally:
            server.remove()
            home.remove()


def _declaration(server: SimpleSAMLphpServer, callback: str) -> str:
    providers = (
        _PROVIDER.format(name=name, display=display, metadata_url=server.metadata_url, mode=mode)
        for mode, (name, display) in MODES.items()
    )
    return "".join(providers) + _REST.format(callback=callback)


def _person(street: Street, mode: str) -> str:
    name = f"{mode.partition('_')[0]}-saml"
    street.server.welcome(acme_person(name, "Sam", "Ell"))
    return name


@pytest.mark.interop_sign_in(
    "SimpleSAMLphp → Jitney in Chromium, silent: first and returning, also without JavaScript"
)
async def test_simplesamlphp_with_the_silent_mode(street: Street) -> None:
    """R-102: the response that another site posts is accepted from the browser that asked, and nothing is asked."""
    person = _person(street, "silent")
    subjects = []
    for javascript in (True, False):
        async with street.walker(javascript=javascript) as walker:
            await walker.arrive("silent", person)
            subjects.append((await walker.signed_in()).subject)
    assert subjects[0] == subjects[1]
    user = await street.town.user(person)
    assert user is not None
    assert ([f"acme-{person}"], 0, False) == (user["subjects"], user["receipts"], user["has_password"])
    assert ("Sam Ell", ["readers"]) == (user["attributes"]["name"], user["roles"])


@pytest.mark.parametrize(
    "mode",
    [
        pytest.param(
            mode,
            marks=pytest.mark.interop_sign_in(
                f"SimpleSAMLphp → Jitney in Chromium, {mode}: first and returning"
            ),
        )
        for mode in PROMPTING
    ],
)
async def test_simplesamlphp_with_a_mode_that_asks(street: Street, mode: str) -> None:
    """A person whom SAML proved is asked what the mode asks, once; the answers are kept with the link."""
    person, chosen = _person(street, mode), f"chosen-{mode.partition('_')[0]}"
    name = chosen if mode.startswith("username") else person
    async with street.walker() as walker:
        await walker.arrive(mode, person)
        assert walker.is_asked(), await walker.read()
        await walker.photograph(f"saml-{mode.replace('_', '-')}")
        assert await street.town.user(name) is None
        await walker.fill_in(mode, username=chosen if mode.startswith("username") else None)
        await walker.submit()
        first = await walker.signed_in()
    user = await street.town.user(name)
    assert user is not None
    assert ([f"acme-{person}"], 1, mode != "consent") == (
        user["subjects"],
        user["receipts"],
        user["has_password"],
    )
    assert f"{person}@acme.example" == user["attributes"]["email"]
    async with street.walker() as again:
        await again.arrive(mode, person)
        assert first.subject == (await again.signed_in()).subject
    assert [] == await find_half_accounts(street.town.home)
