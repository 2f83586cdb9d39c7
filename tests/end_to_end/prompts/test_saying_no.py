"""Who declines, cancels, or wants to use another account, in each prompt mode."""

import pytest
from tests.end_to_end.prompts.town import PHONE, PROMPTING, Town
from tests.end_to_end.prompts.walker import Walker, walking
from tests.servers.chromium import Chromium

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", PROMPTING)
@pytest.mark.parametrize(("action", "javascript"), [("decline", True), ("cancel", True), ("cancel", False)])
async def test_who_says_no_is_back_at_the_application(
    chromium: Chromium, town: Town, mode: str, action: str, *, javascript: bool
) -> None:
    """R-036: declining and cancelling tell the application ``access_denied``, and nothing is stored."""
    person = f"nora-{mode[:4]}-{action}-{javascript}".lower()
    async with walking(chromium, town, javascript=javascript) as walker:
        await walker.arrive(mode, person)
        assert walker.is_asked()
        asked = walker.page.url
        await walker.press(action)
        assert walker.is_at_application()
        assert "access_denied" in await walker.read()
        if (action, javascript) == ("decline", True):
            await walker.photograph(f"declined-{mode}")
        await walker.visit(asked)
        assert "sign_in_moved_on" == walker.reason
        assert await town.user(person) is None


async def test_box_that_is_left_empty_is_a_no(walker: Walker, town: Town) -> None:
    """C15: a post without the mandatory box refuses, however the browser was talked into sending it."""
    await walker.arrive("consent", "carl")
    await walker.page.fill("input[name='attribute.phone_number']", PHONE)
    await walker.page.locator("form.answers").evaluate("form => { form.noValidate = true }")
    await walker.submit()
    assert walker.is_at_application()
    assert "access_denied" in await walker.read()
    assert await town.user("carl") is None


@pytest.mark.parametrize("mode", PROMPTING)
async def test_another_account_begins_anew(walker: Walker, town: Town, mode: str) -> None:
    """C24: who uses another account chooses again, and each account keeps to itself what is its own."""
    first, second = f"anna-{mode[:4]}", f"berta-{mode[:4]}"
    await walker.arrive(mode, first)
    await walker.press("another")
    await walker.choose(mode)
    assert "select_account" == walker.town.provider.received.authorizations[-1]["prompt"]
    await walker.say_who(second)
    said = await walker.read()
    assert f"{second}@acme.example" in said
    assert first not in said
    await walker.fill_in(mode)
    await walker.submit()
    assert walker.is_at_application()
    user = await town.user(second)
    assert (None, [second]) == (await town.user(first), user and user["subjects"])
