"""Two operators edit one record: what each of them changed since the form was made, and what shall be saved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from starlette.responses import Response

from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.record_fields import Field, Kind
from jitney.web.console.record_forms import words_of
from jitney.web.console.record_texts import with_our_line_ends

VERSION: Final = "version"
"""The hidden field that says which version the operator has seen."""
BASE: Final = "base"
"""The hidden field by which it is known what each field said in that version: a digest of each, and no text.

It needs no seal: whoever posts another one changes only what is preselected for themselves.
"""
BESIDE: Final = "beside"
"""The hidden field of the page with both versions: which one stood there beside the operator's own."""
KEEP: Final = "keep."
"""How the choices of that page are named, before the path of the field."""
MINE, THEIRS = "mine", "theirs"

_OF_SEVERAL: Final = frozenset({Kind.ROWS, Kind.CHECKS})
"""Kinds of which every cell or box has a name of its own; such a field is chosen as a whole."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """A field of which the two versions say something else, in words, and whose is preselected.

    Where both operators changed it, nothing is: with theirs preselected a hurried press would drop what was just
    typed, and with mine it would put back what the other has just changed.
    """

    name: str
    label: str
    mine: str
    theirs: str
    by_me: bool
    by_them: bool
    chosen: str


@dataclass(frozen=True, slots=True)
class Present:
    """What a form shows of the record as it is now: its fields, and their ``texts`` by the names of the inputs."""

    fields: Sequence[Field]
    version: int
    texts: Fields
    words: Callable[[Field, Fields], str] = words_of

    def made_from(self) -> dict[str, str]:
        """Return the hidden fields of a form that is made now."""
        said = [(field.path, _texts_in(field, self.texts)) for field in self.fields]
        entries = [f"{_mark(path)}.{_digest(texts)}" for path, texts in said if texts]
        return {VERSION: str(self.version), BASE: " ".join(entries)}

    def shown(self, typed: Fields | None) -> dict[str, str]:
        """Return what the form shows: the record, or what was typed, with the version that it was made from."""
        return {**self.made_from(), **(self.texts if typed is None else self.settled(typed))}

    def settled(self, typed: Fields) -> dict[str, str]:
        """Return what a form says, with what was chosen where it comes from the page with both versions.

        The choices count for the version that stood there, and where none is missing.
        Otherwise the form is still one of the version that it was first made from, and conflicts again.
        """
        plain = {name: text for name, text in typed.items() if name != BESIDE and not name.startswith(KEEP)}
        if not self.stood_beside(typed):
            return plain
        unlike = self._unlike(plain)
        chosen = [typed.get(f"{KEEP}{field.path}") for field in unlike]
        if not {*chosen} <= {MINE, THEIRS}:
            return plain
        taken = [field for field, whose in zip(unlike, chosen, strict=True) if whose == THEIRS]
        return {**_without(plain, taken), **_texts_of(taken, self.texts), **self.made_from()}

    def kept_up(self, typed: Fields) -> dict[str, str]:
        """Return a form in which what only others have changed says what it says now, and all else is as typed."""
        base = _base_in(typed)
        others = [one for one in self._unlike(typed) if not _is_changed(one, typed, base)]
        return {**_without(typed, others), **_texts_of(others, self.texts)}

    def differences(self, other: Fields) -> list[tuple[str, str, str]]:
        """Return what another version says otherwise, in words: the label, what is said now, and what there."""
        unlike = self._unlike(other)
        return [(one.label, self.words(one, self.texts), self.words(one, other)) for one in unlike]

    def stood_beside(self, typed: Fields) -> bool:
        """Say whether a form comes from the page on which the present version was one of both."""
        return typed.get(BESIDE) == str(self.version)

    def choosing(self, typed: Fields, mine: Fields) -> list[Choosing]:
        """Return every field on which the two differ, by the texts that the form would show of each version.

        ``typed`` is what was posted, ``mine`` what a form would show of the record that it makes.
        """
        base = _base_in(typed)
        return [self._choosing(field, typed, mine, base) for field in self._unlike(mine)]

    def carried_on(self, typed: Fields, mine: Fields) -> dict[str, str]:
        """Return what the page with both versions posts beside the choices.

        A secret that was typed is not put into a page (R-115): it stays as it is, and must be given anew.
        """
        plain = {name: text for name, text in typed.items() if not name.startswith(KEEP)}
        kept = {**_without(plain, self.fields), **_texts_of(self.fields, mine)}
        return {**kept, BESIDE: str(self.version)}

    def secrets_left_out(self, typed: Fields) -> list[tuple[str, str, str]]:
        """Return a row for each secret that was typed and is not carried on."""
        secrets = [one for one in self.fields if one.kind is Kind.SECRET and typed.get(one.path)]
        return [(one.label, "typed; give it again after saving", "as it is") for one in secrets]

    def _unlike(self, mine: Fields) -> list[Field]:
        return [field for field in self.fields if _texts_in(field, mine) != _texts_in(field, self.texts)]

    def _choosing(
        self, field: Field, typed: Fields, mine: Fields, base: Mapping[str, str] | None
    ) -> Choosing:
        by_me, by_them = (_is_changed(field, texts, base) for texts in (mine, self.texts))
        name, likely = f"{KEEP}{field.path}", MINE if by_me else THEIRS
        first = "" if by_me == by_them else likely
        chosen = typed.get(name, "") if self.stood_beside(typed) else first
        told = self.words(field, mine), self.words(field, self.texts)
        return Choosing(name, field.label, *told, by_me, by_them, chosen)


def version_in(fields: Mapping[str, str]) -> int:
    """Return the version that a form carries; one that says none was made from no version that there is."""
    text = fields.get(VERSION, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def both_versions(
    desk: Desk, visit: Visit, present: Present, typed: Fields, *, mine: Fields, title: str, at: str
) -> Response:
    """Show field by field what both operators say, and let this one choose; ``at`` is the address of the form."""
    choices = present.choosing(typed, mine)
    missing = [one.name for one in choices if not one.chosen] if present.stood_beside(typed) else []
    if missing:
        problems = dict.fromkeys(missing, "Choose what shall be kept.")
        visit = replace(visit, status=409, problem="Nothing was saved: choose first.", problems=problems)
    rows = present.secrets_left_out(typed)
    fields = present.carried_on(typed, mine)
    return desk.conflict(visit, title=title, rows=rows, choices=choices, action=at, fields=fields, back=at)


def _names_of(field: Field, texts: Fields) -> list[str]:
    """Return the inputs of a field among those of a form."""
    inside = f"{field.path}."
    if field.kind in _OF_SEVERAL:
        return sorted(name for name in texts if name == field.path or name.startswith(inside))
    return [field.path] if field.path in texts else []


def _texts_in(field: Field, texts: Fields) -> dict[str, str]:
    """Return what a field says; what is blank says nothing, and a secret nothing that may be told."""
    if field.kind is Kind.SECRET:
        return {}
    return {name: with_our_line_ends(texts[name]) for name in _names_of(field, texts) if texts[name]}


def _texts_of(fields: Sequence[Field], texts: Fields) -> dict[str, str]:
    return {name: text for field in fields for name, text in _texts_in(field, texts).items()}


def _without(texts: Fields, fields: Sequence[Field]) -> dict[str, str]:
    owned = {name for field in fields for name in _names_of(field, texts)}
    return {name: text for name, text in texts.items() if name not in owned}


def _base_in(typed: Fields) -> dict[str, str] | None:
    """Return the digests that a form carries; ``None`` where it carries none, so that everything is asked."""
    if BASE not in typed:
        return None
    entries = (entry.partition(".") for entry in typed[BASE].split())
    return {path: digest for path, _, digest in entries}


def _is_changed(field: Field, texts: Fields, base: Mapping[str, str] | None) -> bool:
    return base is None or base.get(_mark(field.path), "") != _digest(_texts_in(field, texts))


def _digest(texts: Fields) -> str:
    """Return what tells the texts of a field from others; nothing where it says nothing."""
    said = "\0".join(f"{name}\0{text}" for name, text in texts.items())
    return sha256(said.encode(errors="surrogatepass")).hexdigest()[:32] if texts else ""


def _mark(path: str) -> str:
    return sha256(path.encode(errors="surrogatepass")).hexdigest()[:12]
