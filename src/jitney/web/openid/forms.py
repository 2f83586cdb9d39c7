"""Read a posted form as pairs, or as fields that are not empty."""

from collections.abc import Mapping

from starlette.requests import Request

from jitney.errors import InvalidInput
from jitney.web.kit.forms import BODY_SECONDS, parse_pairs, read_body, single_fields

_FORM = "application/x-www-form-urlencoded"


async def read_pairs(http: Request, *, seconds: float = BODY_SECONDS) -> list[tuple[str, str]]:
    """Return the pairs of a form in order, doubled names and all.

    Raises ``InvalidInput`` ``body_not_a_form``, ``parameters_malformed``, and as ``read_body`` does
    (R-089, R-127).
    """
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise InvalidInput("body_not_a_form", "What was sent is not a form.")
    return parse_pairs(await read_body(http, seconds=seconds))


async def read_fields(http: Request) -> Mapping[str, str]:
    """Return the fields of a form, each at most once; empty ones count as absent (RFC 6749 section 3.2).

    Raises as ``read_pairs``, and ``parameter_repeated``.
    """
    return {name: value for name, value in single_fields(await read_pairs(http)).items() if value}
