"""The edge: what holds for every request, whatever door it is for."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from jitney.errors import NotAllowed
from jitney.testing.counted_entropy import CountedEntropy
from jitney.web.kit.edge import Edge
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.render import Pages

pytestmark = pytest.mark.anyio


def edge_over(app: Any, **more: Any) -> Edge:
    return Edge(app, ErrorPages(Pages(secure=True), CountedEntropy()), secure=True, **more)


def client_of(edge: Edge) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="https://id.example")


def raising(fault: Exception) -> Any:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise fault

    return app


async def good(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("good")(scope, receive, send)


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (NotAllowed("form_forged", "No."), 403, "form_forged"),
        (ZeroDivisionError("the story"), 500, "internal_error"),
        (RecursionError("the story"), 500, "internal_error"),
        (HTTPException(404), 404, None),
    ],
)
async def test_whatever_is_raised_denies(fault: Exception, status: int, reason: str | None) -> None:
    """R-024: "Any exception … denies"; what nobody named is told with a reference and without its story."""
    async with client_of(edge_over(raising(fault))) as client:
        answer = await client.get("/x")
    assert (status, reason) == (answer.status_code, answer.headers.get("jitney-reason"))
    assert "the story" not in answer.text


async def test_too_many_at_once_are_shed_before_any_work() -> None:
    """R-127, R-151: "overload sheds with 503 + Retry-After before work starts"; then there is room again."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    served: list[str] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        served.append(scope["path"])
        begun.set()
        await go_on.wait()
        await good(scope, receive, send)

    async with client_of(edge_over(slow, most_at_once=1)) as client:
        first = asyncio.create_task(client.get("/first"))
        await begun.wait()
        shed = await client.get("/second")
        go_on.set()
        assert 200 == (await first).status_code
        assert 200 == (await client.get("/third")).status_code
    assert (503, "5", "too_many_requests") == (
        shed.status_code, shed.headers["retry-after"], shed.headers["jitney-reason"],
    )  # fmt: skip
    assert ["/first", "/third"] == served


@pytest.mark.parametrize(
    ("length", "status"), [("65536", 200), ("65537", 400), ("9" * 5000, 400), ("-1", 400), ("x", 400)]
)
async def test_stated_length_is_bounded(length: str, status: int) -> None:
    """R-127: a body that says it is too large is refused before it is read."""
    async with client_of(edge_over(good)) as client:
        answer = await client.post("/", headers={"content-length": length})
    assert status == answer.status_code


async def test_head_reaches_no_door() -> None:
    """R-018, R-104: HEAD is answered at the edge."""
    async with client_of(edge_over(raising(AssertionError("a door was opened")))) as client:
        answer = await client.head("/callback/acme?state=x")
    assert (405, "GET, POST") == (answer.status_code, answer.headers["allow"])


async def test_web_socket_is_hung_up_on() -> None:
    """R-128: what no door expects ends here, and not in a broken worker."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await edge_over(raising(AssertionError()))({"type": "websocket", "path": "/"}, receive, send)
    assert ["websocket.close"] == [message["type"] for message in sent]


async def test_answer_that_has_begun_is_not_painted_over() -> None:
    """R-024: a page that breaks in the middle stays broken, and does not end as a good one."""

    async def half(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    await edge_over(half)(scope, receive=None, send=send)  # pyright: ignore[reportArgumentType]
    assert ["http.response.start"] == [message["type"] for message in sent]
