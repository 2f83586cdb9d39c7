"""Reads what a browser sent, bounded, and refuses what came twice."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from jitney.errors import InvalidInput

BODY_LIMIT = 64 * 1024
MESSAGE_LIMIT = 512 * 1024
"""For SAML messages, which are larger: 256 KiB of XML in base64, as a form (R-058)."""
FIELD_LIMIT = 100
BODY_SECONDS = 10.0
"""How long a body may take to arrive as a whole."""


def body_limit(path: str) -> int:
    """Return how many octets a body may have at this address (R-127)."""
    return MESSAGE_LIMIT if path.startswith("/saml/") else BODY_LIMIT


async def read_form(http: Request) -> Mapping[str, str]:
    """Return the fields of a posted form, each at most once.

    Raises ``InvalidInput``: ``body_not_a_form``, ``parameters_malformed``, ``parameter_repeated``, and as
    ``read_body`` does (R-089, R-127).
    """
    content_type = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise InvalidInput("body_not_a_form", "What was sent is not a form.")
    return single_fields(parse_pairs(await read_body(http)))


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


def parse_pairs(raw: bytes) -> list[tuple[str, str]]:
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
            max_num_fields=FIELD_LIMIT,
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
