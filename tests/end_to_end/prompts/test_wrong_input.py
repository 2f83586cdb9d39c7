"""What was typed wrongly is asked again, beside its field, with and without JavaScript."""

import anyio
import pytest
from playwright.async_api import Route
from tests.end_to_end.prompts.town import PASSWORD, PHONE, Town
from tests.end_to_end.prompts.walker import Walker

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", ["username_password_and_consent", "password_and_consent"])
async def test_wrong_password_is_told_beside_its_field(walker: Walker, town: Town, mode: str) -> None:
    """C16: a password against the rule is a problem of the form, nothing is made, and the next answer is taken."""
    person = f"paul-{mode[:4]}"
    await walker.arrive(mode, person)
    await walker.fill_in(mode, password="short")
    await walker.submit()
    assert walker.is_asked()
    said = await walker.read()
    assert "8 to 128 characters" in said
    assert "" == await walker.page.input_value("input[name=password]")
    await walker.photograph(f"wrong-password-{mode}")
    assert await town.user(person) is None
    await walker.fill_in(mode)
    await walker.page.fill("input[name=password_again]", "something-else")
    await walker.submit()
    assert "The two passwords are not the same" in await walker.read()
    await walker.fill_in(mode)
    await walker.submit()
    assert walker.is_at_application()
    assert await town.user(person) is not None


async def test_taken_name_is_asked_again(plain_walker: Walker, town: Town) -> None:
    """C13, R-010: a name of somebody else, or against the pattern, is asked again; the other is unchanged."""
    before = await town.user("taken")
    await plain_walker.arrive("username_password_and_consent", "tilda")
    for typed, told in (
        ("taken", "This user name is not available."),
        ("TAKEN", "This user name is not available."),
        ("x y", "A user name has 3 to 50 characters"),
    ):
        await plain_walker.fill_in("username_password_and_consent", username=typed)
        await plain_walker.submit()
        assert told in await plain_walker.read()
    await plain_walker.photograph("wrong-username")
    assert before == await town.user("taken")
    await plain_walker.fill_in("username_password_and_consent", username="tilda.free")
    await plain_walker.submit()
    assert plain_walker.is_at_application()
    assert ["created"] == await town.outcomes_of("tilda")


async def test_missing_attribute_is_asked_again(plain_walker: Walker, town: Town) -> None:
    """What the application requires is not satisfied with spaces; what was ticked stays ticked."""
    await plain_walker.arrive("consent", "mara")
    await plain_walker.fill_in("consent")
    await plain_walker.page.fill("input[name='attribute.phone_number']", "   ")
    await plain_walker.submit()
    assert plain_walker.is_asked()
    assert "Please fill this in." in await plain_walker.read()
    assert await plain_walker.page.is_checked("input[type=checkbox][required]")
    await plain_walker.photograph("wrong-attribute")
    assert await town.user("mara") is None
    await plain_walker.page.fill("input[name='attribute.phone_number']", PHONE)
    await plain_walker.submit()
    assert plain_walker.is_at_application()


async def test_names_and_passwords_are_checked_while_typing(walker: Walker) -> None:
    """With JavaScript the page says before it is sent whether a name is free and a password fits (R-109)."""
    await walker.arrive("username_password_and_consent", "livia")
    says, page = "#username-says", walker.page
    await page.fill("#username", "taken")
    await page.wait_for_selector(f"{says}.wrong:has-text('This user name is not available.')")
    await page.fill("input[name=password]", "short")
    await page.wait_for_selector("#password-says.wrong:has-text('8 to 128')")
    await page.fill("input[name=password]", PASSWORD)
    await page.fill("input[name=password_again]", "else")
    await page.wait_for_selector("#password-again-says.wrong")
    await walker.photograph("checked-while-typing-wrong")
    await page.fill("#username", "livia.free")
    await page.wait_for_selector(f"{says}.good:has-text('This user name is free.')")
    await page.fill("input[name=password_again]", PASSWORD)
    await page.wait_for_selector("#password-again-says.good")
    await walker.photograph("checked-while-typing-good")


async def test_what_was_typed_before_the_script_came_is_checked(walker: Walker) -> None:
    """R-109: on a slow line somebody types before the script is there, and is told all the same."""
    typed = anyio.Event()

    async def later(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await walker.page.route("**/static/prompt.js", later)
    await walker.arrive("username_password_and_consent", "lale")
    await walker.page.fill("#username", "taken")
    assert "" == await walker.page.inner_text("#username-says")
    typed.set()
    await walker.page.wait_for_selector("#username-says.wrong:has-text('This user name is not available.')")
