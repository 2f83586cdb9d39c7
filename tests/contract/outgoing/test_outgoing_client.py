"""The outgoing client against real servers on loopback, honest and hostile."""

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from tests.contract.outgoing.conftest import echo_server, falls_silent_after, raw_server, says

from jitney.errors import Overloaded, UpstreamUnavailable
from jitney.outgoing.client import OutgoingClient, OutgoingLimits, OutgoingResponse
from jitney.outgoing.resolver import GuardedResolver
from jitney.outgoing.urls import HostPort

pytestmark = pytest.mark.anyio

QUICK = OutgoingLimits(connect_timeout=0.3, total=0.3)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Answers(AbstractResolver):
    """A resolver whose answers are given beforehand: one list of addresses per look-up, the last one repeated."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_UNSPEC) -> list[ResolveResult]:
        addresses = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


@asynccontextmanager
async def client_for(*places: HostPort, **options) -> AsyncIterator[OutgoingClient]:
    async with OutgoingClient(allowed=frozenset(places), **options) as client:
        yield client


async def reason(call) -> str:
    with pytest.raises(UpstreamUnavailable) as refused:
        await call
    return refused.value.code


async def answer_to(octets: bytes, **options) -> OutgoingResponse:
    async with raw_server(says(octets)) as place, client_for(place, **options) as client:
        return await client.get_json(f"http://127.0.0.1:{place.port}/x")


async def test_a_form_is_posted_and_json_is_fetched():
    """R-075: an allowed place answers with status, media type and body; we say what we accept."""
    async with echo_server() as echo, client_for(HostPort("127.0.0.1", echo.port)) as client:
        url = f"http://127.0.0.1:{echo.port}"
        posted = await client.post_form(
            f"{url}/token", {"code": "a&b", "x": "é"}, headers={"Authorization": "Basic eA=="}
        )
        fetched = await client.get_json(f"{url}/keys?a=%2Fb")
    assert OutgoingResponse(200, "application/json", b'{"ok": true}') == posted == fetched
    (method, path, headers, body), (_, query, _, _) = echo.requests
    assert ("POST", "/token", "code=a%26b&x=%C3%A9") == (method, path, body)
    assert "/keys?a=%2Fb" == query
    assert ("application/json", "application/x-www-form-urlencoded", "Basic eA==", "Jitney") == (
        headers["Accept"],
        headers["Content-Type"],
        headers["Authorization"],
        headers["User-Agent"],
    )


async def test_no_cookie_comes_back():
    """R-075: a cookie that a provider sets is never sent again."""
    async with echo_server() as echo, client_for(HostPort("127.0.0.1", echo.port)) as client:
        await client.get_json(f"http://127.0.0.1:{echo.port}/a")
        await client.get_json(f"http://127.0.0.1:{echo.port}/b")
    assert [False, False] == ["Cookie" in headers for _, _, headers, _ in echo.requests]


async def test_the_environments_proxy_is_not_used(monkeypatch):
    """R-075: HTTP_PROXY in the environment diverts nothing."""
    async with echo_server() as proxy, echo_server() as echo:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with client_for(HostPort("127.0.0.1", echo.port)) as client:
            await client.get_json(f"http://127.0.0.1:{echo.port}/a")
    assert (0, 1) == (len(proxy.requests), len(echo.requests))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_loopback_is_called_only_where_it_is_allowed(host):
    """R-076: the allow entry is one exact host and port; without it nothing reaches the server."""
    async with echo_server() as echo:
        url = f"http://{host}:{echo.port}/"
        async with client_for(HostPort(host, echo.port)) as client:
            assert 200 == (await client.get_json(url)).status
        async with client_for(HostPort(host, echo.port + 1), HostPort("other", echo.port)) as client:
            assert "upstream_url_refused" == await reason(client.get_json(url))
            secure = f"https://{host}:{echo.port}/"
            assert "upstream_address_refused" == await reason(client.get_json(secure))
    assert 1 == len(echo.requests)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254", "10.0.0.1"]
)
async def test_an_address_written_out_is_checked(host):
    """R-075: the HTTP library resolves no literal address, so that we check it ourselves."""
    async with client_for() as client:
        assert "upstream_address_refused" == await reason(client.get_json(f"https://{host}/"))


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:10.0.0.1"], ["fe80::1%lo"]]
)
async def test_every_address_of_a_name_is_checked(addresses):
    """R-075: one bad address among good ones refuses the name."""
    async with client_for(resolver=Answers(addresses)) as client:
        assert "upstream_address_refused" == await reason(client.get_json("https://evil.test/"))


async def test_a_name_that_turns_inward_is_refused_at_the_second_look():
    """R-075: DNS rebinding: each look-up is checked, and its very answer is what is connected to."""
    backend = Answers(["8.8.8.8"], ["127.0.0.1"])
    resolver = GuardedResolver(backend, frozenset())
    assert ["8.8.8.8"] == [found["host"] for found in await resolver.resolve("evil.test", 443)]
    assert "upstream_address_refused" == await reason(resolver.resolve("evil.test", 443))
    assert 2 == backend.asked


async def test_a_name_is_connected_to_at_the_address_that_was_checked(authority):
    """R-075: the name is looked up once per connection, and never behind the resolver's back."""
    async with echo_server(authority.server_tls) as echo:
        backend = Answers(["127.0.0.1"], ["192.0.2.1"])
        place = HostPort("idp.test", echo.port)
        async with client_for(place, resolver=backend, extra_ca_file=authority.ca_file) as client:
            assert 200 == (await client.get_json(f"https://idp.test:{echo.port}/")).status
        assert 1 == backend.asked
        async with client_for(resolver=backend, extra_ca_file=authority.ca_file) as client:
            code = await reason(client.get_json(f"https://idp.test:{echo.port}/"))
    assert ("upstream_address_refused", 1) == (code, len(echo.requests))


