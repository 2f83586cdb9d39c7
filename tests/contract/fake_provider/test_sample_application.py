"""The sample application signs in, and refuses what lies."""

from collections.abc import AsyncIterator

import pytest
from tests.servers.http_browser import HttpBrowser

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Lie, RegisteredClient
from jitney.testing.sample_application import SampleApplication

pytestmark = pytest.mark.anyio

SECRET = "a-secret-with-an-odd:character"
REFUSED = [
    Lie.WRONG_NONCE,
    Lie.WRONG_ISSUER,
    Lie.WRONG_AUDIENCE,
    Lie.EXPIRED,
    Lie.MISSING_EXP,
    Lie.ALG_NONE,
    Lie.FOREIGN_KEY,
    Lie.BAD_SIGNATURE,
    Lie.USERINFO_OTHER_SUBJECT,
    Lie.USERINFO_NOT_JSON,
    Lie.TOKEN_GARBAGE,
    Lie.TOKEN_500,
    Lie.DISCOVERY_OTHER_ISSUER,
    Lie.DISCOVERY_GARBAGE,
    Lie.WRONG_ISS_PARAMETER,
    Lie.WRONG_STATE,
    Lie.MISSING_STATE,
    Lie.ACCESS_DENIED,
]


@pytest.fixture
async def provider() -> AsyncIterator[FakeOIDCProvider]:
    """A provider that does not know the application yet."""
    async with FakeOIDCProvider() as provider:
        yield provider


@pytest.fixture
async def application(provider: FakeOIDCProvider) -> AsyncIterator[SampleApplication]:
    """The application, registered at the provider."""
    async with SampleApplication(provider.issuer, "sample", SECRET) as application:
        callback, signed_out = f"{application.address}/callback", f"{application.address}/signed-out"
        provider.register(RegisteredClient("sample", SECRET, (callback,), (signed_out,)))
        yield application


async def test_person_signs_in_sees_the_claims_and_signs_out(application: SampleApplication) -> None:
    """The walk of the demo: button, claims, signed out, and signed out still after a reload."""
    async with HttpBrowser() as browser:
        home = await browser.get(application.address)
        page = await browser.follow(home.links["Sign in"])
        assert "grace@acme.example" not in page.text
        page = await browser.follow(f"{application.address}/sign-in?login_hint=grace")
        assert "Welcome, <strong>Grace Grove</strong>" in page.text
        assert "grace@acme.example" in page.text
        page = await browser.follow(page.links["Sign out"])
        assert f"{application.address}/signed-out" == page.url
        assert "You are not signed in." in (await browser.get(application.address)).text


@pytest.mark.parametrize("lie", REFUSED, ids=lambda lie: lie.name.lower())
async def test_lie_is_refused_on_a_page_and_nobody_is_signed_in(
    provider: FakeOIDCProvider, application: SampleApplication, lie: Lie
) -> None:
    """A lying provider ends on a page with the way to try again, with no script in it."""
    provider.lie_next(lie)
    async with HttpBrowser() as browser:
        page = await browser.follow(f"{application.address}/sign-in")
        assert 400 == page.status
        assert "Sign in again" in page.links
        assert "<script" not in page.text
        assert "You are not signed in." in (await browser.get(application.address)).text
