"""Every page of the console in a real browser: for everybody, light, and in few bytes."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, Route
from starlette import routing
from tests.end_to_end.console_album import MOST_TRANSFERRED, Album
from tests.end_to_end.console_places import PLACES, Places, find_places
from tests.end_to_end.console_town import AtWork, ConsoleTown, at_work, console_town
from tests.end_to_end.console_walker import walking
from tests.servers.chromium import Chromium
from tests.web.pages.pages_house import open_pages

from jitney.web.console.desk import SECTIONS
from jitney.web.kit.edge import Edge

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def town(anyio_backend: str) -> AsyncIterator[ConsoleTown]:
    """The town, in which people have come and been refused."""
    async with console_town() as town:
        for person in ("ada", "acme-ada", "mallory", "linus", "trudy"):
            await town.come(person)
        await town.come("grace", provider="closed")
        await town.consent("edgar")
        yield town


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    """The browser."""
    async with Chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
async def places(town: ConsoleTown) -> Places:
    """What stands in the addresses."""
    return await find_places(town)


@pytest.fixture(scope="module")
async def album(chromium: Chromium, town: ConsoleTown) -> AsyncIterator[tuple[AtWork, Album]]:
    """An operator who is signed in, and what they see."""
    async with at_work(chromium, town) as operator:
        await operator.sign_in()
        yield operator, Album(operator.page)


async def test_every_page_has_its_picture(tmp_path: Path) -> None:
    """A page of the console that nobody looks at, or a picture of a page that is gone, fails here."""
    async with open_pages(tmp_path) as house:
        edge = house.house.web()
        assert isinstance(edge, Edge)
        assert isinstance(edge.app, routing.Router)
        pages = {
            route.path
            for route in edge.app.routes
            if isinstance(route, routing.Route)
            and route.path.startswith("/console")
            and "GET" in (route.methods or ())
        }
    assert pages == set(PLACES)


@pytest.mark.parametrize("template", sorted(path for path, shown in PLACES.items() if shown))
async def test_page_is_for_everybody_and_light(
    album: tuple[AtWork, Album], places: Places, template: str, record_property: Callable[[str, object], None]
) -> None:
    """Issue 7 (3): axe finds nothing, nothing scrolls sideways or runs, and at most 100 KB are transferred."""
    operator, seen = album
    seen.begin()
    for name, address in PLACES[template].items():
        response = await operator.open(places.fill(address))
        text = await operator.page.inner_text("main")
        assert 200 == response.status, f"{address}: {operator.reason}\n{text}"
        await seen.look(name)
    assert [] == seen.violations
    assert [] == seen.sideways
    assert [] == seen.said
    assert {} == {name: size for name, size in seen.weights.items() if size > MOST_TRANSFERRED}
    record_property("kilobytes", round(max(seen.weights.values()) / 1024, 1))


async def test_no_page_needs_scripts(chromium: Chromium, town: ConsoleTown, places: Places) -> None:
    """Issue 7 (3): without JavaScript every page shows the same headings, fields, columns and buttons."""
    seen: list[dict[str, list[str]]] = []
    for javascript in (True, False):
        async with at_work(chromium, town, javascript=javascript) as operator:
            await operator.sign_in()
            pages: dict[str, list[str]] = {}
            for shown in PLACES.values():
                for name, address in shown.items():
                    await operator.open(places.fill(address))
                    texts = await operator.page.locator(
                        "h1, h2, h3, main thead th, main label, main button, main .actions a"
                    ).all_inner_texts()
                    pages[name] = [" ".join(text.split()) for text in texts]
            seen.append(pages)
    assert seen[0] == seen[1]


EVERY_SECTION = [title for _, title, _ in SECTIONS]
TELEPHONES = (320, 360, 390)
_FOCUSED = "() => document.activeElement.textContent.trim()"
_OUTLINE = (
    "() => { const of = getComputedStyle(document.activeElement); return of.outlineStyle + of.outlineWidth }"
)


async def sections_of(page: Page) -> list[str]:
    """Return the sections that can be seen."""
    links = await page.locator("nav.sections a").all()
    return [await link.inner_text() for link in links if await link.is_visible()]


async def shown(page: Page) -> tuple[bool, list[str]]:
    """Return whether there is a menu button, and the sections that can be seen."""
    return await page.get_by_role("button", name="Menu", exact=True).is_visible(), await sections_of(page)


async def test_menu_of_a_telephone_needs_no_script(chromium: Chromium, town: ConsoleTown) -> None:
    """Issue 7, WCAG 2.1.1, 2.4.7: on a phone a click or the keyboard opens all sections, and Escape closes them.

    Where the phone is turned meanwhile, the sections that stand beside a wide page cover nothing of it.
    """
    async with walking(chromium, town) as operator:
        page = operator.page
        assert (False, EVERY_SECTION) == await shown(page)
        for width in TELEPHONES:
            await page.set_viewport_size({"width": width, "height": 740})
            assert (True, []) == await shown(page), width
            await page.click("header button.menu")
            assert (True, EVERY_SECTION) == await shown(page), width
            await page.keyboard.press("Escape")
            assert (True, []) == await shown(page), width

        await page.reload()
        for name in ("Skip to the content", "Jitney console", "My account", "Menu"):
            await page.keyboard.press("Tab")
            assert (name, "solid3px") == (await page.evaluate(_FOCUSED), await page.evaluate(_OUTLINE))
        await page.keyboard.press("Enter")
        for name in EVERY_SECTION:
            await page.keyboard.press("Tab")
            assert (name, "solid3px") == (await page.evaluate(_FOCUSED), await page.evaluate(_OUTLINE))
        await operator.look("menu")
        header, nav = [await page.locator(one).bounding_box() for one in ("header.top", "nav.sections")]
        assert header is not None
        assert nav is not None
        assert header["y"] + header["height"] <= nav["y"]
        await page.set_viewport_size({"width": 320, "height": 740})
        await page.keyboard.press("Escape")
        assert ("Menu", []) == (await page.evaluate(_FOCUSED), await sections_of(page))
        await page.keyboard.press("Space")
        await operator.click("nav.sections a:has-text('People')")
        assert (True, []) == await shown(page)
        assert "People" == await page.inner_text("h1")


async def test_a_browser_without_popovers_shows_the_sections_themselves(
    chromium: Chromium, town: ConsoleTown
) -> None:
    """Issue 7: where a browser knows no popover, all sections stand on the page, and no dead button."""

    async def unknown(route: Route) -> None:
        style = await route.fetch()
        text = (await style.text()).replace(":popover-open", ":known-to-nobody")
        await route.fulfill(response=style, body=text)

    async with walking(chromium, town) as operator:
        page = operator.page
        await page.route("**/static/console.css", unknown)
        for width in TELEPHONES:
            await page.set_viewport_size({"width": width, "height": 740})
            await page.reload()
            assert (False, EVERY_SECTION) == await shown(page), width
            assert width >= await page.locator("html").evaluate("node => node.scrollWidth")
        await operator.click("nav.sections a:has-text('People')")
        assert "People" == await page.inner_text("h1")
