"""The guide's walk, its numbered steps one after the other, in a real browser.

"Enable JIT provisioning" and "Disable JIT Provisioning"; the words of the guide's choices are those on the page.
"""

import re
from collections.abc import AsyncIterator

import pytest
from tests.end_to_end.console_town import AtWork, ConsoleTown, at_work, console_town
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.prompts.town import PASSWORD
from tests.servers.chromium import Chromium

pytestmark = pytest.mark.anyio

ALWAYS = "Always provision to User Store Domain"
NO_PROVISIONING = "No Provisioning"
MODES = {
    "Provision silently": "silas",
    "Prompt for consent": "connie",
    "Prompt for password and consent": "paula",
    "Prompt for username, password and consent": "ursula",
}
"""What step 5 offers, and who comes afterwards; the first is selected already."""


@pytest.fixture(scope="module")
async def town(anyio_backend: str) -> AsyncIterator[ConsoleTown]:
    """The town."""
    async with console_town() as town:
        yield town


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    """The browser."""
    async with Chromium() as chromium:
        yield chromium


async def go_to_identity_providers(operator: AtWork) -> None:
    """1. Go to the Identity Providers section."""
    await operator.click("nav.sections >> text=Identity providers")


async def edit(operator: AtWork) -> None:
    """2. Select the identity provider from the list, and click on the corresponding Edit link."""
    await operator.click("tr:has-text('Closed Club') >> a:has-text('Edit')")


async def expand_just_in_time_provisioning(operator: AtWork) -> None:
    """3. Expand the Just-In-Time Provisioning section."""
    await operator.click("nav.tabs >> text=Just-In-Time Provisioning")


async def always_provision_to(operator: AtWork, domain: str) -> None:
    """4. Select Always provision to User Store Domain, and select a required user store domain from the list."""
    await operator.page.get_by_label(ALWAYS).check()
    await (
        operator.page.get_by_label("User store domain", exact=False)
        .locator("visible=true")
        .last.select_option(domain)
    )


async def choose_prompt(operator: AtWork, mode: str) -> None:
    """5. Select how to prompt users; by default Provision silently is selected."""
    await operator.page.get_by_label(mode, exact=True).check()


async def update(operator: AtWork) -> None:
    """6. Click Update to save the configuration, and save what the preview shows, where it shows anything."""
    await operator.click("button:has-text('Update')")
    if await operator.page.locator("button:has-text('Save these changes')").count():
        await operator.click("button:has-text('Save these changes')")
    assert operator.reason is None, await operator.page.inner_text("main")


async def walk_to_provisioning(operator: AtWork) -> None:
    """Do steps 1 to 3."""
    await go_to_identity_providers(operator)
    await edit(operator)
    await expand_just_in_time_provisioning(operator)


async def come(chromium: Chromium, town: ConsoleTown, person: str) -> str:
    """Come to the application through the provider, answer whatever is asked, and return what was asked for."""
    async with at_work(chromium, town) as guest:
        page = guest.page
        await page.goto(f"{town.application}/sign-in")
        await guest.click("button[name=identity_provider][value=closed]")
        await page.fill("input[name=person]", person)
        await guest.click("text=Sign in")
        asked = ""
        if page.url.startswith(f"{town.home.base_url}/sign-in/prompt"):
            asked = "consent"
            if await page.locator("input[name=password]").count():
                asked = f"password, {asked}"
                await page.fill("input[name=password]", PASSWORD)
                await page.fill("input[name=password_again]", PASSWORD)
            if await page.locator("#username:not([readonly])").count():
                asked = f"user name, {asked}"
                await page.fill("#username", f"{person}-by-choice")
            if await page.locator("input[name='attribute.phone_number']").count():
                await page.fill("input[name='attribute.phone_number']", "+49 30 901820")
            for box in await page.query_selector_all("input[type=checkbox]"):
                await box.check()
            await guest.click("button[name=action][value=answer]")
        assert page.url.startswith(town.application), await page.inner_text("main")
        return asked


async def users_of(town: ConsoleTown, subject: str) -> list[tuple[str, str, bool]]:
    """Return domain, name, and whether there is a password, of the users whom a subject opens."""
    (rows,) = await fetch(
        town.home,
        "SELECT users.domain, users.name, users.password_hash IS NOT NULL FROM users"
        f" JOIN account_links ON account_links.user_id = users.id WHERE account_links.subject = '{subject}'",
    )
    return [(domain, name, bool(has_password)) for domain, name, has_password in rows]


async def test_the_guide_is_walked_step_by_step(chromium: Chromium, town: ConsoleTown) -> None:
    """Issue 7 (1): enable, choose the store, each of the four prompt modes, update, sign in; disable, sign in.

    "JIT provisioning is disabled by default": before the first step and after the last one nobody is stored.
    """
    assert "" == await come(chromium, town, "early")
    assert [] == await users_of(town, "early")
    asked: dict[str, str] = {}
    async with at_work(chromium, town) as operator:
        await operator.sign_in()
        for mode, person in MODES.items():
            await walk_to_provisioning(operator)
            if mode == "Provision silently":
                assert await operator.page.get_by_label(NO_PROVISIONING).is_checked()
                assert await operator.page.get_by_label("Provision silently", exact=True).is_checked()
            await always_provision_to(operator, "ENG")
            await choose_prompt(operator, mode)
            await update(operator)
            asked[mode] = await come(chromium, town, person)

        assert [
            ("Provision silently", ""),
            ("Prompt for consent", "consent"),
            ("Prompt for password and consent", "password, consent"),
            ("Prompt for username, password and consent", "user name, password, consent"),
        ] == list(asked.items())
        assert [("ENG", "silas", False)] == await users_of(town, "silas")
        assert [("ENG", "connie", False)] == await users_of(town, "connie")
        assert [("ENG", "paula", True)] == await users_of(town, "paula")
        assert [("ENG", "ursula-by-choice", True)] == await users_of(town, "ursula")

        # Disable JIT Provisioning: steps 1 to 3 are the same, and 4. selects No Provisioning and clicks Update.
        await walk_to_provisioning(operator)
        await operator.page.get_by_label(NO_PROVISIONING).check()
        await update(operator)
        assert "" == await come(chromium, town, "late")
        assert [] == await users_of(town, "late")
        # Who came while it was on signs in as before, and as the same user.
        assert "" == await come(chromium, town, "silas")
        assert [("ENG", "silas", False)] == await users_of(town, "silas")


async def test_as_in_username_is_offered_beside_the_stores(chromium: Chromium, town: ConsoleTown) -> None:
    """The guide's tip to step 4: PRIMARY is what one sees by default, and As in username is in the same list."""
    async with at_work(chromium, town) as operator:
        await operator.sign_in()
        await walk_to_provisioning(operator)
        options = await operator.page.locator("select option").all_inner_texts()
        stores = [
            text.strip() for text in options if re.fullmatch("PRIMARY|ENG|As in username", text.strip())
        ]
        assert ["PRIMARY", "ENG", "As in username"] == stores
