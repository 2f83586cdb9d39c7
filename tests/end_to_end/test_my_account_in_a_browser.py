"""One's own account in a real browser, from the first look to its deletion; each page is kept, in two languages."""

import json
import re
from collections.abc import AsyncIterator

import pytest
from tests.end_to_end.enhanced_town import EnhancedTown, Guest, enhanced_town, key_on, oathtool, visiting
from tests.end_to_end.test_factor_pages_in_a_browser import authenticator
from tests.servers.chromium import Chromium

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def town(anyio_backend: str) -> AsyncIterator[EnhancedTown]:
    """A town with the enhanced feature."""
    async with enhanced_town() as town:
        await town.add_provider("dahlia")
        yield town


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    """The browser."""
    async with Chromium() as chromium:
        yield chromium


async def send(guest: Guest, selector: str) -> None:
    """Press what sends a form or leads on, and rest where that leads; a page of refusal leaves its ``reason``."""
    guest.reason = None
    async with guest.page.expect_navigation() as navigation:
        await guest.page.click(selector)
    response = await navigation.value
    guest.reason = response.headers.get("jitney-reason") if response else None


async def keep(guest: Guest, page: str, tag: str) -> None:
    """Photograph a page in a language; from right to left a telephone's is the one that shows what is amiss."""
    looks = ("wide", "narrow", "dark") if tag == "en" or page == "federated" else ("narrow",)
    await guest.photograph(f"account-{page}-{tag}", looks=looks)


async def sessions_of(town: EnhancedTown, name: str) -> int:
    """Count the sessions of somebody."""
    sql = f"SELECT id_hash FROM sessions JOIN users ON users.id = user_id WHERE name_key = '{name}'"
    return len(await town.rows(sql))


@pytest.mark.parametrize(("language", "name"), [("en-GB", "olga"), ("ar-EG", "layla")])
async def test_whole_life_of_an_account_is_in_its_owners_hands(
    chromium: Chromium, town: EnhancedTown, language: str, name: str
) -> None:
    """R-009, R-015, R-084, R-099, R-101: passkey, recovery codes, sessions, all data and the end are one's own."""
    tag = language[:2]
    async with (
        visiting(chromium, town, language=language) as guest,
        visiting(chromium, town, language=language) as elsewhere,
    ):
        await authenticator(guest.page)
        for each in (elsewhere, guest):
            await each.come_in_locally(name)
        assert f"{name}@acme.example" in await guest.read()
        assert 2 == await sessions_of(town, name)
        await keep(guest, "local", tag)

        # The other browser is signed out from this one.
        await send(guest, "#sessions ~ ul li:last-child button[name=session]")
        assert (None, 1) == (guest.reason, await sessions_of(town, name))
        await elsewhere.open("/account")
        assert await elsewhere.page.locator("form.local").is_visible()

        await add_passkey(guest, tag)
        await download(guest, name)
        await guest.open("/account/consents")
        await keep(guest, "consents", tag)
        await delete(guest, name, tag)
        assert [] == await town.rows(f"SELECT id FROM users WHERE name_key = '{name}'")
        assert [] == await town.rows("SELECT id_hash FROM sessions")
        await guest.open("/account/signed-out")
        await keep(guest, "signed-out", tag)


