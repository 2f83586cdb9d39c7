"""A town with the enhanced feature as the guide switches it on, its twin without, and guests in real browsers."""

import json
import re
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import anyio
from playwright.async_api import Page
from tests.end_to_end.forked_command import run_forked
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.jitney_process import SECRET, Home, Said
from tests.end_to_end.prompts.town import PASSWORD, LetterBox, Town
from tests.end_to_end.prompts.walker import Walker
from tests.end_to_end.relying_party import RelyingParty, SignedIn, Visit
from tests.servers.chromium import Chromium
from tests.servers.process import free_port

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Habits, RegisteredClient
from jitney.testing.sample_application import SampleApplication

ON = """
[authentication.jit_provisioning]
enable_enhanced_feature = "true"
"""
"""What the guide has written into conf/deployment.toml: a text, and not a truth value."""

PROVIDERS: Mapping[str, str] = {
    "acme": "Acme",
    "birch": "Birch University",
    "cedar": "Cedar Health",
    "dahlia": "Dahlia Bank",
}
"""The names under which the fake provider answers, and what people read."""

_MAIL = """
[mail]
host = "127.0.0.1"
port = {mail}
security = "none"
sender = "Jitney <jitney@town.example>"
"""
_RECORDS = """
[[application]]
id = "sample"
name = "Sample application"
redirect_uris = ["{sample}/callback", "{sample}/"]
client_secret_env = "SAMPLE_SECRET"

[[application]]
id = "vault"
name = "Vault"
redirect_uris = ["{vault}/callback"]
client_secret_env = "SAMPLE_SECRET"

[[application.rule]]
effect = "factor"

[[role]]
name = "readers"

[[user]]
name = "layla"
roles = ["readers"]
attributes = {{ email = "layla@acme.example", email_verified = "true", name = "ليلى الخطيب", locale = "ar-EG" }}
password_file = "{password_file}"

[[user]]
name = "olga"
roles = ["readers"]
attributes = {{ email = "olga@acme.example", email_verified = "true", given_name = "Olga", family_name = "Oak" }}
password_file = "{password_file}"
"""


@dataclass(frozen=True)
class EnhancedTown(Town):
    """A town with two applications: ``vault`` asks everybody for a second factor, ``application`` nobody."""

    vault: str

    async def run(self, *arguments: str, expect: int = 0, typed: str = "") -> Said:
        """Run a command of this home."""
        return await run_forked(self.home, *arguments, expect=expect, typed=typed)

    async def told(self, *arguments: str) -> Any:
        """Run a command, and read what it prints for programs."""
        return json.loads((await self.run(*arguments, "--json")).out)

    async def add_provider(self, name: str, *settings: str) -> None:
        """Add a provider that provisions silently; ``settings`` are more of its keys, as ``KEY=VALUE``."""
        more = (part for each in settings for part in ("--set", each))
        await self.run(
            "idp", "add", name, "--issuer", self.provider.issuer, "--client-id", "jitney",
            "--client-secret-env", "ACME_SECRET", "--display-name", PROVIDERS[name], "--provision", *more,
        )  # fmt: skip

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into the database itself."""
        (found,) = await fetch(self.home, sql)
        return [tuple(row) for row in found]

    async def mailed_code(self, address: str) -> str:
        """Wait for a letter with a code to an address; the code of the newest."""
        with anyio.fail_after(60):
            async with self.mails.came:
                await self.mails.came.wait_for(lambda: self._codes(address))
        return self._codes(address)[-1]

    def _codes(self, address: str) -> list[str]:
        to_them = (each.text for each in self.mails.mails if address in each.recipients)
        return [code for text in to_them for code in re.findall(r"(?<![\d-])\d{6}(?![\d-])", text)]

    async def opened_by(self, subject: str) -> list[tuple[str, str]]:
        """Return id and name of the users whom a subject opens, at whichever provider."""
        sql = (
            "SELECT users.id, users.name FROM users JOIN account_links ON account_links.user_id = users.id"
            f" WHERE account_links.subject = '{subject}'"
        )
        return [(id_, name) for id_, name in await self.rows(sql)]


class Guest(Walker):
    """Somebody in a browser of their own, who comes through a provider."""

    town: EnhancedTown

    async def come(self, provider: str, person: str, *, to: str = "") -> None:
        """Open an address, the application's without one, choose a provider, and say there who one is."""
        await self.page.goto(to or f"{self.town.application}/sign-in")
        await self.page.click(f"button[name=identity_provider][value={provider}]")
        await self.say_who(person)

    async def say_who(self, person: str) -> None:
        """Be somebody at the provider; a page of refusal that follows leaves its ``reason``."""
        await self.page.fill("input[name=person]", person)
        self.reason = None
        async with self.page.expect_navigation() as navigation:
            await self.page.click("text=Sign in")
        response = await navigation.value
        self.reason = response.headers.get("jitney-reason") if response else None

    async def open(self, path: str) -> None:
        """Open a page of Jitney's own."""
        await self.visit(f"{self.town.home.base_url}{path}")

    async def come_in(self, provider: str, person: str) -> None:
        """Open one's own account, through a provider."""
        await self.come(provider, person, to=f"{self.town.home.base_url}/account")

    async def come_in_locally(self, name: str) -> None:
        """Open one's own account with a password."""
        await self.open("/account")
        await self.page.fill("input[name=username]", name)
        await self.page.fill("input[name=password]", PASSWORD)
        await self.page.click("form.local button")

    async def choose_way(self, way: str) -> None:
        """Choose among the ways of a second factor."""
        await self.page.click(f"button.way:has-text('{way}')")

    async def type_code(self, code: str) -> None:
        """Type a code, and send it."""
        await self.page.fill("#code", code)
        await self.press("answer")

    async def claims(self) -> dict[str, str]:
        """Read what the application shows of the ID token, which it has verified."""
        assert self.reason is None, await self.read()
        script = "all => Object.fromEntries(all.map(row => [...row.children].map(cell => cell.innerText)))"
        return await self.page.eval_on_selector_all("main tr", script)

    async def tokens(self) -> SignedIn:
        """Come from the application once more, as somebody who is signed in, and take a refresh token along."""
        party = RelyingParty(self.town.home.base_url, redirect_uri=f"{self.town.application}/")
        visit = Visit()
        await self.page.goto(party.address(visit, scope="openid offline_access", prompt="consent"))
        return await party.complete(visit, self.page.url)


