"""A new operator on a fresh install: from the set-up link to the first federated sign-in, counted in clicks."""

import re
from urllib.parse import urlsplit

import pytest
from tests.end_to_end.console_town import AtWork, ConsoleTown, at_work
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.jitney_process import SECRET, Home, JitneyProcess
from tests.servers.chromium import Chromium

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Habits, RegisteredClient

pytestmark = pytest.mark.anyio

MOST_CLICKS = 12
PASSWORD = "a-quiet-sea-of-glass"


async def test_from_the_set_up_link_to_the_first_federated_sign_in(record_property: object) -> None:
    """Issue 7 (2): at most 12 clicks, of the operator and of the first person together; typing is not clicking."""
    async with FakeOIDCProvider(habits=Habits(interactive=True)) as provider, Chromium() as chromium:
        home = Home(allow=(urlsplit(provider.issuer).netloc,))
        provider.register(RegisteredClient("jitney", SECRET, (f"{home.base_url}/callback/acme",)))
        try:
            async with JitneyProcess(home) as jitney:
                town = ConsoleTown(home, provider, "")
                link = re.search(r"http://\S+/set-up\?token=\S+", jitney.log())
                assert link is not None, jitney.log()
                async with at_work(chromium, town) as operator, at_work(chromium, town) as person:
                    await set_up(operator, link.group().removeprefix(home.base_url))
                    await add_provider(operator, provider.issuer)
                    await switch_provisioning_on(operator)
                    await come_in(person)
                    clicks = operator.clicks + person.clicks
                    assert "/account" == urlsplit(person.page.url).path, await person.page.inner_text("main")
                (users,) = await fetch(
                    home, "SELECT users.name FROM users JOIN account_links ON user_id = users.id"
                )
                assert 1 == len(users)
                assert clicks <= MOST_CLICKS, f"{operator.clicks} and {person.clicks} clicks"
        finally:
            home.remove()


async def set_up(operator: AtWork, path: str) -> None:
    """Open the link, become an operator, and come to the console."""
    await operator.open(path)
    await operator.page.fill("input[name=username]", "head-of-it")
    await operator.page.fill("input[name=password]", PASSWORD)
    await operator.page.fill("input[name=password_again]", PASSWORD)
    await operator.click("main button")
    await operator.click("text=Open the console")
    await operator.page.fill("input[name=username]", "head-of-it")
    await operator.page.fill("input[name=password]", PASSWORD)
    await operator.click("form.local button")
    assert "/console" == urlsplit(operator.page.url).path


async def add_provider(operator: AtWork, issuer: str) -> None:
    """Add an identity provider by its discovery URL."""
    await operator.click("li.next a.button")
    await operator.click("main h3 a:has-text('Discovery URL')")
    await operator.page.fill("[name=issuer]", f"{issuer}/.well-known/openid-configuration")
    await operator.page.fill("[name=name]", "acme")
    await operator.page.fill("[name=client_id]", "jitney")
    await operator.page.fill("[name=client_secret]", SECRET)
    await operator.click("main button:has-text('Save')")
    assert operator.reason is None, await operator.page.inner_text("main")


async def switch_provisioning_on(operator: AtWork) -> None:
    """Let people of the provider get accounts."""
    await operator.click("text=Just-In-Time Provisioning")
    await operator.choose("label:has-text('Always provision to User Store Domain')")
    await operator.click("button:has-text('Update')")
    assert operator.reason is None, await operator.page.inner_text("main")


async def come_in(person: AtWork) -> None:
    """Sign in through the new provider, to one's own account: no application is needed for that."""
    await person.open("/account")
    await person.click("button[name=identity_provider][value=acme]")
    await person.page.fill("input[name=person]", "ada")
    await person.click("text=Sign in")