async def add_passkey(guest: Guest, tag: str) -> None:
    """Add a passkey, and keep the recovery codes that come with the first factor."""
    await send(guest, "a[href='/account/factors']")
    await keep(guest, "factors-none", tag)
    await send(guest, "form:has(input[value=passkey]) button.way")
    await guest.page.fill("#passkey-label", "My notebook")
    await keep(guest, "add-passkey", tag)
    await send(guest, "form[data-passkey=create] button")
    kept = await guest.page.locator("ul.codes code").all_inner_texts()
    assert 10 == len({code for code in kept if re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", code)})
    await keep(guest, "codes", tag)
    await send(guest, "a.button[href='/account/factors']")
    assert "My notebook" in await guest.read()
    await keep(guest, "factors", tag)


async def download(guest: Guest, name: str) -> None:
    """Download everything that is kept."""
    await guest.open("/account")
    async with guest.page.expect_download() as download:
        await guest.page.click("form[action='/account/export.json'] button")
    kept = json.loads((await (await download.value).path()).read_text())
    assert (name, ["passkey"]) == (
        kept["account"]["user_name"],
        [each["kind"] for each in kept["second_factors"]],
    )


async def delete(guest: Guest, name: str, tag: str) -> None:
    """Delete the account: with the second factor that there is now, and with its name typed."""
    await guest.open("/account")
    await send(guest, "a[href='/account/delete']")
    assert "second_factor_not_recent" == guest.reason
    await keep(guest, "again", tag)
    await send(guest, "form[action='/account/again'] button")
    await keep(guest, "sign-in", tag)
    await guest.page.fill("input[name=username]", name)
    await guest.page.fill("input[name=password]", "correct-horse-battery")
    await send(guest, "form.local button")
    await send(guest, "form[data-passkey=get] button")
    assert guest.page.url.endswith("/account/delete"), guest.page.url
    await keep(guest, "delete", tag)
    await guest.page.fill("#name", "somebody")
    await send(guest, "form[action='/account/delete'] button")
    assert await guest.page.locator("#problem").is_visible()
    await keep(guest, "delete-wrong", tag)
    await guest.page.fill("#name", name)
    await send(guest, "form[action='/account/delete'] button")
    await keep(guest, "deleted", tag)


@pytest.mark.parametrize(("language", "name"), [("en-GB", "ada"), ("ar-EG", "edgar")])
async def test_federated_person_keeps_a_way_in(
    chromium: Chromium, town: EnhancedTown, language: str, name: str
) -> None:
    """R-009, R-097, R-101: it says who gave what; of two ways in one may go, and then no other, on no old page."""
    tag, subject = language[:2], f"acme-{name}"
    async with visiting(chromium, town, language=language) as guest:
        await guest.come_in("acme", name)
        assert 6 == await guest.page.locator("#profile ~ dl .giver:has-text('Acme')").count()
        assert 0 == await guest.page.locator("button[name=identity]").count()
        await keep(guest, "federated", tag)

        ((user_id, user_name),) = await town.opened_by(subject)
        await town.run("user", "link", user_id, "--idp", "dahlia", "--subject", f"dahlia-{name}")
        await guest.come_in("acme", name)
        await keep(guest, "two-ways", tag)
        other = Guest(town, await guest.page.context.new_page())
        await other.open("/account")
        for each, provider in ((guest, "Acme"), (other, "Dahlia Bank")):
            await send(each, f"li:has-text('{provider}') button[name=identity]")
        await keep(guest, "unlink", tag)
        await keep(other, "unlink-other", tag)
        await send(other, "button[name=confirmed]")
        assert [(user_id, user_name)] == await town.opened_by(subject)
        assert [] == await town.opened_by(f"dahlia-{name}")
        await send(guest, "button[name=confirmed]")
        assert "only_way_to_sign_in" == guest.reason
        assert await guest.page.locator("a[href='/account']").is_visible()
        assert [(user_id, user_name)] == await town.opened_by(subject)
        await keep(guest, "only-way", tag)

        await add_app_and_letters(guest, town, f"{name}@acme.example", tag)


async def add_app_and_letters(guest: Guest, town: EnhancedTown, address: str, tag: str) -> None:
    """Set up an app, then codes by e-mail with it, and take the app away again."""
    await guest.open("/account/factors")
    await send(guest, "form:has(input[value=totp]) button.way")
    key = await key_on(guest.page)
    await guest.type_code(oathtool(key, now="now - 1 hour"))
    await keep(guest, "add-app-wrong", tag)
    await guest.type_code(oathtool(key))
    assert 10 == await guest.page.locator("ul.codes code").count()

    await guest.open("/account/factors")
    await send(guest, "form:has(input[value=email_otp]) button.way")
    assert "second_factor_not_recent" == guest.reason
    await send(guest, "form[action='/account/again'] button")
    await guest.page.click("button[value=acme]")
    await guest.say_who(address)
    await guest.type_code(oathtool(key, now="now + 30 seconds"))
    assert guest.page.url.endswith("/account/factors"), guest.page.url
    stale = Guest(town, await guest.page.context.new_page())
    await stale.open("/account/factors")

    await send(guest, "form:has(input[value=email_otp]) button.way")
    code = await town.mailed_code(address)
    await keep(guest, "add-letters", tag)
    await guest.press("ask")
    await keep(guest, "add-letters-lately", tag)
    await guest.type_code(code)
    assert 2 == await guest.page.locator("button[name=factor]").count()
    await keep(guest, "two-factors", tag)
    await send(stale, "form:has(input[value=email_otp]) button.way")
    await keep(stale, "factor-problem", tag)

    await send(guest, "button[name=factor] >> nth=0")
    await keep(guest, "remove-factor", tag)
    await send(guest, "button[name=confirmed]")
    assert 1 == await guest.page.locator("button[name=factor]").count()
    await send(guest, "button[name=factor]")
    await keep(guest, "remove-last-factor", tag)
