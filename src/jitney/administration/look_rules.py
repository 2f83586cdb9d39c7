"""What a look must be before it may be saved: every fault at once, by the field that it is of (pure)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from jitney.administration.faults_by_field import gather
from jitney.model.look import Colours, LogoFile, Look

LARGEST_TEMPLATE: Final = 64 * 1024
LARGEST_TEMPLATES: Final = 384 * 1024
"""How many octets a template, and all of them together, may have in UTF-8."""
LONGEST_NAME: Final = 60
READABLE: Final = 4.5
"""The least contrast of what is to be read (WCAG 2.2, 1.4.3)."""

_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")
_PARTS: Final = ("primary", "background", "surface", "text")


class PageKnowledge(Protocol):
    """What is known of the pages themselves, which stand above this room."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The tags of the languages that the pages speak."""
        ...

    @property
    def templates(self) -> frozenset[str]:
        """The file names of the templates that arriving people see."""
        ...

    def colours(self, scheme: str) -> Mapping[str, str]:
        """Return the colours that hold where a look says nothing, by name; ``scheme`` is light or dark."""
        ...

    def contrast(self, one: str, other: str) -> float:
        """Return the contrast of two colours, from 1 to 21."""
        ...

    def find_logo_flaw(self, logo: LogoFile) -> str | None:
        """Return why octets cannot be a logo of their kind, as a sentence."""
        ...

    def find_text_flaw(self, text: str, own: str) -> str | None:
        """Return why a text cannot stand in the place of one of ours, as a sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """What is wrong with a look by field, and what had better be otherwise."""

    faults: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def judge_look(look: Look, pages: PageKnowledge) -> Judged:
    """Judge all of a look but what its templates do when pages are made of them."""
    faults = gather(_faults(look, pages))
    return Judged(faults, () if faults else tuple(_warnings(look, pages)))


def _faults(look: Look, pages: PageKnowledge) -> Iterator[tuple[str, str]]:
    if (name := look.product_name) is not None and not _is_name(name):
        yield (
            "product_name",
            f"A name has 1 to {LONGEST_NAME} printable characters, without spaces around it.",
        )
    if look.language is not None and look.language not in pages.languages:
        yield "language", f"The pages speak {', '.join(pages.languages)}."
    if look.logo is not None and (flaw := pages.find_logo_flaw(look.logo)):
        yield "logo", flaw
    for scheme, colours in (("light", look.light), ("dark", look.dark)):
        yield from _colour_faults(scheme, colours, pages)
    yield from _text_faults(look, pages)
    yield from _template_faults(look, pages)


def _is_name(name: str) -> bool:
    return 0 < len(name.strip()) == len(name) <= LONGEST_NAME and name.isprintable()


def _colour_faults(scheme: str, colours: Colours, pages: PageKnowledge) -> Iterator[tuple[str, str]]:
    """Refuse what is no colour, and writing that nobody can read on its ground.

    The attack (R-106): a colour such as ``red}body{background:url(…`` writes rules of its own into the style sheet.
    """
    chosen = {name: colour for name in _PARTS if (colour := getattr(colours, name)) is not None}
    unfit = [name for name, colour in chosen.items() if not _COLOUR.fullmatch(colour)]
    for name in unfit:
        yield f"{scheme}.{name}", "A colour is written as # and six hexadecimal digits, such as #0d5c63."
    if unfit:
        return
    held = {**pages.colours(scheme), **chosen}
    for ground in ("surface", "background"):
        concerned = chosen.keys() & {"text", ground}
        if concerned and (found := pages.contrast(held["text"], held[ground])) < READABLE:
            yield (
                f"{scheme}.{'text' if 'text' in concerned else ground}",
                _hard_to_read("Text", ground, found),
            )


def _hard_to_read(what: str, ground: str, found: float) -> str:
    return (
        f"{what} on the {ground} has a contrast of {found:.1f}; people need at least {READABLE} to read it."
    )


def _warnings(look: Look, pages: PageKnowledge) -> Iterator[str]:
    for scheme, colours in (("light", look.light), ("dark", look.dark)):
        held = {**pages.colours(scheme), **{name: one for name in _PARTS if (one := getattr(colours, name))}}
        if colours != Colours() and (found := pages.contrast(held["primary"], held["surface"])) < READABLE:
            yield f"In {scheme} pages: {_hard_to_read('the colour of links', 'surface', found)}"


def _text_faults(look: Look, pages: PageKnowledge) -> Iterator[tuple[str, str]]:
    for tag, texts in look.texts.items():
        if tag not in pages.languages:
            yield f"texts.{tag}", f"The pages speak {', '.join(pages.languages)}."
            continue
        for text, own in texts.items():
            if flaw := pages.find_text_flaw(text, own):
                yield f"texts.{tag}", f"“{text[:60]}”: {flaw}"


def _template_faults(look: Look, pages: PageKnowledge) -> Iterator[tuple[str, str]]:
    for name, text in look.templates.items():
        if name not in pages.templates:
            yield f"templates.{name}", "There is no page of this name that arriving people see."
        elif len(text.encode()) > LARGEST_TEMPLATE:
            yield f"templates.{name}", f"A template has at most {LARGEST_TEMPLATE // 1024} KiB."
        elif not text.strip():
            yield f"templates.{name}", "The template is empty. Remove it, and the page is ours again."
    if sum(len(text.encode()) for text in look.templates.values()) > LARGEST_TEMPLATES:
        yield "templates", f"All templates together have at most {LARGEST_TEMPLATES // 1024} KiB."
