"""An authenticator app at the very first federated sign-in, in a browser, with the codes of ``oathtool``."""

import subprocess
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.jitney_process import Home
from tests.end_to_end.prompts.town import Town, running_town
from tests.end_to_end.prompts.walker import Walker, walking
from tests.servers.chromium import Chromium

pytestmark = pytest.mark.anyio

MODE = "username_password_and_consent"
"""How the town calls Acme's people; here they are provisioned silently."""

RECORDS = """
[[identity_provider]]
name = "acme"
display_name = "Acme"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"
second_factor = {{ required = true, kinds = ["totp"] }}
enhanced = {{ second_factors = true }}

[identity_provider.provisioning]
enabled = true

[[application]]
id = "sample"
name = "Sample application"
redirect_uris = ["{application}/callback"]
client_secret_env = "SAMPLE_SECRET"
"""


def _records(home: Home, issuer: str, application: str) -> str:
    return RECORDS.format(issuer=issuer, application=application)


@pytest.fixture(scope="module")
async def town(anyio_backend: str) -> AsyncIterator[Town]:
    """Jitney, Acme whose people owe a code of an app, and the application."""
    async with running_town(_records) as town:
        yield town


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    """The browser."""
    async with Chromium() as chromium:
        yield chromium


def oathtool(key: str, *, now: str = "now") -> str:
    """Another program's code for a key (RFC 6238), at a moment as ``date`` reads it."""
    done = subprocess.run(
        ["oathtool", "--totp", "--base32", f"--now={now}", key], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


async def key_on(page: Page) -> str:
    """Read the key off the page, as somebody does who cannot scan it."""
    await page.click("summary")
    return "".join((await page.locator(".secret").inner_text()).split())


async def rows(town: Town, sql: str) -> list[tuple[Any, ...]]:
    (found,) = await fetch(town.home, sql)
    return [tuple(row) for row in found]


async def type_code(walker: Walker, code: str) -> None:
    await walker.page.fill("#code", code)
    await walker.press("answer")


async def until_offered(walker: Walker, person: str) -> str:
    """Arrive for the first time, and choose the app; return its key."""
    await walker.arrive(MODE, person)
    assert "/sign-in/factor?h=" in walker.page.url, await walker.read()
    await walker.page.click("button.way:has-text('Authenticator app')")
    return await key_on(walker.page)


async def test_app_is_set_up_after_the_account_and_before_the_session(chromium: Chromium, town: Town) -> None:
    """R-095, R-099, P-2: the account is durable first, then the app is proven, and only then is anybody in."""
    async with walking(chromium, town) as walker:
        await walker.arrive(MODE, "totp.ida")
        assert "Protect your account" in await walker.read()
        made = await town.user("totp.ida")
        assert made is not None
        assert ["totp.ida"] == made["subjects"]
        assert [(0,)] == await rows(town, "SELECT has_second_factor FROM users WHERE name_key = 'totp.ida'")
        assert [] == await rows(town, "SELECT id FROM factors")
        assert [] == await rows(town, "SELECT id_hash FROM sessions")
        assert [] == await rows(town, "SELECT session FROM codes")
        await walker.photograph("totp-protect-your-account")

        await walker.page.click("button.way:has-text('Authenticator app')")
        key = await key_on(walker.page)
        await walker.photograph("totp-set-up")
        await type_code(walker, oathtool(key, now="now - 5 minutes"))
        assert "This code was not accepted" in await walker.read()
        assert [] == await rows(town, "SELECT id FROM factors")
        await type_code(walker, oathtool(key))
        assert "Keep your recovery codes" in await walker.read()
        assert 10 == await walker.page.locator("ul.codes code").count()
        assert [] == await rows(town, "SELECT id_hash FROM sessions")
        await walker.photograph("totp-recovery-codes")

        await walker.press("go_on")
        assert walker.is_at_application(), await walker.read()
        assert [(1,)] == await rows(town, "SELECT has_second_factor FROM users WHERE name_key = 'totp.ida'")
        assert ["created"] == await town.outcomes_of("totp.ida")
        assert key not in (town.home.folder / "server.log").read_text()


async def test_next_sign_in_takes_the_next_code_and_no_earlier_one(chromium: Chromium, town: Town) -> None:
    """R-095: the code that set it up opens nothing any more, nor does an old one; the next one does, once."""
    async with walking(chromium, town) as first:
        key = await until_offered(first, "totp.jan")
        used = oathtool(key)
        await type_code(first, used)
        await first.press("go_on")
        assert first.is_at_application()
    coming = oathtool(key, now="now + 30 seconds")
    async with walking(chromium, town) as second:
        await second.arrive(MODE, "totp.jan")
        assert "Confirm that it is you" in await second.read()
        for worthless in (used, oathtool(key, now="now - 10 minutes"), "١٢٣٤٥٦"):
            await type_code(second, worthless)
            assert "This code was not accepted" in await second.read()
        await second.photograph("totp-wrong")
        await type_code(second, coming)
        assert second.is_at_application(), await second.read()
    async with walking(chromium, town) as third:
        await third.arrive(MODE, "totp.jan")
        await type_code(third, coming)
        assert "This code was not accepted" in await third.read()


@pytest.mark.parametrize("way", ["application", "second tab", "go on", "page of one's own"])
async def test_set_up_cannot_be_walked_around(chromium: Chromium, town: Town, way: str) -> None:
    """R-099: nobody gets past the page by another way; the page itself still takes the right code."""
    person = f"totp.{''.join(filter(str.isalpha, way))}"
    async with walking(chromium, town) as walker:
        key = await until_offered(walker, person)
        page = walker.page
        match way:
            case "application":
                walker.page = await page.context.new_page()
                await walker.page.goto(f"{town.application}/sign-in")
                assert not walker.is_at_application()
            case "second tab":
                walker.page = await page.context.new_page()
                await walker.arrive(MODE, person)
                assert "/sign-in/factor?h=" in walker.page.url
            case "go on":
                await page.evaluate("document.querySelector('button[value=cancel]').value = 'go_on'")
                await walker.press("go_on")
                assert "/sign-in/factor?h=" in page.url
                await page.go_back()
            case _:
                walker.page = await page.context.new_page()
                await walker.visit(f"{town.home.base_url}/account/consents")
                assert "What you agreed to" not in await walker.read()
        walker.page = page
        await page.reload()
        assert key == await key_on(page)
        await type_code(walker, oathtool(key))
        await walker.press("go_on")
        assert walker.is_at_application(), await walker.read()
