"""Files of what happened, as CSV or JSON lines, made while they are sent, and inert in a spreadsheet."""

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from starlette.responses import Response, StreamingResponse

from jitney.errors import NotFound

Row = Mapping[str, object]
"""One record by the names of the columns: texts, lists of texts, and mappings of texts."""

_FORMULA: Final = frozenset("=+-@\t\r\n|%" + "\uff1d\uff0b\uff0d\uff20")
"""What a spreadsheet takes a formula by, also in the wide letters that some turn into narrow ones."""


class FileForm(StrEnum):
    """In which form the records are sent."""

    CSV = "csv"
    JSON_LINES = "json-lines"


_TYPES: Final = {
    FileForm.CSV: ("text/csv; charset=utf-8; header=present", "csv"),
    FileForm.JSON_LINES: ("application/jsonl; charset=utf-8", "jsonl"),
}


def parse_form(unverified: str) -> FileForm:
    """Return the form that an address names; raises ``NotFound`` (``page_unknown``)."""
    try:
        return FileForm(unverified)
    except ValueError:
        raise NotFound("page_unknown", "There is nothing at this address.") from None


def send_file(
    name: str, form: FileForm, columns: Sequence[str], rows: AsyncIterator[Sequence[Row]]
) -> Response:
    """Return a file that is made while it is sent, a page at a time."""
    media_type, ending = _TYPES[form]
    lines = _csv_lines(columns, rows) if form is FileForm.CSV else _json_lines(columns, rows)
    headers = {
        "content-disposition": f'attachment; filename="jitney-{name}.{ending}"',
        "cache-control": "no-store",
    }
    return StreamingResponse(lines, media_type=media_type, headers=headers)


def inert(text: str) -> str:
    """Return a text as a spreadsheet shows it, and does not calculate it.

    The attack: somebody has the subject ``=HYPERLINK(…)`` at their provider; the auditor opens the file, and the
    spreadsheet sends the other rows away. So a cell that begins like a formula begins with an apostrophe instead
    (OWASP, CSV injection), and what could hide that beginning counts for nothing.
    """
    begins = text.lstrip(" \u00a0\ufeff\u200b")[:1]
    return f"'{text}" if text[:1] in _FORMULA or begins in _FORMULA else text


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case Mapping():
            return inert("; ".join(f"{name}: {text}" for name, text in value.items()))
        case list() | tuple():
            return inert("; ".join(str(each) for each in value))
        case _:
            return inert(str(value))


async def _csv_lines(columns: Sequence[str], rows: AsyncIterator[Sequence[Row]]) -> AsyncIterator[str]:
    yield _csv([columns])
    async for page in rows:
        yield _csv([[_cell(row[column]) for column in columns] for row in page])


def _csv(lines: Sequence[Sequence[str]]) -> str:
    """Write lines as RFC 4180 says; every cell is quoted, so that no text breaks out of its own."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(lines)
    return text.getvalue()


async def _json_lines(columns: Sequence[str], rows: AsyncIterator[Sequence[Row]]) -> AsyncIterator[str]:
    async for page in rows:
        told = [{column: row[column] for column in columns} for row in page]
        yield "".join(f"{json.dumps(one, ensure_ascii=False, separators=(',', ':'))}\n" for one in told)
