"""``/console/look/texts``: find a text of ours, and say it in the installation's own words."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.errors import NotFound
from jitney.model.look import Look
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.look.proposing import HERE, LookForm, Proposing, tabs
from jitney.web.console.look.words import LANGUAGES
from jitney.web.console.record_fields import Field
from jitney.web.console.versions import Present
from jitney.web.kit.languages import known_texts, read_languages

TEXTS: Final = f"{HERE}/texts"
ONE: Final = f"{TEXTS}/{{key}}"
A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text of ours in the list, and the installation's own by language."""

    key: str
    text: str
    own: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """The pages of the texts."""

    proposing: Proposing

    def doorways(self) -> list[Doorway]:
        """Return the addresses of these pages."""
        return [
            ConsolePage(TEXTS, Right.SEE, self.show),
            ConsolePage(ONE, Right.SEE, self.show_one),
            ConsoleForm(ONE, Right.ADMINISTER, self.act, self.show_one),
        ]

    async def show(self, visit: Visit) -> Response:
        """List the texts that fit what is searched for, those with words of the installation's own first."""
        look = await self.proposing.look.get(visit.operator)
        wanted, own_only = visit.query.get("q", "").strip(), bool(visit.query.get("own"))
        found = [one for one in _find(wanted, look) if one.own or not own_only]
        at = _page_of(visit.query.get("page", ""))
        return self.proposing.desk.page(
            visit,
            "console/look/texts.html",
            title="Look",
            section="look",
            tabs=tabs(TEXTS),
            wanted=wanted,
            own_only=own_only,
            texts=found[at * A_PAGE : (at + 1) * A_PAGE],
            count=len(found),
            languages=LANGUAGES,
            next_href=_address(wanted, own_only, at + 1) if len(found) > (at + 1) * A_PAGE else None,
            prev_href=_address(wanted, own_only, 0) if at else None,
        )

    async def show_one(self, visit: Visit) -> Response:
        """Show one text, what stands in its place, and a field for each language."""
        look, text = await self.proposing.look.get(visit.operator), _text_of(visit.place("key"))
        typed = visit.typed if visit.typed is not None else _typed_of(look, text)
        languages = read_languages(texts=self.proposing.live.settings.texts).by_tag
        return self.proposing.desk.page(
            visit,
            "console/look/text.html",
            title="One text",
            section="look",
            here=f"{TEXTS}/{visit.place('key')}",
            texts_href=TEXTS,
            text=text,
            shown={**_shown(look, text).made_from(), **typed},
            fields=[
                (f"texts.{tag}", f"In {name}", tag, languages[tag].direction, languages[tag].gettext(text))
                for tag, name in LANGUAGES.items()
            ],
        )

    async def act(self, visit: Visit, typed: Fields) -> Response:
        """Save, or show first."""
        text = _text_of(visit.place("key"))
        form = LookForm(
            lambda look: _shown(look, text),
            lambda look, said: _changed(look, text, said),
            f"{TEXTS}/{visit.place('key')}",
        )
        return await self.proposing.settle(visit, typed, form)


def _typed_of(look: Look, text: str) -> dict[str, str]:
    return {f"texts.{tag}": look.texts.get(tag, {}).get(text, "") for tag in LANGUAGES}


def _shown(look: Look, text: str) -> Present:
    texts = _typed_of(look, text)
    return Present([Field(path, path) for path in texts], look.version, texts)


def _changed(present: Look, text: str, typed: Fields) -> Look:
    texts = {tag: dict(of_tag) for tag, of_tag in present.texts.items()}
    for tag in LANGUAGES:
        texts.setdefault(tag, {}).pop(text, None)
        if words := _words(typed.get(f"texts.{tag}", "")):
            texts[tag][text] = words
    return replace(present, texts={tag: of_tag for tag, of_tag in texts.items() if of_tag})


def _words(typed: str) -> str:
    return typed.replace("\r\n", "\n").strip()


def _by_letters(text: str) -> tuple[bool, str]:
    """Return a key by which texts stand in the order of their letters, those that begin with a value last."""
    return not text[0].isalpha(), text.casefold()


@cache
def _by_key() -> Mapping[str, str]:
    """Return every text of ours by the key that stands for it in addresses."""
    return {
        hashlib.sha256(text.encode()).hexdigest()[:16]: text
        for text in sorted(known_texts(), key=_by_letters)
    }


@cache
def _in_all_languages() -> Mapping[str, str]:
    """Return every text of ours with its translations, to be searched."""
    said = read_languages().by_tag.values()
    return {
        text: "\n".join((text, *(one.gettext(text) for one in said))).casefold()
        for text in _by_key().values()
    }


def _text_of(key: str) -> str:
    text = _by_key().get(key)
    if text is None:
        raise NotFound("look_text_unknown", "There is no such text.")
    return text


def _find(wanted: str, look: Look) -> Iterator[TextRow]:
    needle, everywhere = wanted.casefold(), _in_all_languages()
    rows = (
        TextRow(
            key,
            text,
            tuple((tag, look.texts[tag][text]) for tag in LANGUAGES if text in look.texts.get(tag, {})),
        )
        for key, text in _by_key().items()
    )
    fitting = [
        row
        for row in rows
        if needle in everywhere[row.text] or any(needle in own.casefold() for _, own in row.own)
    ]
    return iter(sorted(fitting, key=lambda row: not row.own))


def _page_of(number: str) -> int:
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else 0


def _address(wanted: str, own_only: bool, at: int) -> str:
    asked = {"q": wanted, "own": "on" if own_only else "", "page": str(at) if at else ""}
    return f"{TEXTS}?{urlencode({name: text for name, text in asked.items() if text})}"
