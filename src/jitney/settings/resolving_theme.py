"""From ``[pages]`` to a theme: every file is read and every text compared before anybody sees a page."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from jitney.settings.checked_pages import Colours, Pages
from jitney.settings.faults import nearest
from jitney.settings.findings import Findings
from jitney.settings.logo import UnfitLogoError, read_logo
from jitney.web.kit.languages import TAGS, known_texts
from jitney.web.kit.own_texts import find_text_flaw
from jitney.web.kit.templating import TEMPLATES, find_broken_templates
from jitney.web.kit.theme import PLAIN, READABLE, Logo, Palette, Theme, contrast
from jitney.web.kit.theme_files import KINDS, find_unserved

MOST_NAMED: Final = 20
"""How many faults of one folder are named."""


def resolve_theme(written: Pages, *, home: Path, findings: Findings) -> Theme:
    """Return the theme; what is wrong with it is among the findings."""
    folder = home / written.theme_folder if written.theme_folder else None
    theme = Theme(
        product_name=written.product_name,
        language=written.language,
        folder=folder,
        stylesheet=written.stylesheet,
        logo=_logo(written.logo_file, home, findings),
        light=_palette(written.colours.light),
        dark=_palette(written.colours.dark),
        texts={tag: dict(texts) for tag, texts in written.texts.items()},
    )
    if folder is not None:
        _check_folder(theme, folder, findings)
    _check_stylesheet(theme, findings)
    _check_texts(written.texts, findings)
    _warn_of_weak_contrast("light", theme.light, findings)
    _warn_of_weak_contrast("dark", theme.dark, findings)
    return theme


def _logo(written: str | None, home: Path, findings: Findings) -> Logo | None:
    if written is None:
        return None
    try:
        return read_logo(home / written)
    except UnfitLogoError as fault:
        findings.refuse("pages.logo_file", str(fault), found=written)
        return None


def _palette(colours: Colours) -> Palette:
    return Palette(colours.primary, colours.background, colours.surface, colours.text)


def _check_folder(theme: Theme, folder: Path, findings: Findings) -> None:
    key = "pages.theme_folder"
    if theme.templates is None and theme.static is None:
        findings.refuse(
            key, "There is no such folder, or it holds neither templates/ nor static/.", found=str(folder)
        )
    if theme.templates is not None:
        for broken in islice(find_broken_templates(theme.templates), MOST_NAMED):
            file = broken.file.relative_to(folder)
            findings.refuse(key, f"{file}, line {broken.line}: {broken.why.rstrip('.')}.")
        for name in islice(_override_nothing(theme.templates), MOST_NAMED):
            findings.warn(key, f"templates/{name} overrides nothing: no page of Jitney has that file name.")
    if theme.static is not None:
        for file in islice(find_unserved(theme.static), MOST_NAMED):
            findings.refuse(
                key, f"{file.relative_to(folder)} is of a kind that is not served.", allowed=_served()
            )


def _override_nothing(templates: Path) -> Iterator[str]:
    """List the templates that no page is made from; a name that begins with ``_`` is for others to include."""
    for file in sorted(templates.rglob("*")):
        name = str(file.relative_to(templates))
        if file.is_file() and not file.name.startswith("_") and not (TEMPLATES / name).is_file():
            yield name


def _served() -> str:
    return "files that end in " + ", ".join(sorted(KINDS))


def _check_stylesheet(theme: Theme, findings: Findings) -> None:
    if theme.stylesheet and (theme.static is None or not (theme.static / theme.stylesheet).is_file()):
        findings.refuse(
            "pages.stylesheet", "There is no such file in the theme folder's static/.", found=theme.stylesheet
        )


def _check_texts(written: Mapping[str, Mapping[str, str]], findings: Findings) -> None:
    for tag, texts in written.items():
        if tag not in TAGS:
            findings.refuse(
                f"pages.texts.{tag}", "Jitney does not speak this language.", allowed=", ".join(TAGS)
            )
            continue
        for text, own in texts.items():
            if (flaw := _flaw(text, own)) is not None:
                findings.refuse(f"pages.texts.{tag}", flaw, found=text)


def _flaw(text: str, own: str) -> str | None:
    known = known_texts()
    if text not in known and (guess := nearest(text, sorted(known))):
        return f"This is no text of Jitney's. Did you mean “{guess}”?"
    return find_text_flaw(text, own)


def _warn_of_weak_contrast(scheme: str, palette: Palette, findings: Findings) -> None:
    surface, text = palette.surface or PLAIN[scheme].surface, palette.text or PLAIN[scheme].text
    for name, ink in (("primary", palette.primary), ("text", text if not palette.is_plain else None)):
        if ink is not None and (found := contrast(ink, surface)) < READABLE:
            findings.warn(
                f"pages.colours.{scheme}.{name}",
                f"{ink} on {surface} is hard to read: a contrast of {found:.1f}, and people need {READABLE}.",
            )
