"""``/console/look/preview``: every page that arriving people see, as it would look; nothing in them acts."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from starlette.responses import HTMLResponse, Response

from jitney.administration.operator import Right
from jitney.errors import Conflict, NotFound
from jitney.model.look import Look
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.look.proposing import HERE, NOW, PREVIEW, Proposing, preview_address, tabs
from jitney.web.console.look.sample import Sample
from jitney.web.console.look.samples import SAMPLES
from jitney.web.console.look.words import LANGUAGES
from jitney.web.kit.live_theme import Dress, dress_of
from jitney.web.kit.theme import Theme
from jitney.web.kit.theme_files import colours_file, logo_file

ONE: Final = f"{PREVIEW}/{{key}}"
FRAMED: Final = f"{ONE}/pages/{{sample}}"

INERT: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "script-src 'none'; form-action 'none'; frame-ancestors 'self'; base-uri 'none'",
    "x-frame-options": "SAMEORIGIN",
    "cache-control": "no-store",
}
"""The attack (R-106): a page that only looks like the sign-in is shown at our address to an operator, who types a
password into it. In a preview nothing is sent and nothing runs, and nobody but the console frames it."""

SIZES: Final = {"wide": "Wide", "narrow": "Narrow"}
SCHEMES: Final = {"light": "Light", "dark": "Dark"}


@dataclass(frozen=True, slots=True)
class Previewing:
    """The gallery of all pages, under a draft or under the look as it is."""

    proposing: Proposing

    def doorways(self) -> list[Doorway]:
        """Return the addresses of the gallery, and of what stands in its frames."""
        return [
            ConsolePage(ONE, Right.SEE, self.show),
            ConsolePage(FRAMED, Right.SEE, self.show_page),
            ConsolePage(f"{ONE}/theme.css", Right.SEE, self.show_colours),
            ConsolePage(f"{ONE}/logo", Right.SEE, self.show_logo),
            ConsoleForm(f"{ONE}/save", Right.ADMINISTER, self.save, self.show, risky=True),
        ]

    async def show(self, visit: Visit) -> Response:
        """Show all pages side by side."""
        key = visit.place("key")
        await self._look(visit)
        here = preview_address(key)
        chosen = {
            "language": _one_of(LANGUAGES, visit.query.get("language", "")),
            "size": _one_of(SIZES, visit.query.get("size", "")),
            "scheme": _one_of(SCHEMES, visit.query.get("scheme", "")),
        }
        page = self.proposing.desk.page(
            visit,
            "console/look/preview.html",
            title="All pages" if key == NOW else "Preview of a draft",
            section="look",
            tabs=tabs(here),
            here=here,
            is_draft=key != NOW,
            samples=list(SAMPLES.values()),
            chosen=chosen,
            choices=(
                ("language", "Language", LANGUAGES),
                ("scheme", "Colours", SCHEMES),
                ("size", "Width", SIZES),
            ),
        )
        page.headers["content-security-policy"] += "; frame-src 'self'"
        return page

    async def show_page(self, visit: Visit) -> Response:
        """Show one page as people would see it."""
        sample = SAMPLES.get(visit.place("sample"))
        if sample is None:
            raise NotFound("look_sample_unknown", "There is no such page.")
        dress = await self._dress(visit)
        tag = _one_of(LANGUAGES, visit.query.get("language", ""))
        return HTMLResponse(_made(dress, sample, tag), headers=INERT)

    async def show_colours(self, visit: Visit) -> Response:
        """Return the style sheet of the colours that the framed pages link."""
        return _unkept(colours_file((await self._dress(visit)).theme))

    async def show_logo(self, visit: Visit) -> Response:
        """Return the logo that the framed pages show."""
        return _unkept(logo_file((await self._dress(visit)).theme))

    async def save(self, visit: Visit, _typed: Fields) -> Response:
        """Save the draft."""
        look, key = self.proposing.look, visit.place("key")
        try:
            saved = await look.save_draft(visit.operator, key)
        except Conflict:
            mine, theirs = await look.rebase_draft(visit.operator, key), await look.get(visit.operator)
            return await self.proposing.conflict(visit, mine, theirs, back=HERE)
        return self.proposing.saved(saved, back=f"{PREVIEW}/{NOW}")

    async def _look(self, visit: Visit) -> Look:
        key = visit.place("key")
        look = self.proposing.look
        return await (look.get(visit.operator) if key == NOW else look.get_draft(visit.operator, key))

    async def _dress(self, visit: Visit) -> Dress:
        look, settings = await self._look(visit), self.proposing.live.settings
        here, scheme = preview_address(visit.place("key")), _one_of(SCHEMES, visit.query.get("scheme", ""))
        return _dress(_Worn(look, settings), here, scheme)


@dataclass(frozen=True, slots=True, eq=False)
class _Worn:
    """A look over the settings' theme; two are one where both say the same."""

    look: Look
    settings: Theme

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Worn) and (self.look, self.settings) == (other.look, other.settings)

    def __hash__(self) -> int:
        return hash((self.look.version, self.look.product_name, len(self.look.templates)))


@lru_cache(maxsize=4)
def _dress(worn: _Worn, here: str, scheme: str) -> Dress:
    """Make a look ready for pages; the frames of a gallery ask for the same one, all at once."""
    dress = dress_of(worn.settings, worn.look)
    theme = replace(
        dress.theme,
        logo_address=f"{here}/logo",
        colours_address=f"{here}/theme.css?scheme={scheme}",
        scheme=scheme,
    )
    return replace(dress, theme=theme)


def _made(dress: Dress, sample: Sample, tag: str) -> str:
    language = dress.languages.by_tag[tag]
    return dress.render(
        sample.template,
        {**sample.said(language), "language": language, "theme": dress.theme, "is_preview": True},
    )


def _unkept(file: Response) -> Response:
    file.headers["cache-control"] = "no-store"
    return file


def _one_of(choices: dict[str, str], asked: str) -> str:
    return asked if asked in choices else next(iter(choices))
