"""``/console/look``: the name, the language, the logo and the colours of the pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.errors import InvalidInput
from jitney.model.look import Colours, LogoFile, Look
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.look.knowledge import PagesAsTheyAre
from jitney.web.console.look.proposing import HERE, LookForm, Proposing, tabs
from jitney.web.console.look.words import LANGUAGES, TITLES
from jitney.web.console.record_fields import Choice, Field, Kind
from jitney.web.console.versions import Present
from jitney.web.kit.forms import UploadedFile
from jitney.web.kit.live_theme import over
from jitney.web.kit.logo import UnfitLogoError, logo_of

NAME: Final = Field(
    "product_name",
    "Name",
    sentence="Stands above every page, where there is no logo. Empty: as the settings say.",
)
LANGUAGE: Final = Field(
    "language",
    "Language",
    Kind.SELECT,
    sentence="For browsers that ask for none that the pages speak.",
    choices=(Choice("", "As the settings say"), *(Choice(tag, name) for tag, name in LANGUAGES.items())),
)
_SCHEMES: Final = ("light", "dark")
_PARTS: Final = tuple(one.name for one in fields(Colours))


@dataclass(frozen=True, slots=True)
class ColourRow:
    """A colour in the form: what is typed, what holds where nothing is, and what the colour chooser shows."""

    path: str
    title: str
    typed: str
    held: str
    picked: str


@dataclass(frozen=True, slots=True)
class Appearance:
    """The first page of the section."""

    proposing: Proposing
    pages: PagesAsTheyAre

    def doorways(self) -> list[Doorway]:
        """Return the addresses of this page."""
        return [
            ConsolePage(HERE, Right.SEE, self.show),
            ConsoleForm(HERE, Right.ADMINISTER, self.act, self.show, files=True),
        ]

    async def show(self, visit: Visit) -> Response:
        """Show the form."""
        look = await self.proposing.look.get(visit.operator)
        typed = visit.typed if visit.typed is not None else _typed_of(look)
        theme = over(self.proposing.live.settings, look)
        return self.proposing.desk.page(
            visit,
            "console/look/appearance.html",
            title="Look",
            section="look",
            tabs=tabs(HERE),
            shown={**_shown(look).made_from(), **typed},
            name_field=NAME,
            language_field=LANGUAGE,
            logo=theme.logo_address if theme.logo else None,
            has_own_logo=look.logo is not None,
            schemes=[(scheme, TITLES[scheme], list(self._rows(scheme, typed))) for scheme in _SCHEMES],
        )

    async def act(self, visit: Visit, typed: Fields) -> Response:
        """Save, or show first."""
        logo = _logo_in(visit.files.get("logo"))
        form = LookForm(_shown, lambda look, said: _changed(look, said, logo), HERE)
        return await self.proposing.settle(visit, typed, form)

    def _rows(self, scheme: str, typed: Mapping[str, str]) -> Iterator[ColourRow]:
        held = self.pages.colours(scheme)
        for name in _PARTS:
            path = f"{scheme}.{name}"
            text = typed.get(path, "")
            is_colour = (
                len(text) == 7 and text[0] == "#" and all(one in "0123456789abcdefABCDEF" for one in text[1:])
            )
            yield ColourRow(
                path, TITLES[name], text, held[name], text.lower() if is_colour else held[name].lower()
            )


def _typed_of(look: Look) -> dict[str, str]:
    colours = {
        f"{scheme}.{name}": getattr(one, name) or ""
        for scheme, one in (("light", look.light), ("dark", look.dark))
        for name in _PARTS
    }
    return {"product_name": look.product_name or "", "language": look.language or "", **colours}


def _shown(look: Look) -> Present:
    texts = _typed_of(look)
    return Present([Field(path, path) for path in texts], look.version, texts)


def _changed(present: Look, typed: Fields, logo: LogoFile | None) -> Look:
    kept = None if typed.get("remove_logo") else present.logo
    return replace(
        present,
        product_name=typed.get("product_name", "").strip() or None,
        language=typed.get("language") or None,
        logo=logo or kept,
        light=_colours("light", present.light, typed),
        dark=_colours("dark", present.dark, typed),
    )


def _colours(scheme: str, present: Colours, typed: Fields) -> Colours:
    return Colours(**{name: _colour(f"{scheme}.{name}", getattr(present, name), typed) for name in _PARTS})


def _colour(path: str, present: str | None, typed: Fields) -> str | None:
    """Return the colour of a row, which can be typed or chosen: what was touched counts, the typed one first."""
    text, picked = typed.get(path, "").strip(), typed.get(f"{path}.picked", "")
    if text == (present or "") and picked != typed.get(f"{path}.shown", ""):
        return picked
    return text or None


def _logo_in(file: UploadedFile | None) -> LogoFile | None:
    """Return what was uploaded as a logo; what it is, its octets say, and never its name (R-106)."""
    if file is None:
        return None
    try:
        logo = logo_of(file.content)
    except UnfitLogoError as fault:
        sentence = "This file cannot be the logo."
        raise InvalidInput("look_invalid", sentence, fields={"logo": str(fault)}) from fault
    return LogoFile(logo.content, logo.media_type)
