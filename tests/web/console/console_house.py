"""The console in process: operators signed in to Jitney itself, each in a browser of their own."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.account_house import become, session
from tests.web.pages.pages_house import BASE, PASSWORD, PagesHouse, open_pages

from jitney.model.changes import EndSession
from jitney.model.user import (
    AUDITOR_ROLE,
    HELP_DESK_ROLE,
    OPERATOR_ROLE,
    GivenBy,
    Grant,
    Provenance,
    User,
)

CONSOLE = f"{BASE}/console"
BY_THE_MACHINE = Provenance(GivenBy.OPERATOR, "command_line")


@dataclass
class ConsoleHouse:
    """A whole Jitney; ``root`` administers it, ``desk`` the help desk, ``audit`` looks on, ``eve`` is nobody."""

    pages: PagesHouse
    root: HttpBrowser
    people: Mapping[str, User]

    @property
    def house(self) -> Any:
        """The house behind the pages."""
        return self.pages.house

    async def sign_in(
        self, name: str, path: str = "/console/operators", browser: HttpBrowser | None = None
    ) -> Hop:
        """Ask for a page of the console and sign in on the way; return the page, or what stands in its place."""
        browser = browser or self.pages.new_browser()
        page = await browser.follow(f"{BASE}{path}")
        return await browser.submit(page, {"username": name, "password": PASSWORD}, button="Sign in")

    async def browser_of(self, name: str) -> HttpBrowser:
        """Return a browser in which this person is signed in."""
        browser = self.pages.new_browser()
        await self.sign_in(name, "/account", browser=browser)
        return browser

    async def get(self, path: str, browser: HttpBrowser | None = None) -> Hop:
        """Open a page of the console as ``root``, or in another browser; redirects are followed."""
        return await (browser or self.root).follow(f"{BASE}{path}")

    async def find(
        self,
        path: str,
        typed: Mapping[str, str],
        *,
        button: str = "Search",
        browser: HttpBrowser | None = None,
    ) -> Hop:
        """Type into the search of a page and send it; redirects are followed."""
        return await self.post(await self.get(path, browser), typed, button=button, browser=browser)

    async def post(
        self,
        page: Hop,
        fields: Mapping[str, str] | None = None,
        *,
        button: str,
        browser: HttpBrowser | None = None,
    ) -> Hop:
        """Fill in the form of a page that has this button, and send it; redirects are followed."""
        return await (browser or self.root).submit(page, fields or {}, button=button)

    async def age_session(self, minutes: int = 6, browser: HttpBrowser | None = None) -> None:
        """Let the session of a browser be one that was begun so long ago."""
        browser = browser or self.root
        old = await session(self.pages, browser)
        await become(self.pages, browser, authenticated_at=old.authenticated_at - timedelta(minutes=minutes))

    async def end_session(self, browser: HttpBrowser | None = None) -> None:
        """End the session of a browser, which keeps its cookie."""
        old = await session(self.pages, browser or self.root)
        doors = self.pages.house.doors
        await doors.work.commit(EndSession(old.id_hash, doors.clock.now()))


def heading_of(hop: Hop) -> str:
    """Return the first heading of a page, as text."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", hop.text, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found.group(1)).strip() if found else ""


def path_of(hop: Hop) -> str:
    """Return the path at which a browser rests."""
    return urlsplit(hop.url).path


@asynccontextmanager
async def open_console(home: Path, **options: Any) -> AsyncIterator[ConsoleHouse]:
    """Open Jitney with Acme, the shop, and four people with a password; ``root`` is signed in."""
    async with open_pages(home, **options) as pages:
        people = {
            name: await pages.add_local(name, roles=(Grant(role, BY_THE_MACHINE),) if role else ())
            for name, role in (
                ("root", OPERATOR_ROLE),
                ("desk", HELP_DESK_ROLE),
                ("audit", AUDITOR_ROLE),
                ("eve", None),
            )
        }
        house = ConsoleHouse(pages, pages.new_browser(), people)
        await house.sign_in("root", "/account", browser=house.root)
        yield house