async def test_tls_is_verified(authority, stranger):
    """R-075: a trusted certificate for the name is accepted; an unknown authority or another name is not."""
    async with echo_server(authority.server_tls) as good, echo_server(stranger.server_tls) as bad:
        places = [
            HostPort(host, server.port) for host in ("idp.test", "other.test") for server in (good, bad)
        ]
        options = {"resolver": Answers(["127.0.0.1"]), "extra_ca_file": authority.ca_file}
        async with client_for(*places, **options) as client:
            assert 200 == (await client.get_json(f"https://idp.test:{good.port}/")).status
            for url in (f"https://idp.test:{bad.port}/", f"https://other.test:{good.port}/"):
                assert "upstream_tls_failed" == await reason(client.get_json(url))
        async with client_for(*places, resolver=Answers(["127.0.0.1"])) as client:
            assert "upstream_tls_failed" == await reason(client.get_json(f"https://idp.test:{good.port}/"))
    assert (1, 0) == (len(good.requests), len(bad.requests))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status):
    """R-075: no redirects, not even to the same place."""
    async with echo_server() as echo:
        head = f"HTTP/1.1 {status} Go\r\nLocation: http://127.0.0.1:{echo.port}/\r\nContent-Length: 0\r\n\r\n"
        async with (
            raw_server(says(head.encode())) as place,
            client_for(place, HostPort("127.0.0.1", echo.port)) as client,
        ):
            code = await reason(client.get_json(f"http://127.0.0.1:{place.port}/"))
    assert ("upstream_redirect_refused", []) == (code, echo.requests)


