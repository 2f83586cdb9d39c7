"""The languages of the pages: their texts, the direction they run in, and which one a browser asks for."""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

LOCALES = Path(__file__).parent.parent / "locales"
TEMPLATE = LOCALES / "jitney.pot"
ENGLISH = "en"
TAGS = (ENGLISH, "de", "ar")
"""The languages that we speak; English stands in the code itself and needs no catalogue."""

LONGEST_HEADER = 1_000
"""Characters of ``Accept-Language`` that are looked at; browsers send less than a hundred."""

MOST_RANGES = 20

_RANGE = re.compile(
    r"(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,9})(?:\s*;\s*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?"
)

Texts = Mapping[str, Mapping[str, str]]
"""Texts of an installation's own, in place of ours: language → English text → text."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its tag (RFC 5646), its direction (``ltr`` or ``rtl``), and its texts."""

    tag: str
    direction: str = "ltr"
    translations: NullTranslations = field(default_factory=NullTranslations, repr=False)

    def gettext(self, text: str) -> str:
        """Return an English text in this language; what is not in the catalogue stays as it is."""
        return self.translations.gettext(text) if text else text

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the form of a text that goes with a number."""
        return self.translations.ngettext(one, many, number)


@dataclass(frozen=True, slots=True)
class Languages:
    """All languages of an installation; ``default`` is for those who ask for none that we speak."""

    by_tag: Mapping[str, Language]
    default: Language

    def choose(self, http: HTTPConnection | Scope, *, ui_locales: str | None = None) -> Language:
        """Return the language for a request.

        First that of the application's wish (``ui_locales``, OIDC Core 3.1.2.1), then that of the browser.
        """
        scope = http.scope if isinstance(http, HTTPConnection) else http
        header = ",".join(Headers(scope=scope).getlist("accept-language"))
        wished, asked = (ui_locales or "")[:LONGEST_HEADER].split(), parse_accept_language(header)
        tag = self._first(wished) or self._first(asked)
        return self.by_tag[tag] if tag is not None else self.default

    def _first(self, ranges: Iterable[str]) -> str | None:
        # A wildcard means any language, so the default of this installation.
        wanted = [self.default.tag if one == "*" else one.lower() for one in ranges]
        return negotiate_locale(wanted[:MOST_RANGES], list(self.by_tag), sep="-")


def parse_accept_language(unverified: str) -> list[str]:
    """Return the language ranges of ``Accept-Language``, the most wanted first (RFC 9110 12.5.4 and 12.4.2).

    Never raises: what is not a range is passed over, and so is a range that is not acceptable (``q=0``).
    """
    weighted: list[tuple[float, str]] = []
    for part in unverified[:LONGEST_HEADER].split(",")[:MOST_RANGES]:
        found = _RANGE.fullmatch(part.strip())
        if found is not None and (weight := float(found[2] or 1)) > 0:
            weighted.append((weight, found[1]))
    weighted.sort(key=lambda one: -one[0])
    return [tag for _, tag in weighted]


def read_languages(*, default: str = ENGLISH, texts: Texts | None = None) -> Languages:
    """Read the catalogues, with the texts of an installation's own in place of ours."""
    by_tag = {tag: _with_own(_read(tag), (texts or {}).get(tag, {})) for tag in TAGS}
    return Languages(by_tag, by_tag[default])


@cache
def known_texts() -> frozenset[str]:
    """Return every English text of the catalogue, but for those that come in several forms by number."""
    with TEMPLATE.open("rb") as file:
        return frozenset(one.id for one in read_po(file) if isinstance(one.id, str) and one.id)


class _OwnTexts(NullTranslations):
    """Texts of an installation's own, over ours."""

    def __init__(self, own: Mapping[str, str], ours: NullTranslations) -> None:
        super().__init__()
        self._own = own
        self.add_fallback(ours)

    def gettext(self, message: str) -> str:
        return self._own.get(message) or super().gettext(message)


def _with_own(language: Language, own: Mapping[str, str]) -> Language:
    return replace(language, translations=_OwnTexts(own, language.translations)) if own else language


@cache
def _read(tag: str) -> Language:
    compiled = io.BytesIO()
    write_mo(compiled, _catalog(tag))
    compiled.seek(0)
    return Language(tag, Locale.parse(tag).text_direction, GNUTranslations(compiled))


def _catalog(tag: str) -> Catalog:
    if tag == ENGLISH:
        return Catalog(locale=tag)
    with (LOCALES / tag / "LC_MESSAGES" / "jitney.po").open("rb") as file:
        return read_po(file, locale=tag)
