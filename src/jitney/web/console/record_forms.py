"""Forms over records: the texts that a form shows of a record, and the record that the texts of a form make."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from jitney.errors import InvalidInput
from jitney.web.console.record_fields import Choice, Column, Field, Kind
from jitney.web.console.record_reading import WrongTextError, hints_of, read_value
from jitney.web.console.record_texts import row_texts, text_of

__all__ = ["Choice", "Column", "Field", "Kind", "read_record", "typed_of", "words_of"]

Record = TypeVar("Record")


def typed_of(record: object, wanted: Sequence[Field]) -> dict[str, str]:
    """Return what the form of a record shows, by the names of its inputs; a secret is never among it (R-115)."""
    typed: dict[str, str] = {}
    for field in wanted:
        value = _value_at(record, field.path)
        match field.kind:
            case Kind.SECRET:
                continue
            case Kind.CHECKS:
                typed |= {f"{field.path}.{text_of(one)}": "on" for one in value}
            case Kind.ROWS:
                typed |= row_texts(field, value)
            case Kind.SWITCH:
                typed |= {field.path: "on"} if value else {}
            case _:
                typed[field.path] = text_of(value)
    return typed


def read_record(record: Record, wanted: Sequence[Field], typed: Mapping[str, str]) -> Record:
    """Return the record with what was typed; what has no field here stays as it is.

    A secret's field that was left blank leaves the secret as it is, and so does a field in which stands what the
    form shows of the record: a text cannot say every value (white space at its ends, a separator within a value),
    and what nobody touched is not to be lost.
    Raises ``InvalidInput`` (``form_invalid``) with every fault by the path of its field.
    """
    read, faults = record, dict[str, str]()
    for field in wanted:
        if field.disabled or (field.kind is Kind.SECRET and not typed.get(field.path)):
            continue
        try:
            value = read_value(field, _type_at(read, field.path), typed, _value_at(record, field.path))
        except WrongTextError as fault:
            faults[field.path] = str(fault)
        else:
            read = _with_value(read, field.path.split("."), value)
    if faults:
        raise InvalidInput("form_invalid", "Some of this cannot be saved as it is.", fields=faults)
    return read


def words_of(field: Field, texts: Mapping[str, str]) -> str:
    """Return what a form shows of a field in words: the label of a choice, and a table row by row."""
    labels, inside = {choice.value: choice.label for choice in field.choices}, f"{field.path}."
    match field.kind:
        case Kind.ROWS:
            rows = (
                [texts.get(f"{inside}{number}.{column.name}") for column in field.columns]
                for number in range(field.rows_filled(texts))
            )
            return "\n".join(" → ".join(filter(None, row)) for row in rows) or "none"
        case Kind.CHECKS:
            ticked = [name.removeprefix(inside) for name in texts if name.startswith(inside) and texts[name]]
            return ", ".join(labels.get(one, one) for one in ticked) or "none"
        case Kind.SWITCH:
            return "on" if texts.get(field.path) else "off"
        case _:
            text = texts.get(field.path, "")
            return labels.get(text, text) or "none"


def _value_at(record: object, path: str) -> Any:
    for name in path.split("."):
        record = getattr(record, name)
    return record


def _with_value(record: Any, path: Sequence[str], value: object) -> Any:
    name, *rest = path
    return replace(record, **{name: _with_value(getattr(record, name), rest, value) if rest else value})


def _type_at(record: object, path: str) -> Any:
    *outer, name = path.split(".")
    for each in outer:
        record = getattr(record, each)
    return hints_of(type(record))[name]
