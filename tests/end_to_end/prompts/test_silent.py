"""The silent mode, where nobody can be asked: accepted, refused, declined, too late."""

import pytest
from tests.end_to_end.prompts.town import Town
from tests.end_to_end.prompts.walker import Walker, walking
from tests.servers.chromium import Chromium

from jitney.testing.fake_oidc_provider import Lie

pytestmark = pytest.mark.anyio


async def test_silent_asks_nothing(plain_walker: Walker, town: Town) -> None:
    """A1: the silent mode makes the account without a page, a question or a password."""
    await plain_walker.arrive("silent", "sigrid")
    assert plain_walker.is_at_application()
    assert "Welcome, Sigrid Newcomer." in await plain_walker.read()
    user = await town.user("sigrid")
    assert user is not None
    assert (["sigrid"], 0, False) == (user["subjects"], user["receipts"], user["has_password"])


async def test_silent_with_a_taken_name_is_refused_and_another_account_is_taken(
    plain_walker: Walker, town: Town
) -> None:
    """R-010: where nobody can be asked a taken name refuses with a reference; another account gets in."""
    before = await town.user("taken")
    await plain_walker.arrive("silent", "taken")
    assert "belongs to somebody else" in await plain_walker.read()
    await plain_walker.photograph("silent-refused")
    assert before == await town.user("taken")
    await plain_walker.page.click("button[name=choice][value=again]")
    await plain_walker.choose("silent")
    await plain_walker.say_who("theo")
    assert plain_walker.is_at_application()
    assert ["theo"] == (await town.user("theo") or {})["subjects"]


async def test_silent_refusal_leads_back_to_the_application(plain_walker: Walker) -> None:
    """Who is refused in the silent mode may go back: the application reads ``access_denied``."""
    await plain_walker.arrive("silent", "taken")
    await plain_walker.page.click("button[name=choice][value=cancel]")
    assert plain_walker.is_at_application()
    assert "access_denied" in await plain_walker.read()


@pytest.mark.parametrize(
    "lie", [Lie.ACCESS_DENIED, Lie.EMPTY_SUBJECT, Lie.MISSING_SUBJECT], ids=lambda lie: lie.name
)
async def test_whom_the_provider_does_not_prove_gets_nothing(
    plain_walker: Walker, town: Town, lie: Lie
) -> None:
    """B1, B10: without a proven identity, or with one that has no subject, nothing is made; then all is well."""
    person, made = f"nils-{lie.name.lower()[:5]}", await town.everything_made()
    town.provider.lie_next(lie)
    await plain_walker.arrive("silent", person)
    assert not plain_walker.is_at_application()
    await plain_walker.photograph(f"provider-{lie.name.lower().replace('_', '-')}")
    assert made == await town.everything_made()
    await plain_walker.arrive("silent", person)
    assert plain_walker.is_at_application()
    assert [person] == (await town.user(person) or {})["subjects"]


async def test_link_holds_when_the_user_is_renamed(
    plain_walker: Walker, chromium: Chromium, town: Town
) -> None:
    """C6: the link leads to the user, whatever the user is called here now."""
    await plain_walker.arrive("silent", "sonja")
    town.rename("sonja", "sonja.new")
    async with walking(chromium, town, javascript=False) as again:
        await again.arrive("silent", "sonja")
        assert again.is_at_application()
    assert (None, ["sonja"]) == (await town.user("sonja"), (await town.user("sonja.new") or {})["subjects"])


async def test_silent_return_that_comes_too_late(plain_walker: Walker, town: Town) -> None:
    """R-023: who comes back from the provider too late reads so, and nothing is made."""
    await plain_walker.page.goto(f"{town.application}/sign-in")
    await plain_walker.choose("silent")
    town.let_pages_expire()
    await plain_walker.say_who("spaet")
    assert "took too long" in await plain_walker.read()
    assert await town.user("spaet") is None
    await plain_walker.arrive("silent", "spaet")
    assert plain_walker.is_at_application()
