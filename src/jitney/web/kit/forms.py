"""Reads what a browser sent, bounded, and refuses what came twice."""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from jitney.errors import InvalidInput
from jitney.web.kit.long_forms import FORM_FIELD_LIMIT, too_many_fields

BODY_LIMIT = 64 * 1024
MESSAGE_LIMIT = 512 * 1024
"""For SAML messages, which are larger: 256 KiB of XML in base64, as a form (R-058)."""
FORM_LIMIT = 1024 * 1024
"""For the forms of the console, which carry metadata documents, pictures and templates."""
FIELD_LIMIT = 100
BODY_SECONDS = 10.0
"""How long a body may take to arrive as a whole."""

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")
"""What may part the parts of a form (RFC 2046, 5.1.1)."""
_OCTETS = "latin-1"
"""The encoding in which each octet is one sign."""


def body_limit(path: str) -> int:
    """Return how many octets a body may have at this address (R-127)."""
    if path.startswith("/console/"):
        return FORM_LIMIT
    return MESSAGE_LIMIT if path.startswith("/saml/") else BODY_LIMIT


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as a browser sent it; its name is whatever the browser says."""

    name: str
    content: bytes = field(repr=False)


async def read_upload(http: Request) -> tuple[Mapping[str, str], Mapping[str, UploadedFile]]:
    """Return the fields and the files of a posted form, ``multipart/form-data`` (RFC 7578) or as ``read_form``.

    A file that was not chosen is left out, and a name stands for one field or for one file.
    Raises as ``read_form`` does.
    """
    content_type = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "multipart/form-data":
        return await read_form(http), {}
    parts = await _parse_parts(http, await read_body(http))
    names = [(name, "") for name, value in parts if isinstance(value, str) or value.filename]
    texts = [(name, value) for name, value in parts if isinstance(value, str)]
    files = {name: value for name, value in parts if isinstance(value, UploadFile) and value.filename}
    if any("\0" in text for pair in (*names, *texts) for text in pair):
        raise _malformed()
    single_fields(names)
    read = {name: UploadedFile(file.filename or "", await file.read()) for name, file in files.items()}
    return dict(texts), read


async def _parse_parts(http: Request, body: bytes) -> list[tuple[str, str | UploadFile]]:
    """Take the body apart; its texts are UTF-8, whatever the browser says.

    The attack: the header names an encoding under which the library raises what nobody expects, or makes texts
    that no database takes; so it reads octets, of which we make the texts.
    """

    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        parser = MultiPartParser(
            _in_octets(http), once(), max_files=4, max_fields=FORM_FIELD_LIMIT, max_part_size=FORM_LIMIT
        )
        parts = (await parser.parse()).multi_items()
        return [(_text(name), _text(value) if isinstance(value, str) else value) for name, value in parts]
    except MultiPartException as fault:
        # The library tells this apart from a body that cannot be read by its sentence alone.
        raise too_many_fields() if fault.message.startswith("Too many fields") else _malformed() from fault
    except (FormParserError, KeyError, ValueError) as fault:
        raise _malformed() from fault


def _in_octets(http: Request) -> Headers:
    """Return the header by which each octet of a text is read as one sign; raises ``KeyError``, ``ValueError``."""
    _, stated = parse_options_header(http.headers["content-type"])
    boundary = stated[b"boundary"].decode("ascii")
    if not _BOUNDARY.fullmatch(boundary):
        raise ValueError("no boundary")
    return Headers({"content-type": f'multipart/form-data; boundary="{boundary}"; charset={_OCTETS}'})


def _text(octets: str) -> str:
    """Return what the octets say; raises ``UnicodeDecodeError``."""
    return octets.encode(_OCTETS).decode("utf-8")


async def read_form(http: Request) -> Mapping[str, str]:
    """Return the fields of a posted form, each at most once.

    Raises ``InvalidInput``: ``body_not_a_form``, ``parameters_malformed``, ``parameter_repeated``,
    ``too_many_fields`` (of a form of the console), and as ``read_body`` does (R-089, R-127).
    """
    content_type = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise InvalidInput("body_not_a_form", "What was sent is not a form.")
    path = http.scope.get("path", "")
    if not path.startswith("/console/"):
        return single_fields(parse_pairs(await read_body(http)))
    body = await read_body(http)
    if body.count(b"&") >= FORM_FIELD_LIMIT:
        raise too_many_fields()
    return single_fields(parse_pairs(body, most=FORM_FIELD_LIMIT))


async def read_body(http: Request, *, seconds: float = BODY_SECONDS) -> bytes:
    """Return the body, bounded in size and in time.

    The attack: a body that comes a byte a minute holds its place until nobody else gets one.
    Raises ``InvalidInput``: ``body_too_large``, ``body_too_slow``, ``body_cut_short``.
    """
    body, limit = bytearray(), body_limit(http.scope.get("path", ""))
    try:
        async with asyncio.timeout(seconds):
            async for chunk in http.stream():
                body += chunk
                if len(body) > limit:
                    raise InvalidInput("body_too_large", "What was sent is too large.")
    except TimeoutError as fault:
        raise InvalidInput("body_too_slow", "What was sent took too long to arrive.") from fault
    except ClientDisconnect as fault:
        raise InvalidInput("body_cut_short", "What was sent did not arrive as a whole.") from fault
    return bytes(body)


def parse_pairs(raw: bytes, *, most: int = FIELD_LIMIT) -> list[tuple[str, str]]:
    """Turn a query or a form body into pairs, in order.

    A NUL is refused here, since no database of ours takes one.
    Raises ``InvalidInput`` ``parameters_malformed``.
    """
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=most,
        )
    except ValueError as fault:
        raise _malformed() from fault
    if any("\0" in text for pair in pairs for text in pair):
        raise _malformed()
    return pairs


def _malformed() -> InvalidInput:
    return InvalidInput("parameters_malformed", "The parameters cannot be understood.")


def single_fields(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    """Return the pairs as a mapping; raises ``InvalidInput`` ``parameter_repeated`` for a name that came twice."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InvalidInput("parameter_repeated", "A parameter was sent twice.")
    return fields


def read_query(http: Request) -> Mapping[str, str]:
    """Return the parameters of the address, each at most once; raises as ``single_fields`` does."""
    return single_fields(parse_pairs(http.scope["query_string"]))
