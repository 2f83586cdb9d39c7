"""A page that is answered too late, twice, or by another browser, in each prompt mode."""

import pytest
from tests.end_to_end.prompts.town import PROMPTING, Town
from tests.end_to_end.prompts.walker import Walker, walking
from tests.servers.chromium import Chromium

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", PROMPTING)
async def test_late_answer_finds_the_page_over(walker: Walker, town: Town, mode: str) -> None:
    """C14, R-023: an answer after half an hour reads why, nothing is made, and a new start succeeds."""
    person = f"late-{mode[:4]}"
    await walker.arrive(mode, person)
    await walker.fill_in(mode)
    town.let_pages_expire()
    await walker.submit()
    assert "sign_in_expired" == walker.reason
    assert "took too long" in await walker.read()
    if mode == "consent":
        await walker.photograph("expired")
    assert await town.user(person) is None
    await walker.arrive(mode, person)
    await walker.fill_in(mode)
    await walker.submit()
    assert walker.is_at_application()


async def test_answered_page_is_over(walker: Walker, town: Town) -> None:
    """C14, R-018: going back to a page that was answered shows that it is over, and makes no second account."""
    await walker.arrive("consent", "bela")
    address = walker.page.url
    await walker.fill_in("consent")
    await walker.submit()
    assert walker.is_at_application()
    await walker.visit(address)
    assert "sign_in_moved_on" == walker.reason
    assert 0 == await walker.page.locator("input").count()
    assert ["created"] == await town.outcomes_of("bela")


async def test_page_is_its_browsers_own(walker: Walker, chromium: Chromium, town: Town) -> None:
    """C14, R-017: the address of the page shows nothing to another browser; the owner goes on undisturbed."""
    await walker.arrive("consent", "otto")
    async with walking(chromium, town) as stranger:
        await stranger.visit(walker.page.url)
        assert "browser_unknown" == stranger.reason
        assert "otto" not in await stranger.page.content()
        await stranger.photograph("page-of-another-browser")
    await walker.fill_in("consent")
    await walker.submit()
    assert walker.is_at_application()
