"""Chromium walks the demo once, as a person would; every page is photographed wide, narrow and dark."""

import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from playwright.async_api import Page
from tests.servers.chromium import Chromium

from jitney.testing.demo import Demo, running_demo

pytestmark = pytest.mark.anyio

SCREENSHOTS = Path("build/screenshots")
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
async def demo(anyio_backend: str) -> AsyncIterator[Demo]:
    """The demo, on ports that are free."""
    async with running_demo(ports=(0, 0, 0, 0)) as demo:
        yield demo


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    """The browser."""
    async with Chromium() as chromium:
        yield chromium


@pytest.fixture
async def page(chromium: Chromium) -> AsyncIterator[Page]:
    """A page of somebody who was never here, without JavaScript: no page of ours needs it."""
    page = await chromium.new_page(javascript=False)
    yield page
    await page.context.close()


async def test_ada_signs_in_through_acme_and_signs_out(demo: Demo, page: Page) -> None:
    """A first sign-in ends at the application, which shows what it learned; sign-out ends there too."""
    await _to_sign_in_page(demo, page)
    await _photograph(page, "sign-in")
    await page.click("text=Continue with Acme")
    await _photograph(page, "provider")
    await page.click("text=Ada Alder")
    shown = await page.inner_text("main")
    assert "Welcome, Ada Alder." in shown
    assert "ada@acme.example" in shown
    assert "engineers" in shown
    await _photograph(page, "application")
    await page.click("text=Sign out")
    assert "You are signed out." in await page.inner_text("main")
    await _photograph(page, "signed-out")
    await page.click("text=Sign in again")
    await page.wait_for_selector("text=Continue with Acme")


async def test_linus_reads_why_he_is_refused(demo: Demo, page: Page) -> None:
    """A taken name ends on a page with the cause, two ways to go on, and a reference that explains itself."""
    await _to_sign_in_page(demo, page)
    await page.click("text=Continue with Acme")
    await page.click("text=Linus Linden")
    assert "belongs to somebody else" in await page.inner_text("main")
    reference = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", await page.inner_text(".reference"))
    assert reference is not None
    await _photograph(page, "refused")
    assert "name_taken" in await demo.reason(reference.group())
    await page.click("text=Try again")
    await page.wait_for_selector("text=Continue with Acme")


async def test_linus_may_go_back_to_the_application(demo: Demo, page: Page) -> None:
    """The other way to go on leads to the application, which is told that nobody signed in."""
    await _to_sign_in_page(demo, page)
    await page.click("text=Continue with Acme")
    await page.click("text=Linus Linden")
    await page.click("text=Back to Sample application")
    assert "access_denied" in await page.inner_text("main")
    assert page.url.startswith(demo.application)


async def test_root_signs_in_with_a_password(demo: Demo, page: Page) -> None:
    """A wrong password is refused without saying what was wrong; the right one opens the application."""
    await _to_sign_in_page(demo, page)
    await page.fill("input[name=username]", "root")
    await page.fill("input[name=password]", "not-the-password")
    await page.click("form.local button")
    assert "do not open an account" in await page.inner_text("main")
    await _photograph(page, "wrong-password")
    await page.fill("input[name=username]", "root")
    await page.fill("input[name=password]", demo.password)
    await page.click("form.local button")
    assert "Welcome," in await page.inner_text("main")


async def test_the_other_pages_are_fit_to_be_seen(demo: Demo, page: Page) -> None:
    """Set-up, a link that is spent, a callback of nobody, an address of nothing: each is a page of ours."""
    link = re.search(r"http://\S+/set-up\?token=\S+", await demo.command("set-up"))
    assert link is not None
    await page.goto(link.group())
    assert "works once" in await page.inner_text("main")
    await _photograph(page, "set-up")
    for name, path in (
        ("set-up-spent", "/set-up?token=spent"),
        ("callback-of-nobody", "/callback/acme?state=x&code=y"),
        ("sign-out", "/oauth2/logout"),
        ("nothing-here", "/nothing-here"),
    ):
        await page.goto(f"{demo.base_url}{path}")
        assert await page.inner_text("h1"), path
        await _photograph(page, name)


async def test_the_demo_walks_through_itself() -> None:
    """``python -m jitney.testing.demo --walk`` does what its guide says, ends well, and leaves no folder."""
    ended = await anyio.run_process([sys.executable, "-m", "jitney.testing.demo", "--walk"], check=False)
    said = ended.stdout.decode()
    assert 0 == ended.returncode, said + ended.stderr.decode()
    assert said.count("  ✓ ") == 9
    home = re.search(r"JITNEY_HOME=(\S+)", said)
    assert home is not None
    assert not Path(home.group(1)).exists()  # noqa: ASYNC240 (quick, and nothing else is under way)


async def _to_sign_in_page(demo: Demo, page: Page) -> None:
    await page.goto(demo.application)
    await page.click("text=Sign in")
    await page.wait_for_selector("text=Continue with Acme")


async def _photograph(page: Page, name: str) -> None:
    """Keep the page as it looks on a desk, on a telephone, and at night; it must never scroll sideways."""
    for suffix, size, scheme in (
        ("wide", WIDE, "light"),
        ("narrow", NARROW, "light"),
        ("dark", WIDE, "dark"),
    ):
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        photograph = SCREENSHOTS / f"{name}-{suffix}.png"
        await page.screenshot(path=photograph, full_page=True, animations="disabled")
        width = await page.locator("html").evaluate("node => node.scrollWidth")
        assert width <= size["width"], f"{name} scrolls sideways when {suffix}"