def oathtool(key: str, *, now: str = "now") -> str:
    """Another program's code for a key (RFC 6238), at a moment as ``date`` reads it."""
    command = ["oathtool", "--totp", "--base32", f"--now={now}", key]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


async def key_on(page: Page) -> str:
    """Read the key off the page, as somebody does who cannot scan it."""
    await page.click("summary")
    return "".join((await page.locator(".secret").inner_text()).split())


@asynccontextmanager
async def visiting(
    chromium: Chromium, town: EnhancedTown, *, language: str = "en-GB", javascript: bool = True
) -> AsyncIterator[Guest]:
    """A guest whose browser was never here."""
    context = await chromium.browser.new_context(
        java_script_enabled=javascript, locale=language, accept_downloads=True
    )
    context.set_default_timeout(20_000)
    try:
        yield Guest(town, await context.new_page())
    finally:
        await context.close()


@asynccontextmanager
async def enhanced_town(*, switch: str = ON) -> AsyncIterator[EnhancedTown]:
    """Start everything on free ports, under a name, since passkeys belong to names; ``acme`` is added already."""
    port = free_port()
    async with LetterBox() as mails, FakeOIDCProvider(habits=Habits(interactive=True)) as provider:
        home = Home(port, f"http://localhost:{port}", allow=(urlsplit(provider.issuer).netloc,))
        home.write_settings(_MAIL.format(mail=mails.smtp_port) + switch)
        callbacks = tuple(f"{home.base_url}/callback/{name}" for name in PROVIDERS)
        provider.register(RegisteredClient("jitney", SECRET, callbacks))
        try:
            async with (
                SampleApplication(home.base_url, "sample", SECRET) as sample,
                SampleApplication(home.base_url, "vault", SECRET) as vault,
            ):
                town = EnhancedTown(home, provider, sample.address, mails, vault.address)
                await _declare(town)
                await town.add_provider("acme")
                async with ForkedServer(home):
                    yield town
        finally:
            home.remove()


async def _declare(town: EnhancedTown) -> None:
    password_file = town.home.folder / "password"
    password_file.write_text(PASSWORD)
    records = town.home.folder / "records.toml"
    records.write_text(
        _RECORDS.format(sample=town.application, vault=town.vault, password_file=password_file)
    )
    await town.run("apply", str(records))
