"""The pages in German and in Arabic, from right to left."""

import pytest
from tests.end_to_end.prompts.town import Town
from tests.end_to_end.prompts.walker import walking
from tests.servers.chromium import Chromium

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("language", "person", "direction", "title"),
    [("de-AT", "heidi", "ltr", "Konto"), ("ar-EG", "layla", "rtl", "حساب")],
    ids=["german", "arabic"],
)
async def test_browsers_language_is_honoured(
    chromium: Chromium, town: Town, language: str, person: str, direction: str, title: str
) -> None:
    """The page speaks the browser's language and runs in its direction, with its problems and its way out."""
    tag = language[:2]
    async with walking(chromium, town, language=language) as walker:
        await walker.page.goto(f"{town.application}/sign-in")
        await walker.photograph(f"sign-in-{tag}")
        await walker.choose("username_password_and_consent")
        await walker.say_who(person)
        html = walker.page.locator("html")
        assert (tag, direction) == (await html.get_attribute("lang"), await html.get_attribute("dir"))
        assert title in await walker.read()
        await walker.photograph(f"prompt-{tag}")
        await walker.fill_in("username_password_and_consent", username="taken", password="short")
        await walker.submit()
        assert "This user name" not in await walker.read()
        await walker.photograph(f"prompt-wrong-{tag}")
        await walker.fill_in("username_password_and_consent", username=f"{person}.{tag}")
        await walker.submit()
        assert walker.is_at_application()
    assert await town.user(f"{person}.{tag}") is not None
