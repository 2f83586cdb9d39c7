"""Passkeys, codes by e-mail and recovery codes at a real server, in a real browser with an authenticator."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.jitney_process import SECRET, Home
from tests.end_to_end.prompts.town import LetterBox, Town
from tests.end_to_end.prompts.walker import Walker, walking
from tests.end_to_end.test_factor_pages_in_a_browser import authenticator
from tests.servers.chromium import Chromium
from tests.servers.process import free_port

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Habits, RegisteredClient
from jitney.testing.sample_application import SampleApplication

pytestmark = pytest.mark.anyio

MODE = "username_password_and_consent"
"""How the town calls Acme's people; here they are provisioned silently."""

_SETTINGS = """
[mail]
host = "127.0.0.1"
port = {mail}
security = "none"
sender = "Jitney <jitney@town.example>"
"""
_RECORDS = """
[[identity_provider]]
name = "acme"
display_name = "Acme"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"
second_factor = {{ required = true }}
enhanced = {{ second_factors = true }}

[identity_provider.provisioning]
enabled = true

[[application]]
id = "sample"
name = "Sample application"
redirect_uris = ["{application}/callback"]
client_secret_env = "SAMPLE_SECRET"
"""


@pytest.fixture(scope="module")
async def town(anyio_backend: str) -> AsyncIterator[Town]:
    """Jitney under a name, since passkeys belong to names; Acme, the application and a letter box."""
    port = free_port()
    async with (
        LetterBox() as mails,
        FakeOIDCProvider(people=(), habits=Habits(interactive=True)) as provider,
    ):
        home = Home(port, f"http://localhost:{port}", allow=(urlsplit(provider.issuer).netloc,))
        home.write_settings(_SETTINGS.format(mail=mails.smtp_port))
        provider.register(RegisteredClient("jitney", SECRET, (f"{home.base_url}/callback/acme",)))
        try:
            async with SampleApplication(home.base_url, "sample", SECRET) as application:
                await home.apply(_RECORDS.format(issuer=provider.issuer, application=application.address))
                async with ForkedServer(home):
                    yield Town(home, provider, application.address, mails)
        finally:
            home.remove()


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    """The browser."""
    async with Chromium() as chromium:
        yield chromium


async def choose(page: Page, way: str) -> None:
    await page.click(f"button.way:has-text('{way}')")


async def forget_me(walker: Walker) -> None:
    """Be signed in nowhere, on the same device."""
    await walker.page.context.clear_cookies()


async def test_passkey_is_set_up_at_the_first_sign_in_and_opens_the_next(
    chromium: Chromium, town: Town
) -> None:
    """R-099, WebAuthn 7.1, 7.2: one press sets it up, one opens; a device holds the keys of two people apart."""
    async with walking(chromium, town) as walker:
        await authenticator(walker.page)
        await walker.arrive(MODE, "key.kim")
        await choose(walker.page, "Passkey")
        await walker.page.fill("#passkey-label", "my notebook")
        async with walker.page.expect_navigation():
            await walker.page.click("text=Make a passkey")
        assert "Keep your recovery codes" in await walker.read()
        await walker.press("go_on")
        assert walker.is_at_application(), await walker.read()

        await forget_me(walker)
        await walker.arrive(MODE, "key.kim")
        assert "Confirm that it is you" in await walker.read()
        async with walker.page.expect_navigation():
            await walker.page.click("text=Use the passkey")
        assert walker.is_at_application(), await walker.read()

        await forget_me(walker)
        await walker.arrive(MODE, "key.lou")
        await choose(walker.page, "Passkey")
        async with walker.page.expect_navigation():
            await walker.page.click("text=Make a passkey")
        await walker.press("go_on")
        assert walker.is_at_application(), await walker.read()


async def test_mailed_code_is_set_up_and_opens_the_next_sign_in(chromium: Chromium, town: Town) -> None:
    """R-097: the code is in the letter alone, not in its subject; asked again at once, the page says to wait."""
    async with walking(chromium, town, javascript=False) as walker:
        await walker.arrive(MODE, "mail.max")
        await choose(walker.page, "Code by e-mail")
        assert "We have sent a code to m…@acme.example" in await walker.read()
        (letter,) = await town.letters_to("mail.max@acme.example")
        (code,) = re.findall(r"\b\d{6}\b", letter)
        assert [] == [each for each in town.mails.mails if code in each.subject]
        await walker.photograph("mail-set-up")
        await walker.press("ask")
        assert "We sent you a code a moment ago" in await walker.read()
        await walker.page.fill("#code", code)
        await walker.press("answer")
        assert "Keep your recovery codes" in await walker.read()
        kept = await walker.page.locator("ul.codes code").all_inner_texts()
        await walker.press("go_on")
        assert walker.is_at_application(), await walker.read()

        await forget_me(walker)
        await walker.arrive(MODE, "mail.max")
        assert 1 == await walker.page.locator("text=Send me a code").count()
        await choose(walker.page, "Use a recovery code")
        await walker.page.fill("#code", kept[4].upper().replace("-", " "))
        await walker.press("answer")
        assert walker.is_at_application(), await walker.read()
        assert code not in (town.home.folder / "server.log").read_text()
