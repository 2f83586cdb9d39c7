"""Reading forms: bounded in size, number and time, each name once."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from jitney.errors import InvalidInput
from jitney.web.kit.forms import BODY_LIMIT, FIELD_LIMIT, read_body, read_form, read_query

pytestmark = pytest.mark.anyio


def posted(
    *chunks: bytes, kind: bytes = b"application/x-www-form-urlencoded; charset=utf-8", then: Any = None
) -> Request:
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting.append(then or {"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Any:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", kind)],
        "query_string": chunks[0],
    }
    return Request(scope, receive)


async def test_form_is_read_whole() -> None:
    """R-127: the positive twin: a form at both limits is read, in whatever pieces it comes."""
    assert {"a": "1", "b": "ü", "c": ""} == await read_form(posted(b"a=1&b=%", b"C3%BC&c="))
    many = b"&".join(b"p%d=" % number for number in range(FIELD_LIMIT))
    assert FIELD_LIMIT == len(await read_form(posted(many)))
    assert BODY_LIMIT == len(await read_body(posted(b"x" * BODY_LIMIT)))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"a=1&a=2", "parameter_repeated"),
        (b"&".join(b"p%d=" % number for number in range(FIELD_LIMIT + 1)), "parameters_malformed"),
        (b"a=%FF", "parameters_malformed"),
        (b"a=\xc3\xbc", "parameters_malformed"),
        (b"a=%00", "parameters_malformed"),
        (b"%00=a", "parameters_malformed"),
    ],
)
async def test_malformed_parameters_are_refused(body: bytes, code: str) -> None:
    """R-089, R-127: doubled, too many, no UTF-8, or a NUL: refused, in a form and in an address alike."""
    with pytest.raises(InvalidInput) as in_form:
        await read_form(posted(body))
    with pytest.raises(InvalidInput) as in_query:
        read_query(posted(body))
    assert [code, code] == [in_form.value.code, in_query.value.code]


@pytest.mark.parametrize(
    "kind", [b"", b"application/json", b"multipart/form-data; boundary=x", b"text/plain"]
)
async def test_body_that_is_no_form_is_refused(kind: bytes) -> None:
    """R-089: "non-form bodies are refused"."""
    with pytest.raises(InvalidInput) as refused:
        await read_form(posted(b"a=1", kind=kind))
    assert "body_not_a_form" == refused.value.code


async def test_body_in_pieces_is_bounded_as_a_whole() -> None:
    """R-127: a body without a stated length is cut off where it grows too large."""
    with pytest.raises(InvalidInput) as refused:
        await read_body(posted(b"x" * BODY_LIMIT, b"x"))
    assert "body_too_large" == refused.value.code


async def test_body_that_does_not_come_is_not_waited_for() -> None:
    """R-127: "slow-client time-outs": a trickle holds its place no longer than the deadline."""
    trickle = posted(b"a", then={"type": "http.request", "body": b"b", "more_body": True})
    with pytest.raises(InvalidInput) as refused:
        await read_body(trickle, seconds=0)
    assert "body_too_slow" == refused.value.code


async def test_browser_that_hangs_up_is_no_bug() -> None:
    """R-128: a body that ends in the middle is a named refusal."""
    with pytest.raises(InvalidInput) as refused:
        await read_body(posted(b"a", then={"type": "http.disconnect"}))
    assert "body_cut_short" == refused.value.code
