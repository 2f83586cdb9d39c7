"""Who accepts what a page of a prompt mode asks gets an account, and is not asked again."""

import pytest
from tests.end_to_end.prompts.town import MODES, PASSWORD, PHONE, PROMPTING, Town
from tests.end_to_end.prompts.walker import Walker, walking
from tests.servers.chromium import Chromium

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("mode", "person", "javascript"),
    [
        (PROMPTING[0], "ruth", True),
        (PROMPTING[1], "marta", True),
        (PROMPTING[2], "clara", True),
        (PROMPTING[0], "ilse", False),
        (PROMPTING[1], "petra", False),
        (PROMPTING[2], "dora", False),
    ],
)
async def test_who_accepts_gets_an_account(
    chromium: Chromium, town: Town, mode: str, person: str, *, javascript: bool
) -> None:
    """A2, A4, B6: the page says who and what, the answers become an account, and nobody is asked again."""
    async with walking(chromium, town, javascript=javascript) as walker:
        await walker.arrive(mode, person)
        said = await walker.read()
        assert MODES[mode][1] in said
        assert f"{person}@acme.example" in said
        assert "We confirm what you order" in said
        if javascript:
            await walker.photograph(f"prompt-{mode}")
        chosen = f"{person}.chosen" if mode.startswith("username") else person
        await walker.fill_in(mode, username=chosen if chosen != person else None)
        await walker.submit()
        assert walker.is_at_application(), await walker.read()
        assert f"Welcome, {person.capitalize()} Newcomer." in await walker.read()
        user = await town.user(chosen)
        assert user is not None
        assert ([person], 1, ["readers"], mode != "consent") == (
            user["subjects"], user["receipts"], user["roles"], user["has_password"]
        )  # fmt: skip
        assert (PHONE, "person") == (user["attributes"]["phone_number"], user["given_by"]["phone_number"])
        assert f"{person}@acme.example" == user["attributes"]["email"]
    async with walking(chromium, town, javascript=javascript) as again:
        await again.arrive(mode, person)
        assert again.is_at_application()
    assert ["created", "unchanged"] == await town.outcomes_of(person)


async def test_typed_password_signs_in_later(walker: Walker, chromium: Chromium, town: Town) -> None:
    """A2, B2: the password that was typed opens the account without the provider, and that provisions nobody."""
    await walker.arrive("password_and_consent", "wanda")
    await walker.fill_in("password_and_consent")
    await walker.submit()
    made = await town.everything_made()
    async with walking(chromium, town) as later:
        await later.page.goto(f"{town.application}/sign-in")
        await later.page.fill("form.local input[name=username]", "wanda")
        await later.page.fill("form.local input[name=password]", PASSWORD)
        await later.page.click("form.local button")
        await later.page.wait_for_url(f"{town.application}/**")
        assert "Welcome, Wanda Newcomer." in await later.read()
    assert made == await town.everything_made()


async def test_optional_attributes_may_be_kept_back(plain_walker: Walker, town: Town) -> None:
    """R-036: a box that stays empty is an attribute that is not stored; the mandatory one alone suffices."""
    await plain_walker.arrive("consent", "nadia")
    await plain_walker.page.fill("input[name='attribute.phone_number']", PHONE)
    await plain_walker.page.check("input[type=checkbox][required]")
    await plain_walker.submit()
    user = await town.user("nadia")
    assert user is not None
    assert "nadia@acme.example" == user["attributes"]["email"]
    assert set() == {"given_name", "family_name"} & user["attributes"].keys()
