"""Debian's chromium, driven through Playwright: a real browser without a window."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from playwright.async_api import Browser, Page, Playwright, async_playwright
from tests.servers.process import CouldNotStartError

EXECUTABLE = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Chromium:
    """A headless browser; each ``new_page`` is a person of their own, with no cookies."""

    async def start(self) -> None:
        """Start; raises ``CouldNotStartError`` with what chromium said."""
        if not EXECUTABLE.exists():  # noqa: ASYNC240 (quick, and nothing else is under way)
            raise CouldNotStartError("chromium is not installed: run scripts/install-test-servers")
        self._playwright: Playwright = await async_playwright().start()
        try:
            self.browser: Browser = await self._playwright.chromium.launch(
                executable_path=EXECUTABLE, args=list(FLAGS)
            )
        except Exception as fault:
            await self._playwright.stop()
            raise CouldNotStartError(f"chromium did not start: {fault}") from fault

    async def stop(self) -> None:
        """Close the browser and its driver."""
        await self.browser.close()
        await self._playwright.stop()

    async def new_page(self, *, javascript: bool = True) -> Page:
        """An empty page of somebody who was never here before."""
        context = await self.browser.new_context(java_script_enabled=javascript)
        return await context.new_page()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Stop."""
        await self.stop()
