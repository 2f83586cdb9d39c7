"""Who has an account already proves it, by its password or through another provider; and takes consent back."""

import pytest
from tests.end_to_end.prompts.town import PASSWORD, Town
from tests.end_to_end.prompts.walker import Walker, walking
from tests.servers.chromium import Chromium

pytestmark = pytest.mark.anyio


async def test_known_address_is_asked_to_prove_the_account(walker: Walker, town: Town) -> None:
    """C23, R-007, R-013: no sign-up form; wrong and right password; one account, and a letter to its address."""
    await walker.arrive("consent", "zoe")
    said = await walker.read()
    assert "You may have an account here" in said
    assert 0 == await walker.page.locator("input[type=checkbox]").count()
    await walker.photograph("prove-account")
    await walker.page.fill("form.answers input[name=username]", "zoe")
    await walker.page.fill("form.answers input[name=password]", "not-the-password")
    await walker.press("prove")
    await walker.photograph("prove-account-wrong")
    assert [] == (await town.user("zoe") or {})["subjects"]
    await walker.page.fill("form.answers input[name=username]", "zoe")
    await walker.page.fill("form.answers input[name=password]", PASSWORD)
    await walker.press("prove")
    assert walker.is_at_application(), await walker.read()
    assert ["zoe"] == (await town.user("zoe") or {})["subjects"]
    (letter,) = await town.letters_to("zoe@acme.example")
    assert "Cedar Health" in letter


async def test_who_has_an_account_may_join_it_instead(plain_walker: Walker, town: Town) -> None:
    """R-007: the sign-up page offers to join an account; the one that is proven is joined, and none is made."""
    await plain_walker.arrive("username_password_and_consent", "olga.from.acme")
    await plain_walker.page.click("text=I already have an account here")
    await plain_walker.photograph("join-account")
    await plain_walker.page.fill("form.answers input[name=username]", "olga")
    await plain_walker.page.fill("form.answers input[name=password]", PASSWORD)
    await plain_walker.press("prove")
    assert plain_walker.is_at_application(), await plain_walker.read()
    assert ["olga.from.acme"] == (await town.user("olga") or {})["subjects"]
    assert await town.user("olga.from.acme") is None


async def test_account_is_proven_through_another_provider(walker: Walker, town: Town) -> None:
    """C23, C24, R-008: who is known from one provider shows it there, and is one user with both links."""
    await walker.arrive("silent", "yara")
    before = await town.user("yara")
    await walker.page.context.clear_cookies()
    await walker.arrive("consent", "yara@acme.example")
    assert "You may have an account here" in await walker.read()
    await walker.photograph("prove-account-with-provider")
    await walker.choose("silent")
    await walker.say_who("yara")
    assert walker.is_at_application(), await walker.read()
    after = await town.user("yara")
    assert before is not None
    assert after is not None
    assert (["yara"], ["yara", "yara@acme.example"]) == (before["subjects"], sorted(after["subjects"]))


async def test_agreement_is_read_and_taken_back(plain_walker: Walker, town: Town) -> None:
    """R-036: a person reads what they agreed to, takes a part back, and what rested on it is gone."""
    await plain_walker.arrive("consent", "wilma")
    await plain_walker.fill_in("consent")
    await plain_walker.submit()
    await plain_walker.page.goto(f"{town.home.base_url}/account/consents")
    assert "A personal greeting" in await plain_walker.read()
    await plain_walker.photograph("my-consents")
    greeting = plain_walker.page.locator("div.purpose", has_text="A personal greeting")
    await greeting.locator("button[name=purpose]").click()
    await plain_walker.photograph("take-back")
    assert "given_name" in (await town.user("wilma") or {})["attributes"]
    await plain_walker.page.click("button[name=confirmed]")
    assert "Taken back on" in await plain_walker.read()
    await plain_walker.photograph("my-consents-taken-back")
    left = (await town.user("wilma") or {})["attributes"].keys()
    assert {"email"} == {"given_name", "family_name", "email"} & left


async def test_callback_of_somebody_else_links_nothing(
    walker: Walker, chromium: Chromium, town: Town
) -> None:
    """R-009: a callback that this browser did not ask for is refused, and leaves the page that waits as it was."""
    await walker.arrive("username_password_and_consent", "vera")
    async with walking(chromium, town) as mallory:
        callback = await mallory.until_callback("silent", "mallory")
    made, asked = await town.everything_made(), walker.page.url
    await walker.visit(callback)
    assert "state_of_other_browser" == walker.reason
    assert made == await town.everything_made()
    await walker.page.goto(asked)
    await walker.fill_in("username_password_and_consent")
    await walker.submit()
    assert walker.is_at_application()
    assert ["vera"] == (await town.user("vera") or {})["subjects"]
