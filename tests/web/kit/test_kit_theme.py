"""The theme over HTTP: colours, logo, files."""

from pathlib import Path

import httpx
import pytest
from starlette.routing import Router

from jitney.errors import NotFound
from jitney.testing.counted_entropy import CountedEntropy
from jitney.web.kit.edge import Edge
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.render import Pages
from jitney.web.kit.theme import Logo, Palette, Theme, contrast, readable_on, style_sheet
from jitney.web.kit.theme_files import theme_routes

pytestmark = pytest.mark.anyio

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


async def nowhere(*_: object) -> None:
    raise NotFound("page_unknown", "There is nothing here.")


def client_of(theme: Theme) -> httpx.AsyncClient:
    """Return a browser before a server with the routes of a theme and nothing else."""
    router = Router(theme_routes(theme), redirect_slashes=False, default=nowhere)
    edge = Edge(router, ErrorPages(Pages(True, theme), CountedEntropy()), secure=True)
    return httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="https://id.example")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a theme's folder with files of all sorts, and a secret beside it."""
    static = tmp_path / "theme" / "static"
    static.mkdir(parents=True)
    for name in ("look.css", "face.woff2", "drawing.svg", "evil.js", "evil.html", "plain", ".hidden"):
        (static / name).write_bytes(DRAWING)
    (tmp_path / "theme" / "templates").mkdir()
    (tmp_path / "theme" / "templates" / "sign_in.html").write_text("hidden")
    (tmp_path / "secret.css").write_text("hidden")
    (static / "link.css").symlink_to(tmp_path / "secret.css")
    return tmp_path / "theme"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("look.css", "text/css; charset=utf-8"), ("face.woff2", "font/woff2"), ("drawing.svg", "image/svg+xml")],
)
async def test_file_of_a_theme_is_served_in_a_sandbox(folder: Path, name: str, media_type: str) -> None:
    """R-106: what others wrote has no origin and runs nothing when it is opened by its own address."""
    async with client_of(Theme(folder=folder)) as client:
        answer = await client.get(f"/theme/{name}")
    assert (200, media_type) == (answer.status_code, answer.headers["content-type"])
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "script" not in policy
    assert "default-src 'none'" in policy
    assert "nosniff" == answer.headers["x-content-type-options"]


@pytest.mark.parametrize(
    "path",
    [
        "evil.js", "evil.html", "plain", ".hidden", "", "..", "../templates/sign_in.html",
        "..%2ftemplates%2fsign_in.html", "%2e%2e/templates/sign_in.html", "../../secret.css",
        "link.css", "gone.css", "/etc/passwd",
    ],
)  # fmt: skip
async def test_nothing_else_of_the_machine_is_served(folder: Path, path: str) -> None:
    """R-106: of a theme's folder only files that pages look with are served, and nothing outside of it."""
    async with client_of(Theme(folder=folder)) as client:
        answer = await client.get(f"https://id.example/theme/{path}")
    assert 404 == answer.status_code
    assert "hidden" not in answer.text


async def test_logo_is_served_as_what_it_is(folder: Path) -> None:
    """R-106: a drawing is shown as a picture, in a sandbox; without a logo there is none."""
    async with client_of(Theme(folder=folder, logo=Logo(DRAWING, "image/svg+xml"))) as client:
        answer = await client.get("/theme/logo")
    assert (200, DRAWING) == (answer.status_code, answer.content)
    assert "image/svg+xml" == answer.headers["content-type"]
    assert "sandbox" in answer.headers["content-security-policy"]
    async with client_of(Theme()) as client:
        assert 404 == (await client.get("/theme/logo")).status_code


async def test_colours_are_a_style_sheet_of_their_own() -> None:
    """The colours of the settings are served as values of custom properties."""
    async with client_of(Theme(light=Palette(primary="#ffdd00", background="#fafafa"))) as client:
        answer = await client.get("/theme.css")
    assert "text/css; charset=utf-8" == answer.headers["content-type"]
    assert "--pico-primary: #ffdd00;" in answer.text
    assert "--pico-primary-inverse: #000000;" in answer.text
    assert "--jitney-ground: #fafafa;" in answer.text


def test_colours_for_light_pages_do_not_reach_dark_ones() -> None:
    """Each palette stands under its own scheme, and an empty one says nothing."""
    light, dark = Palette(primary="#111111"), Palette(text="#eeeeee", surface="#222222")
    assert "prefers-color-scheme: dark" not in style_sheet(Theme(light=light))
    both = style_sheet(Theme(light=light, dark=dark))
    assert both.index("light") < both.index("#111111") < both.index("dark") < both.index("#eeeeee")
    assert "" == style_sheet(Theme())


@pytest.mark.parametrize(
    ("colour", "ink"),
    [("#000000", "#ffffff"), ("#ffffff", "#000000"), ("#ffdd00", "#000000"), ("#0172ad", "#ffffff")],
)
def test_writing_on_a_button_can_be_read(colour: str, ink: str) -> None:
    """WCAG 2.2, 1.4.3: what is written on a colour has a contrast of at least 4.5."""
    assert ink == readable_on(colour)
    assert 4.5 <= contrast(ink, colour)


def test_contrast_is_that_of_the_guidelines() -> None:
    """WCAG 2.2: from 1 for equal colours to 21 for black on white, whichever comes first."""
    assert [1.0, 21.0, 21.0] == [
        round(contrast(*pair), 6)
        for pair in (("#abcdef", "#abcdef"), ("#000000", "#ffffff"), ("#ffffff", "#000000"))
    ]
    assert 4.54 == round(contrast("#767676", "#ffffff"), 2)
