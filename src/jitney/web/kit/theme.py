"""The theme of an installation: its name, logo, colours, texts and templates, as the settings say."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from jitney.web.kit.languages import ENGLISH, Texts

PRODUCT_NAME: Final = "Jitney"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#rrggbb``; where one is ``None`` that of our own style sheet holds."""

    primary: str | None = None
    background: str | None = None
    surface: str | None = None
    text: str | None = None

    @property
    def is_plain(self) -> bool:
        """Say whether nothing is changed."""
        return not any((self.primary, self.background, self.surface, self.text))


@dataclass(frozen=True, slots=True)
class PlainColours:
    """Colours of our own style sheets."""

    primary: str
    background: str
    surface: str
    text: str


PLAIN: Final = {
    "light": PlainColours("#0172ad", "#f2f4f7", "#ffffff", "#373c44"),
    "dark": PlainColours("#01aaff", "#13171f", "#181c25", "#c2c7d0"),
}
"""Our own colours, by scheme."""

READABLE: Final = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3)."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that stands above every page."""

    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True)
class Theme:
    """How the pages of an installation look and speak; all of it was checked by the settings.

    ``folder`` may hold ``templates/``, which override ours by file name, and ``static/``, served below
    ``/theme/``; ``stylesheet`` is the name of one file there that every page links.
    ``language`` is for browsers that ask for none that we speak; ``texts`` replace ours.
    ``logo_address`` and ``colours_address`` are where browsers find them: others whenever these change, since
    browsers keep them for a while. ``scheme`` is ``light`` or ``dark`` in a preview, whatever the browser shows.
    """

    product_name: str = PRODUCT_NAME
    language: str = ENGLISH
    folder: Path | None = None
    stylesheet: str | None = None
    logo: Logo | None = None
    light: Palette = Palette()
    dark: Palette = Palette()
    texts: Texts = field(default_factory=dict[str, dict[str, str]])
    logo_address: str = "/theme/logo"
    colours_address: str = "/theme.css"
    scheme: str | None = None

    @property
    def templates(self) -> Path | None:
        """Return the folder of templates that override ours, if there is one."""
        return _folder(self.folder, "templates")

    @property
    def static(self) -> Path | None:
        """Return the folder of files that are served, if there is one."""
        return _folder(self.folder, "static")

    @property
    def has_colours(self) -> bool:
        """Say whether ``/theme.css`` says anything."""
        return not (self.light.is_plain and self.dark.is_plain)


def style_sheet(theme: Theme) -> str:
    """Return ``/theme.css``: the colours as values of the custom properties that our style sheets use.

    The attack (R-106): a colour such as ``red}body{background:url(…`` writes rules of its own; colours are
    ``#rrggbb`` by the time that they come here.
    """
    if theme.scheme is not None:
        palette, shade = (theme.light, "black") if theme.scheme == "light" else (theme.dark, "white")
        return f":root[data-theme] {{\n{_rules(palette, shade)}}}\n"
    # A palette for light must not reach dark pages: this sheet comes after those that tell the two apart.
    return "".join(
        f"@media (prefers-color-scheme: {scheme}) {{\n:root:not([data-theme]) {{\n{_rules(palette, shade)}}}\n}}\n"
        for scheme, palette, shade in (("light", theme.light, "black"), ("dark", theme.dark, "white"))
        if not palette.is_plain
    )


def readable_on(colour: str) -> str:
    """Return black or white, whichever is read more easily on a colour (WCAG 2.2, 1.4.3)."""
    return max("#ffffff", "#000000", key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rules(palette: Palette, shade: str) -> str:
    return "".join(f"--{name}: {value};\n" for name, value in _properties(palette, shade))


def _properties(palette: Palette, shade: str) -> Iterator[tuple[str, str]]:
    if (primary := palette.primary) is not None:
        yield "pico-primary", primary
        yield "pico-primary-background", primary
        yield "pico-primary-inverse", readable_on(primary)
        yield "pico-primary-underline", f"color-mix(in srgb, {primary} 50%, transparent)"
        yield "pico-primary-focus", f"color-mix(in srgb, {primary} 40%, transparent)"
        yield "pico-primary-hover", f"color-mix(in srgb, {primary} 85%, {shade})"
        yield "pico-primary-hover-background", f"color-mix(in srgb, {primary} 85%, {shade})"
    if palette.background is not None:
        yield "jitney-ground", palette.background
    if palette.surface is not None:
        yield "pico-card-background-color", palette.surface
        yield "pico-form-element-background-color", palette.surface
        yield "pico-form-element-active-background-color", palette.surface
    if palette.text is not None:
        yield "pico-color", palette.text
        yield "pico-h1-color", palette.text
        yield "pico-h2-color", palette.text
        yield "pico-form-element-color", palette.text


def _folder(folder: Path | None, name: str) -> Path | None:
    inner = folder / name if folder is not None else None
    return inner if inner is not None and inner.is_dir() else None
