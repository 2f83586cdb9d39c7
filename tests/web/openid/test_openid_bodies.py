"""Bodies that come too slowly, or not as a whole, at the OpenID endpoints."""

import anyio
import pytest
from starlette.requests import Request
from starlette.types import Message

from jitney.errors import InvalidInput
from jitney.web.openid.forms import read_pairs

pytestmark = pytest.mark.anyio

FORM = b"application/x-www-form-urlencoded"
FIRST_HALF: Message = {"type": "http.request", "body": b"grant_type=", "more_body": True}
SECOND_HALF: Message = {"type": "http.request", "body": b"refresh_token", "more_body": False}
GONE: Message = {"type": "http.disconnect"}


def arriving(*messages: Message) -> Request:
    """Return a posted form whose body arrives in these messages; after them nothing comes, for ever."""
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await anyio.sleep_forever()
        return waiting.pop(0)

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", FORM)]}, receive)


async def test_body_that_never_ends_is_given_up() -> None:
    """R-127: whoever sends a byte and then nothing does not hold a place at an OpenID endpoint for ever."""
    assert [("grant_type", "refresh_token")] == await read_pairs(arriving(FIRST_HALF, SECOND_HALF))
    with anyio.fail_after(5), pytest.raises(InvalidInput) as refused:
        await read_pairs(arriving(FIRST_HALF), seconds=0)
    assert "body_too_slow" == refused.value.code


async def test_sender_who_hangs_up_is_no_bug_of_ours() -> None:
    """R-128: a body that is cut short is refused by its name, and nobody looks for a bug."""
    with pytest.raises(InvalidInput) as refused:
        await read_pairs(arriving(FIRST_HALF, GONE))
    assert "body_cut_short" == refused.value.code