async def test_an_answer_of_any_other_status_comes_back():
    """An error answer of the other side is theirs to explain and the caller's to read."""
    octets = (
        b"HTTP/1.1 400 Bad\r\nContent-Type: Application/JSON; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert OutgoingResponse(400, "application/json", b"{}") == await answer_to(octets)


def framed(body: bytes, *, encoding: str = "") -> bytes:
    named = f"Content-Encoding: {encoding}\r\n".encode() if encoding else b""
    return HEAD + named + b"Content-Length: %d\r\n\r\n" % len(body) + body


def unframed(body: bytes) -> bytes:
    return HEAD + b"Connection: close\r\n\r\n" + body


def chunked(body: bytes) -> bytes:
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize("frame", [framed, unframed, chunked])
async def test_an_answer_is_bounded_however_it_is_framed(frame):
    """R-075: at most the limit, announced or not; exactly the limit is accepted."""
    limits = OutgoingLimits(max_bytes=100_000)
    assert b"x" * 100_000 == (await answer_to(frame(b"x" * 100_000), limits=limits)).body
    assert "upstream_answer_too_large" == await reason(answer_to(frame(b"x" * 100_001), limits=limits))


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_compressed_bomb_is_defused(encoding, pack):
    """R-075: the bound holds after decompression; a small compressed answer is read."""
    small, bomb = pack(b"x" * 1000), pack(b"\0" * 64 * 1024 * 1024)
    assert b"x" * 1000 == (await answer_to(framed(small, encoding=encoding))).body
    assert len(bomb) < 1024 * 1024
    assert "upstream_answer_too_large" == await reason(answer_to(framed(bomb, encoding=encoding)))


@pytest.mark.parametrize(
    "octets",
    [
        b"\x16\x03\x01 no http at all\r\n\r\n",
        b"HTTP/1.1 200\0 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 100\r\n\r\nhalf",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        framed(b"no gzip", encoding="gzip"),
    ],
)
async def test_garbage_is_malformed(octets):
    """R-128: half an answer, or none at all, is one fault with a name."""
    assert b"{}" == (await answer_to(framed(b"{}"))).body
    assert "upstream_answer_malformed" == await reason(answer_to(octets))


async def test_a_hang_up_without_a_word_is_unreachable():
    """A closed port and a connection that ends at once are both unreachable."""
    assert "upstream_unreachable" == await reason(answer_to(b""))
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        place = HostPort("127.0.0.1", closed.getsockname()[1])
        async with client_for(place) as client:
            assert "upstream_unreachable" == await reason(client.get_json(f"http://127.0.0.1:{place.port}/"))


async def test_an_unknown_name_is_unreachable():
    """A name without an address is unreachable, not a crash."""
    async with client_for() as client:
        assert "upstream_unreachable" == await reason(client.get_json("https://no-such-name.invalid/"))


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", HEAD + b"Content-Length: 100\r\n\r\nhalf"])
async def test_silence_ends_at_the_deadline(start):
    """R-075, P-11: whoever stops talking at any point costs the total deadline and no more."""
    async with raw_server(falls_silent_after(start)) as place, client_for(place, limits=QUICK) as client:
        assert "upstream_timeout" == await reason(client.get_json(f"http://127.0.0.1:{place.port}/"))


async def test_a_trickle_ends_at_the_deadline():
    """R-075: an octet now and then does not stretch the total deadline."""

    async def trickle(reader, writer):
        writer.write(HEAD + b"Content-Length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with raw_server(trickle) as place, client_for(place, limits=QUICK) as client:
        assert "upstream_timeout" == await reason(client.get_json(f"http://127.0.0.1:{place.port}/"))


async def test_one_silent_host_keeps_nobody_else_waiting():
    """P-11: while every place of one host is taken, its next caller is shed at once and another host answers."""
    limits = OutgoingLimits(per_host=2, waiting_per_host=3, everywhere=4)
    async with raw_server(falls_silent_after(b"")) as silent, echo_server() as echo:
        lively = HostPort("127.0.0.1", echo.port)
        async with client_for(silent, lively, limits=limits) as client, asyncio.TaskGroup() as group:
            url = f"http://127.0.0.1:{silent.port}/"
            stuck = [group.create_task(client.get_json(url)) for _ in range(3)]
            await asyncio.sleep(0)
            with pytest.raises(Overloaded) as shed:
                await client.get_json(url)
            assert "upstream_overloaded" == shed.value.code
            assert 200 == (await client.get_json(f"http://127.0.0.1:{echo.port}/")).status
            for task in stuck:
                task.cancel()


async def test_a_caller_who_leaves_frees_the_place():
    """P-11: places are given back after a refusal, a time-out and an answer alike."""
    limits = OutgoingLimits(connect_timeout=0.1, total=0.1, waiting_per_host=1)
    async with raw_server(falls_silent_after(b"")) as silent, client_for(silent, limits=limits) as client:
        url = f"http://127.0.0.1:{silent.port}/"
        codes = [await reason(client.get_json(url)) for _ in range(3)]
    assert ["upstream_timeout"] * 3 == codes


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "é", "a\0"])
async def test_a_value_that_breaks_the_line_is_not_sent(value):
    """R-128: a token of theirs with a line break becomes no second header of ours."""
    async with echo_server() as echo, client_for(HostPort("127.0.0.1", echo.port)) as client:
        url = f"http://127.0.0.1:{echo.port}/"
        assert 200 == (await client.get_json(url, headers={"Authorization": "Bearer a b"})).status
        code = await reason(client.get_json(url, headers={"Authorization": f"Bearer {value}"}))
    assert ("upstream_header_refused", 1) == (code, len(echo.requests))


async def test_one_connection_serves_many_calls():
    """Connections are kept: ten calls in a row need one."""
    connections = 0

    async def answer_all(reader, writer):
        nonlocal connections
        connections += 1
        while True:
            writer.write(framed(b"{}"))
            await reader.readuntil(b"\r\n\r\n")

    async with raw_server(answer_all) as place, client_for(place) as client:
        for _ in range(10):
            await client.get_json(f"http://127.0.0.1:{place.port}/")
    assert 1 == connections


async def test_a_fault_tells_nothing_that_was_sent():
    """R-123: neither the fault's sentence nor its details hold a query, a header or a body."""
    async with raw_server(says(b"garbage with canary-answer\r\n\r\n")) as place, client_for(place) as client:
        with pytest.raises(UpstreamUnavailable) as refused:
            await client.post_form(
                f"http://127.0.0.1:{place.port}/token?q=canary-query",
                {"code": "canary-body"},
                headers={"Authorization": "canary-header"},
            )
    assert "canary" not in repr(refused.value)
