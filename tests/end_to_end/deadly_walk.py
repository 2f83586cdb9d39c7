"""A server that dies on a walk, and what becomes of answers that are brought to it again afterwards."""

import signal
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, Home
from tests.end_to_end.saml_visitor import BEGIN, SAMLVisitor, reason_of
from tests.servers.http_browser import Hop

_EFFECTS = ("users", "account_links", "user_attributes", "sessions", "codes", "token_families", "spent_once")
"""The tables in which a refused answer may change nothing; that it was refused is an outcome."""


async def die_on(home: Home, moment: str, walk: Callable[[], Awaitable[object]]) -> None:
    """Walk until the server has killed itself; fails where it never does."""
    (home.folder / "moment").write_text(moment)
    server = ForkedServer(home, dies=True)
    await server.start()
    try:
        try:
            await walk()
        except httpx.TransportError:
            reached = True
        else:
            reached = False
        assert reached, f"the moment “{moment}” was never reached:\n{server.log()}"
        assert -signal.SIGKILL == await server.ended(), server.log()
    finally:
        await server.stop()


async def commits_of(home: Home, walk: Callable[[], Awaitable[object]]) -> list[set[str]]:
    """Return what each commit of a walk changes."""
    notes = home.folder / "commits"
    notes.write_text("")
    await walk()
    return [set(line.split("+")) for line in notes.read_text().splitlines()]


async def check_refused(home: Home, visitor: SAMLVisitor, reason: str | None) -> None:
    """Post the answer that the browser was given before the kill, and see that it is refused without any effect."""
    if visitor.answer is None:
        assert "" == reason
        return
    before = await snapshot(home)
    hop = await visitor.bring(visitor.fields)
    assert (400, reason) == (hop.status, reason_of(hop))
    assert before == await snapshot(home)


async def snapshot(home: Home) -> list[list[tuple[Any, ...]]]:
    """Return everything that an answer can have an effect on."""
    tables = await fetch(home, *(f"SELECT * FROM {table}" for table in _EFFECTS))
    return [[tuple(row) for row in rows] for rows in tables]


async def at_once(*calls: Callable[[], Awaitable[Hop]]) -> list[Hop]:
    """Make all calls together; their answers in the same order."""
    hops: dict[int, Hop] = {}

    async def make(at: int, call: Callable[[], Awaitable[Hop]]) -> None:
        hops[at] = await call()

    async with anyio.create_task_group() as tasks:
        for at, call in enumerate(calls):
            tasks.start_soon(make, at, call)
    return [hops[at] for at in range(len(calls))]


def only_good(hops: list[Hop], reasons: set[str], *, to: str = SAMPLE_CALLBACK) -> Hop:
    """Return the only answer that leads on; all others refuse for one of the reasons."""
    good = [hop for hop in hops if (hop.location or "").startswith(to)]
    refused = [hop for hop in hops if hop.location is None]
    assert [1, len(hops) - 1] == [len(good), len(refused)], [(hop.status, hop.location) for hop in hops]
    assert set() == {reason_of(hop) for hop in refused} - reasons
    assert all(400 <= hop.status < 500 for hop in refused)
    return good[0]


def check_invited(hop: Hop) -> None:
    """See that an answer that nobody asked for leads to the application, and signs nobody in."""
    assert (hop.location or "").startswith(BEGIN), hop.text
    assert "session" not in hop.response.headers.get("set-cookie", "")
