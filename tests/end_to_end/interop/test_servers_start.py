"""The real programs of the interoperability tests start, and work together without Jitney.

When these fail, the fault is in the installation and not in Jitney.
"""

import sys

import pytest
from tests.servers.apache import ApacheApplication, claims_shown
from tests.servers.chromium import Chromium
from tests.servers.http_browser import HttpBrowser
from tests.servers.oidc_provider import OIDCProviderServer
from tests.servers.process import CouldNotStartError, ServerProcess

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, RegisteredClient
from jitney.testing.sample_application import SampleApplication

pytestmark = pytest.mark.anyio

SECRET = "a-secret-that-is-long-enough-for-hs256"


async def test_mod_auth_openidc_signs_in_at_oidc_provider() -> None:
    """Apache as application and ``oidc-provider`` understand each other, by way of the scripted browser."""
    apache = ApacheApplication("apache", SECRET, directives={"OIDCAuthRequestParams": "login_hint=grace"})
    with OIDCProviderServer("apache", SECRET, (apache.redirect_uri,)) as provider:
        apache.issuer = provider.issuer
        with apache:
            async with HttpBrowser() as browser:
                page = await browser.follow(apache.protected_page)
            assert 200 == page.status, apache.log() + provider.log()
            claims = claims_shown(page.text)
    assert "grace" == claims["sub"]
    assert "grace@acme.example" == claims["email"]
    assert "staff,engineering" == claims["groups"]


async def test_mod_auth_openidc_signs_in_and_out_at_the_fake_provider() -> None:
    """Apache accepts the fake provider, ES256 ID token included, and ends its session there."""
    apache = ApacheApplication("apache", SECRET)
    client = RegisteredClient("apache", SECRET, (apache.redirect_uri,), (apache.signed_out_page,))
    async with FakeOIDCProvider(clients=[client]) as provider, HttpBrowser() as browser:
        apache.issuer = provider.issuer
        with apache:
            page = await browser.follow(apache.protected_page)
            assert 200 == page.status, apache.log()
            assert "acme-ada" == claims_shown(page.text)["sub"]
            signed_out = await browser.follow(apache.logout_address)
            assert apache.signed_out_page == signed_out.url
    assert 1 == len(provider.received.end_sessions)


async def test_chromium_signs_in_to_the_sample_application() -> None:
    """A real browser gets from the button to the claims and back out, without JavaScript."""
    async with FakeOIDCProvider() as provider, Chromium() as chromium:
        provider.habits.interactive = True
        async with SampleApplication(provider.issuer, "sample", SECRET) as application:
            callback, signed_out = f"{application.address}/callback", f"{application.address}/signed-out"
            provider.register(RegisteredClient("sample", SECRET, (callback,), (signed_out,)))
            page = await chromium.new_page(javascript=False)
            await page.goto(application.address)
            await page.click("text=Sign in")
            await page.click("text=Grace Grove")
            assert "Welcome, Grace Grove." in await page.inner_text("main")
            await page.click("text=Sign out")
            assert "You are signed out." in await page.inner_text("main")


def test_a_program_that_fails_shows_the_end_of_its_log() -> None:
    """A starter's failure names the program and what it said last."""
    process = ServerProcess("grumbler", [sys.executable, "-c", "raise SystemExit('no disk')"])
    with pytest.raises(CouldNotStartError, match=r"grumbler ended with status 1.*\n.*no disk"):
        process.start(lambda log: None)


def test_a_program_that_is_missing_is_named() -> None:
    """A starter whose program is not installed says which one."""
    with pytest.raises(CouldNotStartError, match="cannot run /nowhere/program"):
        ServerProcess("nobody", ["/nowhere/program"]).start(lambda log: None)
