"""What is wrong with a document: each fault with the path of its key, what was found and what is allowed."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

SHOWN = 60
"""Characters of a found value that are shown."""

KEYS_IN_A_SAMPLE = 3
"""How many keys of a table are shown where something else stands in its place."""

_WANTED = {
    "list_type": "a list", "dict_type": "a table", "string_type": "a text", "bool_type": "true or false",
    "int_type": "a whole number", "int_parsing": "a whole number", "int_from_float": "a whole number",
}  # fmt: skip
"""What belongs in a place, by the name that pydantic gives to the fault of it."""

Place = tuple[str | int, ...]
"""Where a key stands: its sections' names, and positions in lists."""


@dataclass(frozen=True, slots=True)
class SettingFault:
    """One fault: ``path`` of the key (``server.port``), a sentence, what was found and what is allowed.

    ``found`` is empty where nothing was found or where it may be a secret.
    """

    path: str
    sentence: str
    found: str = ""
    allowed: str = ""

    def __str__(self) -> str:
        """Return the whole fault on one line."""
        found = f" Found: {self.found}." if self.found else ""
        allowed = f" Allowed: {self.allowed}." if self.allowed else ""
        return f"{self.path}: {self.sentence}{found}{allowed}"


def path_of(place: Place) -> str:
    """Return a place as operators read it: ``identity_provider[2].issuer``, counted from 1."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: object) -> str:
    """Return a found value as TOML would write it, cut to a bounded length."""
    text = str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def faults_of(error: ValidationError, model: type[BaseModel]) -> tuple[SettingFault, ...]:
    """Turn everything that pydantic found wrong in a document of ``model`` into faults."""
    return tuple(_fault(dict(found), model) for found in error.errors(include_url=False))


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that ``name`` was probably meant to be."""
    by_lower = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def _fault(error: dict[str, Any], model: type[BaseModel]) -> SettingFault:
    place = _without_union_tags(tuple(error["loc"]), model)
    path = path_of(place)
    if error["type"] == "extra_forbidden":
        return _unknown(place, path, model)
    allowed, secret = _rule_of(place, model)
    if error["type"] == "missing":
        return SettingFault(path, "This key is required.", allowed=allowed)
    found = "" if secret or isinstance(error["input"], dict) else shown(error["input"])
    if not allowed and error["type"] in ("enum", "literal_error"):
        allowed = str(error["ctx"]["expected"]).replace("'", '"')
    sentence = "This value is not allowed here." if allowed else _sentence(error, place, model)
    return SettingFault(path, sentence, found=found, allowed=allowed)


def _sentence(error: dict[str, Any], place: Place, model: type[BaseModel]) -> str:
    """Say in words of the file what belongs here; the sentence of a rule of our own stands as it is."""
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ").rstrip(".") + "."
    if error["type"] == "model_type":
        inner = _model_at(place, model)
        return f"must be a table{f' such as {_sample(inner)}' if inner else ''}."
    wanted = _WANTED.get(error["type"])
    return f"must be {wanted}." if wanted else "This value is not allowed here."


def _sample(model: type[BaseModel]) -> str:
    """Return a table of this kind as it might stand in the file, with its first keys."""
    keys = [
        f"{field.alias or name} = {'true' if field.annotation is bool else '…'}"
        for name, field in islice(model.model_fields.items(), KEYS_IN_A_SAMPLE)
    ]
    return f"{{ {', '.join(keys)} }}"


def _unknown(place: Place, path: str, model: type[BaseModel]) -> SettingFault:
    parent = _model_at(place[:-1], model)
    known = sorted(names_of(parent)) if parent else []
    guess = nearest(str(place[-1]), known)
    hint = f" Did you mean {path_of((*place[:-1], guess))}?" if guess else ""
    return SettingFault(path, f"This key is not known.{hint}", allowed="" if guess else ", ".join(known))


def names_of(model: type[BaseModel]) -> Iterator[str]:
    """List the keys of a section as they are written in the file."""
    for name, field in model.model_fields.items():
        yield field.alias or name


def _rule_of(place: Place, model: type[BaseModel]) -> tuple[str, bool]:
    """Return what the field at ``place`` allows, and whether its value is a secret."""
    while place and isinstance(place[-1], int):
        place = place[:-1]
    parent = _model_at(place[:-1], model) if place else None
    field = _field(parent, place[-1]) if parent else None
    extra = field.json_schema_extra if field else None
    if not isinstance(extra, dict):
        return "", False
    return str(extra.get("allowed", "")), bool(extra.get("secret", False))


def _model_at(place: Place, model: type[BaseModel]) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for part in place:
        if isinstance(part, int) or current is None:
            continue
        field = _field(current, part)
        current = model_in(field.annotation) if field else None
    return current


def _field(model: type[BaseModel], name: str | int) -> FieldInfo | None:
    for own, field in model.model_fields.items():
        if name in (own, field.alias):
            return field
    return None


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model inside ``Model``, ``Model | None`` or ``list[Model]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := model_in(part))), None)


def _without_union_tags(place: Place, model: type[BaseModel]) -> Place:
    """Drop what pydantic adds to a place to say which member of a union it tried."""
    kept: list[str | int] = []
    for part in place:
        parent = _model_at(tuple(kept), model)
        if isinstance(part, int) or parent is not None or not kept:
            kept.append(part)
    return tuple(kept)
