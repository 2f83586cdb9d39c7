"""The parts of a look: which of them a change touches, and a whole look as texts (pure)."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields, replace
from typing import Final, TypeVar

from jitney.model.look import Colours, LogoFile, Look

_LOOK: Final = "look"

_Value = TypeVar("_Value")


def changed_parts(before: Look, after: Look) -> list[str]:
    """Name the parts that differ: ``logo``, ``light.text``, ``texts.de``, ``templates.error.html``."""
    return list(_changed(before, after))


def _changed(before: Look, after: Look) -> Iterator[str]:
    for name in ("product_name", "language", "logo"):
        if getattr(before, name) != getattr(after, name):
            yield name
    for scheme, old, new in (("light", before.light, after.light), ("dark", before.dark, after.dark)):
        yield from (
            f"{scheme}.{one.name}" for one in fields(old) if getattr(old, one.name) != getattr(new, one.name)
        )
    for tag in sorted({*before.texts, *after.texts}):
        if before.texts.get(tag, {}) != after.texts.get(tag, {}):
            yield f"texts.{tag}"
    for name in sorted({*before.templates, *after.templates}):
        if before.templates.get(name) != after.templates.get(name):
            yield f"templates.{name}"


def rebased(mine: Look, *, base: Look, theirs: Look) -> Look:
    """Return ``theirs`` with what ``mine`` changed of ``base``, text by text and template by template.

    The accident: a draft that changes a colour is saved after somebody else's words, and takes them back.
    """
    tags = {*mine.texts, *base.texts, *theirs.texts}
    texts = {
        tag: _merged(mine.texts.get(tag, {}), base.texts.get(tag, {}), theirs.texts.get(tag, {}))
        for tag in tags
    }
    return replace(
        theirs,
        product_name=_newer(mine.product_name, base.product_name, theirs.product_name),
        language=_newer(mine.language, base.language, theirs.language),
        logo=_newer(mine.logo, base.logo, theirs.logo),
        light=_colours(mine.light, base.light, theirs.light),
        dark=_colours(mine.dark, base.dark, theirs.dark),
        texts={tag: of_tag for tag, of_tag in texts.items() if of_tag},
        templates=_merged(mine.templates, base.templates, theirs.templates),
    )


def _newer(mine: _Value, base: _Value, theirs: _Value) -> _Value:
    return theirs if mine == base else mine


def _colours(mine: Colours, base: Colours, theirs: Colours) -> Colours:
    names = [one.name for one in fields(Colours)]
    return Colours(
        *(_newer(getattr(mine, name), getattr(base, name), getattr(theirs, name)) for name in names)
    )


def _merged(mine: Mapping[str, str], base: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    names = dict.fromkeys((*theirs, *mine))
    found = {name: _newer(mine.get(name), base.get(name), theirs.get(name)) for name in names}
    return {name: text for name, text in found.items() if text is not None}


def texts_of(look: Look) -> dict[str, str]:
    """Return a whole look as the fields of a form that is kept."""
    logo = look.logo
    told = {
        "product_name": look.product_name,
        "language": look.language,
        "logo": [logo.media_type, base64.b64encode(logo.content).decode()] if logo else None,
        "light": asdict(look.light),
        "dark": asdict(look.dark),
        "texts": {tag: dict(texts) for tag, texts in look.texts.items()},
        "templates": dict(look.templates),
        "version": look.version,
    }
    return {_LOOK: json.dumps(told)}


def look_in(texts: Mapping[str, str]) -> Look:
    """Return the look that ``texts_of`` was given."""
    told = json.loads(texts[_LOOK])
    logo = told["logo"]
    return Look(
        product_name=told["product_name"],
        language=told["language"],
        logo=LogoFile(base64.b64decode(logo[1]), logo[0]) if logo else None,
        light=Colours(**told["light"]),
        dark=Colours(**told["dark"]),
        texts=told["texts"],
        templates=told["templates"],
        version=told["version"],
    )
