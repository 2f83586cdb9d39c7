"""The live theme: what operators saved lies over the settings, and never stands in the way of a page."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route, Router
from tests.web.kit.asked import asked

from jitney.errors import Overloaded
from jitney.model.look import Colours, LogoFile, Look
from jitney.testing.counted_entropy import CountedEntropy
from jitney.web.kit.edge import Edge
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.live_theme import LiveTheme, over
from jitney.web.kit.render import Pages
from jitney.web.kit.theme import Logo, Palette, Theme
from jitney.web.kit.theme_files import theme_routes

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@dataclass
class Looks:
    """Keeps one look; ``fault`` is raised in its place, and ``gate`` keeps whoever asks waiting."""

    look: Look = Look()
    fault: Exception | None = None
    gate: asyncio.Event | None = None
    asked: int = 0

    async def find(self) -> Look:
        self.asked += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        return self.look


@dataclass
class Seconds:
    """A clock that a test moves."""

    now: float = 0.0
    moved: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now


def said(pages: Pages, languages: str | None = None) -> str:
    """Return a page that says one thing."""
    page = pages.page(
        asked(languages), "message.html", heading="Signed out", sentence="You are signed out here."
    )
    return bytes(page.body).decode()


def test_look_lies_over_the_settings_part_by_part() -> None:
    """Issue 7: what the look says holds, and what it does not say is as the settings have it."""
    settings = Theme(
        "Acme",
        language="de",
        logo=Logo(b"old", "image/png"),
        light=Palette(primary="#111111", text="#222222"),
        texts={"de": {"Sign in": "Hinein", "Sign out": "Hinaus"}},
    )
    assert settings == over(settings, Look())
    look = Look(
        "Beta", logo=LogoFile(PNG, "image/png"), light=Colours(primary="#333333"),
        texts={"de": {"Sign in": "Los"}, "en": {"Sign in": "Go"}}, version=4,
    )  # fmt: skip
    theme = over(settings, look)
    assert ("Beta", "de", Logo(PNG, "image/png")) == (theme.product_name, theme.language, theme.logo)
    assert Palette(primary="#333333", text="#222222") == theme.light
    assert {"de": {"Sign in": "Los", "Sign out": "Hinaus"}, "en": {"Sign in": "Go"}} == theme.texts
    assert ("/theme/logo?v=4", "/theme.css?v=4") == (theme.logo_address, theme.colours_address)


async def test_saved_look_is_on_the_next_page_and_asked_for_rarely() -> None:
    """Issue 7, P-7: within a second every page wears the look, and a page costs no question of its own."""
    looks, clock = Looks(), Seconds()
    live = LiveTheme(Theme("Acme"), looks, monotonic=clock)
    pages = Pages(True, live)
    await live.refresh()
    assert "<span>Acme</span>" in said(pages)
    looks.look = Look("Beta", texts={"en": {"Signed out": "Bye"}}, version=1)
    for _ in range(100):
        await live.refresh()
    assert (1, "<span>Acme</span>" in said(pages)) == (looks.asked, True)
    clock.now += 0.5
    await live.refresh()
    assert 2 == looks.asked
    assert "<span>Beta</span>" in said(pages)
    assert "<h1>Bye</h1>" in said(pages)
    looks.look = Look("Gamma", version=2)
    live.forget()
    await live.refresh()
    assert "<span>Gamma</span>" in said(pages)


async def test_look_that_cannot_be_read_costs_nothing() -> None:
    """Issue 7: where the look cannot be read, the settings hold, or the last one that could."""
    looks, clock = Looks(fault=Overloaded("database_gone", "It is gone.")), Seconds()
    live = LiveTheme(Theme("Acme"), looks, monotonic=clock)
    await live.refresh()
    assert "<span>Acme</span>" in said(Pages(True, live))
    looks.look, looks.fault = Look("Beta", version=1), None
    clock.now += 1
    await live.refresh()
    looks.fault = RuntimeError("broken")
    clock.now += 1
    await live.refresh()
    assert "<span>Beta</span>" in said(Pages(True, live))


async def test_look_that_cannot_be_worn_costs_nothing() -> None:
    """Issue 7: a look of another release, in a language that these pages do not speak, leaves the one before."""
    looks = Looks(Look(language="tlh", version=1))
    live = LiveTheme(Theme("Acme"), looks)
    await live.refresh()
    assert "<span>Acme</span>" in said(Pages(True, live))
    looks.look = Look(language="de", version=2)
    live.forget()
    await live.refresh()
    assert "de" == live.now.theme.language


async def test_look_that_does_not_come_keeps_nobody_waiting() -> None:
    """Issue 7: while the database does not answer, pages are made with what is known, and nobody asks twice."""
    looks = Looks(Look("Beta", version=1), gate=asyncio.Event())
    live = LiveTheme(Theme("Acme"), looks)
    await live.refresh()
    live.forget()
    await live.refresh()
    assert (1, "Acme") == (looks.asked, live.now.theme.product_name)
    assert looks.gate is not None
    looks.gate.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert "Beta" == live.now.theme.product_name


@pytest.mark.parametrize(
    "broken",
    [
        "{{ nothing.at_all }}",
        "{% if %}",
        '{% include "gone.html" %}',
        "{{ 'x' * 10 ** 9 }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ lipsum(1000) }}",
        "{{ range(100000) | list }}",
        "{% for a in range(1000) %}{% for b in range(1000) %}more{% endfor %}{% endfor %}",
        "{{ sentence.__class__.__mro__ }}",
    ],
)
async def test_people_can_sign_in_under_a_template_that_breaks(broken: str) -> None:
    """Issue 7, R-106, R-127: a template that fails, digs, or grows without end costs its looks, never the page."""
    sound = '{% extends "jitney/message.html" %}{% block brand %}<b>Ours and yours</b>{% endblock %}'
    looks = Looks(Look(templates={"message.html": sound}, version=1))
    live = LiveTheme(Theme(), looks)
    await live.refresh()
    assert "<b>Ours and yours</b>" in said(Pages(True, live))
    looks.look = Look(templates={"message.html": broken}, version=2)
    live.forget()
    await live.refresh()
    page = said(Pages(True, live))
    assert "<p>You are signed out here.</p>" in page
    assert "<span>Jitney</span>" in page


async def test_template_of_the_theme_folder_stands_in_where_the_look_fails(tmp_path: Path) -> None:
    """Issue 7: where an operator's template fails, the page is the one that held before it."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "message.html").write_text("<i>From the folder</i>")
    looks = Looks(Look(templates={"message.html": "{{ gone }}"}, version=1))
    live = LiveTheme(Theme(folder=tmp_path), looks)
    await live.refresh()
    assert "<i>From the folder</i>" == said(Pages(True, live))


