"""From the texts of a form to the values of a record, by the types that the record's class gives them."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from jitney.web.console.record_fields import Field, Kind
from jitney.web.console.record_texts import row_texts, text_of, with_our_line_ends

_WHOLE_TEXTS = frozenset(
    {Kind.TEXT, Kind.LONG, Kind.NUMBER, Kind.CHOICE, Kind.SELECT, Kind.LINES, Kind.PAIRS}
)
"""Kinds of which one input holds the whole value."""


class WrongTextError(ValueError):
    """A text that its field cannot hold; the message is for the operator."""


@cache
def hints_of(kind: type) -> Mapping[str, Any]:
    """Return the types of a class's fields by their names."""
    return get_type_hints(kind)


def read_value(field: Field, kind: Any, typed: Mapping[str, str], present: Any) -> object:
    """Return the value of a field, whose type is ``kind``; ``present`` is the value that it has now.

    What stands as it is shown is ``present`` itself: a text cannot say every value (white space at its ends, a
    separator within a value), and what nobody touched is not to be lost.
    Raises ``WrongTextError``.
    """
    raw = with_our_line_ends(typed.get(field.path, ""))
    text = raw if field.exact else raw.strip()
    if field.kind in _WHOLE_TEXTS and raw and raw == with_our_line_ends(text_of(present)):
        return present
    match field.kind:
        case Kind.SWITCH:
            return typed.get(field.path) == "on"
        case Kind.TRISTATE:
            return {"": None, "on": True, "off": False}.get(text)
        case Kind.CHECKS:
            return _read_checks(field, kind, typed, present)
        case Kind.ROWS:
            return _read_rows(field, kind, typed, present)
        case Kind.LINES:
            [inner, *_] = get_args(_present(kind))
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            return _gather(_present(kind), [_scalar(inner, line) for line in lines])
        case Kind.PAIRS:
            return _read_pairs(text)
        case _:
            if not text and field.required:
                raise WrongTextError(f"{field.label} is needed.")
            # A long text keeps the white space in it, and a secret every sign.
            exact = typed.get(field.path, "") if field.kind is Kind.SECRET else text
            return None if not text and _may_be_none(kind) else _scalar(_present(kind), exact)


def _read_checks(field: Field, kind: Any, typed: Mapping[str, str], present: Any) -> object:
    """Return what is ticked, in the order that it has now; what has no box here stays.

    The attack, and the accident: a box is gone between the page and the post, and the list that was to have one
    name has none, which stands for all.
    """
    [inner, *_] = get_args(_present(kind))
    boxes, prefix = [choice.value for choice in field.choices], f"{field.path}."
    ticked = [name.removeprefix(prefix) for name, text in typed.items() if name.startswith(prefix) and text]
    if gone := sorted(set(ticked).difference(boxes, map(text_of, present or ()))):
        raise WrongTextError(f"{', '.join(gone)[:200]} is not to be chosen any more. Look again.")
    stays = [one for one in present or () if text_of(one) in ticked or text_of(one) not in boxes]
    known = {text_of(one) for one in stays}
    added = [_scalar(inner, name) for name in boxes if name in ticked and name not in known]
    return _gather(_present(kind), [*stays, *added])


def _read_rows(field: Field, kind: Any, typed: Mapping[str, str], present: Any) -> object:
    [row_kind, *_] = get_args(_present(kind))
    kept, shown, rows = tuple(present or ()), row_texts(field, present or ()), list[object]()
    for number in range(field.rows_filled(typed)):
        sent = {one.name: typed.get(f"{field.path}.{number}.{one.name}", "") for one in field.columns}
        if number < len(kept) and all(
            text == shown[f"{field.path}.{number}.{name}"] for name, text in sent.items()
        ):
            rows.append(kept[number])
        elif any(text.strip() for name, text in sent.items() if _says_something(field, name)):
            rows.append(_row(row_kind, sent))
    for at, row in enumerate(rows, start=1):
        if row not in kept and _lacks_something(row):
            raise WrongTextError(f"{field.label}: row {at} is not filled in.")
    return tuple(rows)


def _row(kind: Any, sent: Mapping[str, str]) -> object:
    hints = hints_of(kind)
    return kind(**{name: _cell(hints[name], text.strip()) for name, text in sent.items()})


def _lacks_something(row: object) -> bool:
    return any(
        each.default is MISSING and each.default_factory is MISSING and getattr(row, each.name) in ("", None)
        for each in fields(cast("Any", row))
    )


def _says_something(field: Field, name: str) -> bool:
    """Say whether a column tells that its row is filled in: a choice says something in an empty row too."""
    chosen = [column.name for column in field.columns if column.choices]
    return name not in chosen or len(chosen) == len(field.columns)


def _cell(kind: Any, text: str) -> object:
    if get_origin(_present(kind)) is tuple:
        [inner, *_] = get_args(_present(kind))
        return tuple(_scalar(inner, part.strip()) for part in text.split(",") if part.strip())
    return None if not text and _may_be_none(kind) else _scalar(_present(kind), text)


def _read_pairs(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in filter(str.strip, text.split("\n")):
        # As it is shown; so a name may hold the sign itself, as an address does that is a RelayState.
        name, sign, value = line.partition(" = ") if " = " in line else line.partition("=")
        if not sign or not name.strip():
            raise WrongTextError(f"“{line.strip()}” is no pair: write name = value, one on each line.")
        if name.strip() in pairs:
            raise WrongTextError(f"“{name.strip()}” stands there twice.")
        pairs[name.strip()] = value.strip()
    return pairs


def _scalar(kind: Any, text: str) -> object:
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(text)
        except ValueError:
            raise WrongTextError("Choose one of the values.") from None
    if kind is int:
        if not text.isascii() or not text.removeprefix("-").isdecimal() or len(text) > 12:
            raise WrongTextError("This is a whole number.")
        return int(text)
    if kind is float:
        try:
            return float(text)
        except ValueError:
            raise WrongTextError("This is a number, such as 2.5.") from None
    if kind is bool:
        return text in {"on", "true"}
    return text


def _gather(kind: Any, values: list[object]) -> object:
    return frozenset(values) if get_origin(kind) is frozenset else tuple(values)


def _present(kind: Any) -> Any:
    """Return a type without its ``None``."""
    if get_origin(kind) in {Union, UnionType}:
        [present, *_] = [each for each in get_args(kind) if each is not NoneType]
        return present
    return kind


def _may_be_none(kind: Any) -> bool:
    return get_origin(kind) in {Union, UnionType} and NoneType in get_args(kind)
