"""Somebody who walks through the pages that ask, in a real browser; each page can be photographed."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, Response, ViewportSize
from tests.end_to_end.prompts.town import MODES, PASSWORD, PHONE, Town
from tests.servers.chromium import Chromium

SCREENSHOTS = Path("build/screenshots")
WIDE = ViewportSize(width=1280, height=800)
NARROW = ViewportSize(width=360, height=740)
LOOKS = (("wide", WIDE, "light"), ("narrow", NARROW, "light"), ("dark", WIDE, "dark"))


class Walker:
    """Somebody in a browser of their own, who was never here before; buttons are found in every language."""

    def __init__(self, town: Town, page: Page) -> None:
        self.town, self.page = town, page
        self.reason: str | None = None

    async def arrive(self, mode: str, person: str) -> None:
        """Come from the application, choose the provider of a mode, and say there who one is."""
        await self.page.goto(f"{self.town.application}/sign-in")
        await self.choose(mode)
        await self.say_who(person)

    async def choose(self, mode: str) -> None:
        """Choose the provider of a mode on the page that lists them."""
        await self.page.click(f"button[name=identity_provider][value={MODES[mode][0]}]")

    async def say_who(self, person: str) -> None:
        """Be somebody at the provider."""
        await self.page.fill("input[name=person]", person)
        await self.page.click("text=Sign in")

    async def until_callback(self, mode: str, person: str) -> str:
        """Go as far as the provider's answer, and do not follow it; return where it leads."""
        callbacks = f"{self.town.home.base_url}/callback/**"
        await self.page.route(callbacks, lambda route: route.abort())
        async with self.page.expect_request(callbacks) as request:
            await self.arrive(mode, person)
        return (await request.value).url

    async def fill_in(self, mode: str, *, username: str | None = None, password: str = PASSWORD) -> None:
        """Fill in what a page of this mode asks for, and agree to everything."""
        if username is not None:
            await self.page.fill("#username", username)
        if mode != "consent":
            await self.page.fill("input[name=password]", password)
            await self.page.fill("input[name=password_again]", password)
        await self.page.fill("input[name='attribute.phone_number']", PHONE)
        for box in await self.page.query_selector_all("input[type=checkbox]"):
            await box.check()

    async def press(self, action: str) -> None:
        """Press the button of an action, and rest where it leads; a page of refusal leaves its ``reason``."""
        async with self.page.expect_navigation() as navigation:
            await self.page.click(f"button[name=action][value={action}]")
        self.reason = _reason(await navigation.value)

    async def visit(self, address: str) -> None:
        """Go to an address; a page of refusal leaves its ``reason``."""
        self.reason = _reason(await self.page.goto(address))

    async def submit(self) -> None:
        """Send the answers."""
        await self.press("answer")

    async def read(self) -> str:
        """What the page says."""
        return await self.page.inner_text("main")

    def is_at_application(self) -> bool:
        """Whether the browser is back at the application."""
        return self.page.url.startswith(self.town.application)

    def is_asked(self) -> bool:
        """Whether the browser is at the page that asks."""
        return self.page.url.startswith(f"{self.town.home.base_url}/sign-in/prompt")

    async def photograph(self, name: str, *, looks: Collection[str] = ("wide", "narrow", "dark")) -> None:
        """Keep the page as it looks on a desk, on a telephone, and at night; it must never scroll sideways."""
        for suffix, size, scheme in (each for each in LOOKS if each[0] in looks):
            await self.page.set_viewport_size(size)
            await self.page.emulate_media(color_scheme=scheme)
            path = SCREENSHOTS / f"{name}-{suffix}.png"
            await self.page.screenshot(path=path, full_page=True, animations="disabled")
            width = await self.page.locator("html").evaluate("node => node.scrollWidth")
            assert width <= size["width"], f"{name} scrolls sideways when {suffix}"


def _reason(response: Response | None) -> str | None:
    return None if response is None else response.headers.get("jitney-reason")


@asynccontextmanager
async def walking(
    chromium: Chromium, town: Town, *, javascript: bool = True, language: str = "en-GB"
) -> AsyncIterator[Walker]:
    """A walker whose browser asks for a language."""
    context = await chromium.browser.new_context(java_script_enabled=javascript, locale=language)
    context.set_default_timeout(20_000)
    try:
        yield Walker(town, await context.new_page())
    finally:
        await context.close()
