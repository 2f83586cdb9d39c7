"""The texts that a form shows of the values of a record."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import cast

from jitney.web.console.record_fields import Field

_SWITCHES = {True: "on", False: "off"}


def text_of(value: object) -> str:
    """Return a value as a form shows it."""
    match value:
        case None:
            return ""
        case bool():
            return _SWITCHES[value]
        case Enum():
            return str(value.value)
        case Mapping():
            pairs = cast("Mapping[str, object]", value)
            return "\n".join(f"{name} = {text_of(each)}" for name, each in pairs.items())
        case tuple() | frozenset():
            several = cast("Sequence[object]", value)
            return "\n".join(text_of(each) for each in several)
        case _:
            return str(value)


def row_texts(field: Field, rows: Sequence[object]) -> dict[str, str]:
    """Return what the cells of a table show of its rows, by the names of their inputs."""
    return {
        f"{field.path}.{number}.{column.name}": text_of(getattr(row, column.name)).replace("\n", ", ")
        for number, row in enumerate(rows)
        for column in field.columns
    }


def with_our_line_ends(text: str) -> str:
    """Return a text with the line ends that we keep: a browser sends others (HTML 4.10.22.4)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
