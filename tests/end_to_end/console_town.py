"""A town whose operators have a console: providers of both kinds, people with a history, and somebody hostile."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Page, Response
from tests.end_to_end.forked_command import run_forked
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.jitney_process import SECRET, Home
from tests.end_to_end.prompts.town import PASSWORD
from tests.servers.chromium import Chromium
from tests.servers.http_browser import HttpBrowser

from jitney.testing.fake_oidc_provider import KNOWN_PEOPLE, FakeOIDCProvider, Habits, Person, RegisteredClient
from jitney.testing.fake_saml_provider import FakeSAMLProvider
from jitney.testing.sample_application import SampleApplication

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
"""What somebody has their provider say about them."""

MALLORY = Person(
    f"acme-{HOSTILE}",
    {
        "preferred_username": "mallory",
        "name": HOSTILE,
        "given_name": HOSTILE,
        "family_name": "x" * 300,
        "email": "mallory@acme.example",
        "email_verified": True,
        "groups": [HOSTILE],
    },
)
TRUDY = Person("acme-trudy", {"preferred_username": "trudy", "name": "\N{RIGHT-TO-LEFT OVERRIDE}ydurt"})
"""Somebody who is refused: a name that turns the words around it is no name."""

PEOPLE = (*KNOWN_PEOPLE, MALLORY, TRUDY)

_RECORDS = """
[[role]]
name = "readers"

[[purpose]]
name = "Your orders"
description = "We confirm what you order, and tell you when it arrives."
attribute = [{{ name = "email", mandatory = true }}, {{ name = "phone_number" }}]

[[user_store]]
domain = "ENG"
type = "own_database"
note = "Engineers, in a room of their own"

[[user_store]]
domain = "STAFF"
type = "ldap"
enabled = false
read_only = true
url = "ldaps://ldap.town.example:636"
bind_dn = "cn=jitney,dc=town,dc=example"
bind_password_env = "ACME_SECRET"
user_base = "ou=people,dc=town,dc=example"
group_base = "ou=groups,dc=town,dc=example"

[[identity_provider]]
name = "acme"
display_name = "Acme"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"
role_claim = "groups"

[[identity_provider.claim]]
remote = "email"
local = "email"

[[identity_provider.claim]]
remote = "name"
local = "name"

[[identity_provider.role]]
remote = "staff"
local = "readers"

[identity_provider.provisioning]
enabled = true

[[identity_provider]]
name = "closed"
display_name = "Closed Club"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"

[[identity_provider]]
name = "asking"
display_name = "Asking Agency"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"

[identity_provider.provisioning]
enabled = true
prompt_mode = "consent"

[[identity_provider]]
name = "university"
display_name = "University"
type = "saml"
metadata_file = "{metadata}"

[[application]]
id = "sample"
name = "Sample application"
redirect_uris = ["{application}/callback"]
client_secret_env = "SAMPLE_SECRET"

[[user]]
name = "root"
roles = ["operator"]
attributes = {{ email = "root@town.example", name = "Root Operator" }}
password_file = "{password_file}"

[[user]]
name = "desk"
roles = ["operator.helpdesk"]
password_file = "{password_file}"

[[user]]
name = "audit"
roles = ["operator.auditor"]
password_file = "{password_file}"

[[user]]
name = "mine"
attributes = {{ email = "mine@town.example", email_verified = "true" }}
password_file = "{password_file}"
"""


@dataclass(frozen=True)
class ConsoleTown:
    """All that runs: Jitney's home, the provider that answers under two names, the application."""

    home: Home
    provider: FakeOIDCProvider
    application: str

    @property
    def console(self) -> str:
        """The address of the console."""
        return f"{self.home.base_url}/console"

    async def come(self, person: str, *, provider: str = "acme") -> None:
        """Sign somebody in to the application through a provider, in a browser without a window or scripts."""
        async with HttpBrowser() as browser:
            page = await browser.follow(f"{self.application}/sign-in")
            page = await browser.submit(page, {}, button={"acme": "Acme", "closed": "Closed Club"}[provider])
            await browser.submit(page, {"person": person}, button="Sign in")

    async def consent(self, person: str) -> None:
        """Let somebody new come through the provider that asks, and agree to everything."""
        async with HttpBrowser() as browser:
            page = await browser.follow(f"{self.application}/sign-in")
            page = await browser.submit(page, {}, button="Asking Agency")
            page = await browser.submit(page, {"person": person}, button="Sign in")
            boxes = re.findall(
                r'<input[^>]*type="checkbox"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text
            )
            await browser.submit(page, dict(boxes), button="Agree and create")


class AtWork:
    """An operator in a browser of their own; every page is looked at by ``seen``."""

    def __init__(self, town: ConsoleTown, page: Page) -> None:
        self.town, self.page = town, page
        self.clicks = 0
        self.reason: str | None = None

    async def open(self, path: str) -> Response:
        """Open an address of the server."""
        response = await self.page.goto(f"{self.town.home.base_url}{path}")
        if response is None:
            raise LookupError(path)
        self.reason = response.headers.get("jitney-reason")
        return response

    async def sign_in(self, name: str = "root", path: str = "/console") -> None:
        """Ask for a page, and sign in on the way."""
        await self.open(path)
        await self.page.fill("input[name=username]", name)
        await self.page.fill("input[name=password]", PASSWORD)
        await self.click("form.local button")

    async def click(self, what: str) -> None:
        """Click, and rest where it leads."""
        self.clicks += 1
        async with self.page.expect_navigation() as navigation:
            await self.page.click(what)
        response = await navigation.value
        self.reason = response.headers.get("jitney-reason") if response else None

    async def choose(self, what: str) -> None:
        """Choose something in a form: a click that leads nowhere."""
        self.clicks += 1
        await self.page.click(what)


@asynccontextmanager
async def at_work(chromium: Chromium, town: ConsoleTown, *, javascript: bool = True) -> AsyncIterator[AtWork]:
    """An operator whose browser was never here."""
    context = await chromium.browser.new_context(
        java_script_enabled=javascript, locale="en-GB", accept_downloads=True
    )
    context.set_default_timeout(20_000)
    try:
        yield AtWork(town, await context.new_page())
    finally:
        await context.close()


@asynccontextmanager
async def console_town() -> AsyncIterator[ConsoleTown]:
    """Start everything on free ports; ada and mallory have come before, and linus was refused."""
    async with FakeOIDCProvider(people=PEOPLE, habits=Habits(interactive=True)) as provider:
        home = Home(allow=(urlsplit(provider.issuer).netloc,))
        callbacks = tuple(f"{home.base_url}/callback/{name}" for name in ("acme", "closed", "asking"))
        provider.register(RegisteredClient("jitney", SECRET, callbacks))
        password_file = home.folder / "password"
        password_file.write_text(PASSWORD)
        metadata = home.folder / "university.xml"
        metadata.write_bytes(FakeSAMLProvider("https://university.example/idp").metadata())
        try:
            async with SampleApplication(home.base_url, "sample", SECRET) as application:
                town = ConsoleTown(home, provider, application.address)
                records = home.folder / "records.toml"
                records.write_text(
                    _RECORDS.format(
                        issuer=provider.issuer,
                        application=application.address,
                        password_file=password_file,
                        metadata=metadata,
                    )
                )
                await run_forked(home, "apply", str(records))
                async with ForkedServer(home):
                    yield town
        finally:
            home.remove()
