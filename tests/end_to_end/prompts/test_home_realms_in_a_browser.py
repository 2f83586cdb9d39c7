"""Home realm discovery and the trial of a provider in a real browser: on a desk, on a telephone, at night."""

import json
import re
from collections.abc import AsyncIterator

import pytest
from tests.end_to_end.jitney_process import Home
from tests.end_to_end.prompts.town import Town, running_town, town_records
from tests.end_to_end.prompts.walker import Walker, walking
from tests.servers.chromium import Chromium

from jitney.testing.fake_oidc_provider import Lie

pytestmark = pytest.mark.anyio

HIDDEN = {"birch": ("birch.example", "campus.example"), "cedar": ("campus.example",)}


def records(home: Home, issuer: str, application: str) -> str:
    """The town, of whose providers two are found by the addresses of their people and never listed."""
    text = town_records(home, issuer, application)
    for name, domains in HIDDEN.items():
        realm = f"domains = {json.dumps(domains)}\nis_shown = false\n"
        text = text.replace(f'name = "{name}"\n', f'name = "{name}"\n{realm}')
    return text


@pytest.fixture(scope="module")
async def realms(anyio_backend: str) -> AsyncIterator[Town]:
    """A town with customers."""
    async with running_town(records) as town:
        yield town


async def type_address(walker: Walker, address: str) -> None:
    await walker.page.fill("input[name=address]", address)
    await walker.page.click("form.home-realm button")


@pytest.mark.parametrize(
    ("language", "direction", "unknown"),
    [
        ("en-GB", "ltr", "We do not know where people with this e-mail address sign in."),
        ("de-AT", "ltr", None),
        ("ar-EG", "rtl", None),
    ],
    ids=["english", "german", "arabic"],
)
async def test_person_is_found_by_their_address(
    chromium: Chromium, realms: Town, language: str, direction: str, unknown: str | None
) -> None:
    """R-109: an unknown address is said so, a shared one gives a choice, one's own leads on; no list is shown."""
    tag = language[:2]
    async with walking(chromium, realms, language=language) as walker:
        await walker.page.goto(f"{realms.application}/sign-in")
        assert direction == await walker.page.locator("html").get_attribute("dir")
        assert "Birch" not in await walker.read()
        await walker.photograph(f"home-realm-{tag}")
        await type_address(walker, "ada@elsewhere.example")
        assert "ada@elsewhere.example" == await walker.page.input_value("input[name=username]")
        assert (unknown or "") in await walker.read()
        await walker.photograph(f"home-realm-unknown-{tag}")
        await type_address(walker, "ada@campus.example")
        names = ("Birch University", "Cedar Health", "Acme")
        said = await walker.read()
        assert [True, True, False] == [name in said for name in names]
        await walker.photograph(f"home-realm-several-{tag}")
        await walker.page.click("button[value=cedar]")
        assert walker.page.url.startswith(realms.provider.issuer)


async def test_address_of_one_provider_leads_straight_there(chromium: Chromium, realms: Town) -> None:
    """The person types their address once: the provider gets it as a hint."""
    async with walking(chromium, realms) as walker:
        await walker.page.goto(f"{realms.application}/sign-in")
        await type_address(walker, "ada@birch.example")
        assert walker.page.url.startswith(realms.provider.issuer)
        assert "ada@birch.example" == await walker.page.input_value("input[name=person]")


async def test_trial_shows_what_came(chromium: Chromium, realms: Town) -> None:
    """R-027: the link of ``jitney idp test NAME --sign-in`` opens in a browser, and its page shows all; once."""
    said = await realms.home.run("idp", "test", "cedar", "--sign-in")
    found = re.search(r"\S+/trial\?k=\S+", said.out)
    assert found is not None, said.out
    before = await realms.everything_made()
    async with walking(chromium, realms) as walker:
        await walker.visit(found[0])
        await walker.photograph("trial-begin")
        await walker.page.click("main button")
        await walker.say_who("ada")
        page = await walker.read()
        for word in ("Received", "Mapped", "Decided", "ada@acme.example", "Nothing of this was stored."):
            assert word in page
        await walker.photograph("trial-result")
        await walker.visit(found[0])
        assert "sign_in_moved_on" == walker.reason
    assert before == await realms.everything_made()


async def test_trial_shows_why_nothing_came(chromium: Chromium, realms: Town) -> None:
    """R-024: an answer that is not to be believed is shown with its reason, and none of its claims."""
    said = await realms.home.run("idp", "test", "acme", "--sign-in", "--json")
    realms.provider.lie_next(Lie.WRONG_NONCE)
    async with walking(chromium, realms) as walker:
        await walker.visit(json.loads(said.out)["address"])
        await walker.page.click("main button")
        await walker.say_who("ada")
        assert "id_token_nonce_differs" in await walker.read()
        await walker.photograph("trial-refused")
