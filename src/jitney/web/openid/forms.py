"""Read a posted form as pairs, or as fields that are not empty."""

from collections.abc import Mapping

from starlette.requests import Request

from jitney.errors import InvalidInput
from jitney.web.kit.forms import BODY_LIMIT, parse_pairs, single_fields

_FORM = "application/x-www-form-urlencoded"


async def read_pairs(http: Request) -> list[tuple[str, str]]:
    """Return the pairs of a form in order, doubled names and all.

    Raises ``InvalidInput`` ``body_not_a_form``, ``body_too_large``, ``parameters_malformed`` (R-089, R-127).
    """
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise InvalidInput("body_not_a_form", "What was sent is not a form.")
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise InvalidInput("body_too_large", "What was sent is too large.")
    return parse_pairs(bytes(body))


async def read_fields(http: Request) -> Mapping[str, str]:
    """Return the fields of a form, each at most once; empty ones count as absent (RFC 6749 section 3.2).

    Raises as ``read_pairs``, and ``parameter_repeated``.
    """
    return {name: value for name, value in single_fields(await read_pairs(http)).items() if value}