async def test_console_says_what_is_wrong_without_any_look() -> None:
    """Issue 7: whatever was made of the error page, an operator in the console reads ours."""
    live = LiveTheme(Theme(), Looks(Look(templates={"error.html": "<p>Nothing to see</p>"}, version=1)))

    async def fail(_http: object) -> None:
        raise Overloaded("too_many_requests", "We are very busy.")

    router = Router([Route("/console/look", fail), Route("/sign-in", fail), *theme_routes(live)])
    pages = ErrorPages(Pages(True, live), CountedEntropy(), plain=Pages(True))
    edge = Edge(router, pages, secure=True, live_theme=live)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(edge), base_url="https://id.example"
    ) as client:
        assert "Nothing to see" in (await client.get("/sign-in")).text
        told = (await client.get("/console/look")).text
    assert "We are very busy." in told
    assert "Nothing to see" not in told


async def test_colours_and_logo_are_served_as_they_are_now() -> None:
    """Issue 7: /theme.css and /theme/logo serve the look of now; programs' addresses never ask for it."""
    looks = Looks(Look(logo=LogoFile(PNG, "image/png"), light=Colours(primary="#123456"), version=1))
    live = LiveTheme(Theme(), looks)
    edge = Edge(
        Router(theme_routes(live)),
        ErrorPages(Pages(True, live), CountedEntropy()),
        secure=True,
        live_theme=live,
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(edge), base_url="https://id.example"
    ) as client:
        await client.get("/oauth2/token")
        await client.get("/health/live")
        assert 0 == looks.asked
        assert "--pico-primary: #123456;" in (await client.get("/theme.css?v=1")).text
        logo = await client.get("/theme/logo?v=1")
    assert (PNG, "image/png") == (logo.content, logo.headers["content-type"])
    assert "sandbox" in logo.headers["content-security-policy"]
