"""An operator who walks through the console without scripts, and looks at every page that a form leads to."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import CDPSession
from tests.end_to_end.console_album import MOST_TRANSFERRED, Album
from tests.end_to_end.console_town import AtWork, ConsoleTown, at_work
from tests.end_to_end.half_accounts import run
from tests.end_to_end.prompts.town import PASSWORD
from tests.servers.chromium import Chromium

_MINUTES = 60 * 1_000_000


class Walker(AtWork):
    """An operator whose browser runs no script of any page, except while a page is judged.

    ``strayed`` is what their browser asked of anybody but the server and the town's provider.
    """

    def __init__(self, operator: AtWork, scripts: CDPSession, *, javascript: bool) -> None:
        super().__init__(operator.town, operator.page)
        self.album = Album(self.page)
        self.strayed: list[str] = []
        self._scripts, self._javascript = scripts, javascript
        ours = {urlsplit(place).netloc for place in (self.town.home.base_url, self.town.provider.issuer)}
        self.page.on("request", lambda request: self._watch(request.url, ours))

    def _watch(self, url: str, ours: set[str]) -> None:
        if urlsplit(url).scheme not in {"data", "blob", "about"} and urlsplit(url).netloc not in ours:
            self.strayed.append(url)

    async def let_scripts_run(self, *, run: bool) -> None:
        """Let the pages' scripts run, or not."""
        await self._scripts.send("Emulation.setScriptExecutionDisabled", {"value": not run})

    async def look(self, name: str) -> None:
        """Look at the page that is shown now, under this name; axe is a script itself."""
        await self.let_scripts_run(run=True)
        await self.album.look(f"walk-{name}")
        await self.let_scripts_run(run=self._javascript)

    async def prove(self, name: str = "root") -> None:
        """Sign in on the page that asks for it."""
        await self.page.fill("input[name=username]", name)
        await self.page.fill("input[name=password]", PASSWORD)
        await self.click("form.local button")

    async def press(self, text: str) -> None:
        """Press a button of the page, and come to a page that refuses nothing."""
        await self.click(f"main button:has-text('{text}')")
        assert self.reason is None, f"{self.reason}: {await self.text()}"

    async def follow(self, text: str) -> None:
        """Follow a link of the page, and come to a page that refuses nothing."""
        await self.click(f"main a:has-text('{text}')")
        assert self.reason is None, f"{self.reason}: {await self.text()}"

    async def text(self) -> str:
        """Return what the page says."""
        return " ".join((await self.page.inner_text("main")).split())

    async def fill(self, **fields: str) -> None:
        """Type into fields, called by their names; ``__`` stands for a dot."""
        for name, text in fields.items():
            await self.page.fill(f"[name='{name.replace('__', '.')}']", text)

    async def typed(self, *names: str) -> Sequence[str]:
        """Return what stands in fields."""
        return [await self.page.input_value(f"[name='{name}']") for name in names]


@asynccontextmanager
async def walking(
    chromium: Chromium, town: ConsoleTown, name: str = "root", *, javascript: bool = False
) -> AsyncIterator[Walker]:
    """An operator who is signed in; afterwards everything they looked at must have been good."""
    async with at_work(chromium, town) as operator:
        scripts = await operator.page.context.new_cdp_session(operator.page)
        walker = Walker(operator, scripts, javascript=javascript)
        await walker.let_scripts_run(run=javascript)
        await walker.sign_in(name)
        yield walker
        seen = walker.album
        assert [] == seen.violations
        assert [] == seen.sideways
        assert [] == seen.said, seen.said
        assert [] == walker.strayed
        assert {} == {page: size for page, size in seen.weights.items() if size > MOST_TRANSFERRED}


async def end_sessions(town: ConsoleTown, name: str) -> None:
    """Let the sessions of a user be over, past Jitney."""
    whose = f"SELECT id FROM users WHERE name = '{name}'"
    await run(town.home, f"DELETE FROM sessions WHERE user_id IN ({whose})")


async def let_time_pass(town: ConsoleTown, name: str, *, minutes: int) -> None:
    """Let the last sign-in of a user be longer ago, past Jitney."""
    whose = f"SELECT id FROM users WHERE name = '{name}'"
    earlier = f"authenticated_at = authenticated_at - {minutes * _MINUTES}"
    await run(town.home, f"UPDATE sessions SET {earlier} WHERE user_id IN ({whose})")
