"""The theme as it is now: what the settings say, and over it what operators saved in the console."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import structlog
from jinja2 import Environment

from jitney.model.look import Colours, Look
from jitney.web.kit.languages import Languages, read_languages
from jitney.web.kit.templating import make_environment
from jitney.web.kit.theme import Logo, Palette, Theme

SECONDS: Final = 0.4
"""How old what is shown may be; what the looks themselves remember comes on top, and P-7 allows one second."""

PATIENCE: Final = 0.2
"""For how many seconds a page waits for a look that is on its way, before it is made with the one before."""

MOST_CHARACTERS: Final = 1_000_000
"""How long a page of a theme may be; ours are a hundredth of it."""

log = structlog.get_logger("jitney.web")

_OURS: Final = make_environment()


class Looks(Protocol):
    """Where looks are kept: the port of this name."""

    async def find(self) -> Look:
        """Return the look as it was saved last."""
        ...


@dataclass(frozen=True, slots=True)
class Dress:
    """A theme, ready for pages: its languages, and where templates are looked for.

    ``environments`` are tried in order, ours last: where one fails, the page is made with the next.
    """

    theme: Theme
    languages: Languages = field(repr=False)
    environments: tuple[Environment, ...] = field(default=(_OURS,), repr=False)

    def render(self, template: str, values: Mapping[str, object]) -> str:
        """Make a page; a theme's template that fails, or grows without end, costs its looks and never the page."""
        *themed, ours = self.environments
        for environment in themed:
            try:
                return _bounded(environment.get_template(template).generate(values))
            except Exception as fault:  # a theme is somebody else's: whatever it does, people can sign in
                log.error("theme_template_failed", template=template, fault=type(fault).__name__)
        return ours.get_template(template).render(values)


def dress_of(theme: Theme, look: Look | None = None) -> Dress:
    """Return a theme ready for pages, with a look over it."""
    worn = over(theme, look) if look is not None else theme
    folders = (make_environment(theme.templates),) if theme.templates else ()
    own = (make_environment(theme.templates, overrides=look.templates),) if look and look.templates else ()
    languages = read_languages(default=worn.language, texts=worn.texts)
    return Dress(worn, languages, (*own, *folders, _OURS))


def over(theme: Theme, look: Look) -> Theme:
    """Lay a look over a theme, part by part: what the look does not say, the theme says."""
    tags = {*theme.texts, *look.texts}
    version = f"?v={look.version}" if look.version else ""
    return replace(
        theme,
        product_name=look.product_name or theme.product_name,
        language=look.language or theme.language,
        logo=Logo(look.logo.content, look.logo.media_type) if look.logo else theme.logo,
        light=_palette(theme.light, look.light),
        dark=_palette(theme.dark, look.dark),
        texts={tag: {**theme.texts.get(tag, {}), **look.texts.get(tag, {})} for tag in tags},
        logo_address=f"{theme.logo_address}{version}",
        colours_address=f"{theme.colours_address}{version}",
    )


class LiveTheme:
    """What pages are dressed in; looked up anew every few hundred milliseconds, and never in the way of a sign-in.

    ``settings`` is the theme of the settings, which holds as long as no look was read; without ``looks`` for good.
    """

    def __init__(
        self, settings: Theme, looks: Looks | None = None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.settings = settings
        self.now = dress_of(settings)
        self._looks, self._monotonic = looks, monotonic
        self._look = Look()
        self._due = monotonic()
        self._asking: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Bring what pages are dressed in up to date, if it is old.

        Where the answer takes long, pages go on with what they had; where there is none, too. Never raises.
        """
        if self._looks is None or self._asking is not None or self._monotonic() < self._due:
            return
        self._due = self._monotonic() + SECONDS
        self._asking = asyncio.create_task(self._ask(self._looks))
        await asyncio.wait({self._asking}, timeout=PATIENCE)

    def forget(self) -> None:
        """Look anew at the next page; to be called after a change."""
        self._due = self._monotonic()

    async def _ask(self, looks: Looks) -> None:
        try:
            look = await looks.find()
            if look != self._look:
                self.now, self._look = dress_of(self.settings, look), look
        except Exception as fault:  # whatever is wrong with a look, people can sign in
            log.error("look_unreadable", fault=type(fault).__name__)
        finally:
            self._asking = None


def _bounded(parts: Iterator[str]) -> str:
    page: list[str] = []
    size = 0
    for part in parts:
        size += len(part)
        if size > MOST_CHARACTERS:
            raise OverflowError("the page is too long")
        page.append(part)
    return "".join(page)


def _palette(theme: Palette, look: Colours) -> Palette:
    return Palette(
        look.primary or theme.primary,
        look.background or theme.background,
        look.surface or theme.surface,
        look.text or theme.text,
    )
