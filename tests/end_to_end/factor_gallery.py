"""Shows every turn of the page of the second factor to a browser, without a journey behind it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from playwright.async_api import Page, Route
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.routing import Route as Path
from starlette.staticfiles import StaticFiles
from tests.servers.chromium import Chromium
from tests.web.pages.factor_turns import BASE, TURNS

from jitney.signin.factor_page import FactorPage
from jitney.web.kit.edge import Edge
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.forms import read_form
from jitney.web.kit.render import STATIC, Pages
from jitney.web.pages.factor_view import FactorView


class Gallery:
    """Shows turns to one browser; ``posted`` is what its forms have sent, ``answers`` what comes next for each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.posted: list[Mapping[str, str]] = []
        self.answers: list[FactorPage] = []
        self.turns = dict(TURNS)
        pages = Pages(True)
        self._view = FactorView(pages)
        site = Starlette(
            routes=[
                Path("/show/{turn}", self._show),
                Path("/sign-in/factor", self._take, methods=["POST"]),
                Mount("/static", StaticFiles(directory=STATIC)),
            ]
        )
        self._site = httpx.ASGITransport(Edge(site, ErrorPages(pages, _NoChance()), True))  # type: ignore[arg-type]

    async def open(self) -> None:
        """Stand between the browser and the world."""
        await self.page.route("**/*", self._serve)

    async def visit(self, turn: str) -> None:
        """Show a turn."""
        await self.page.goto(f"{BASE}/show/{turn}")

    async def until_sent(self) -> None:
        """Wait until a form has brought the browser on."""
        await self.page.wait_for_url(f"{BASE}/sign-in/factor")

    async def _show(self, http: Request) -> Response:
        return self._view.page(http, self.turns[http.path_params["turn"]], form_secret="browser")

    async def _take(self, http: Request) -> Response:
        self.posted.append(await read_form(http))
        if not self.answers:
            return PlainTextResponse("taken")
        return self._view.page(http, self.answers.pop(0), form_secret="browser")

    async def _serve(self, route: Route) -> None:
        asked = route.request
        async with httpx.AsyncClient(transport=self._site) as client:
            answer = await client.request(
                asked.method, asked.url, headers=asked.headers, content=asked.post_data_buffer
            )
        await route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)


class _NoChance:
    """Nothing here is drawn by lot."""


@asynccontextmanager
async def gallery(
    chromium: Chromium, *, javascript: bool = True, language: str = "en-GB"
) -> AsyncIterator[Gallery]:
    """A gallery whose visitor's browser asks for a language."""
    context = await chromium.browser.new_context(java_script_enabled=javascript, locale=language)
    context.set_default_timeout(20_000)
    try:
        opened = Gallery(await context.new_page())
        await opened.open()
        yield opened
    finally:
        await context.close()
