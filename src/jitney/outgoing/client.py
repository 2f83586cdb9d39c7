"""The one HTTP client for calls that leave the process (R-075, R-076, P-11)."""

import ssl
from collections import Counter
from collections.abc import Generator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import DefaultResolver

from jitney.errors import Overloaded
from jitney.outgoing.addresses import check_address
from jitney.outgoing.faults import fault
from jitney.outgoing.resolver import GuardedResolver
from jitney.outgoing.urls import HostPort, Target, parse_target

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
# Compressed answers are understood and bounded, but not asked for.
_ALWAYS: Final = {"User-Agent": "Jitney", "Accept-Encoding": "identity"}
_DNS_CACHE_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class OutgoingLimits:
    """How long, how large and how many.

    Times in seconds; ``connect_timeout`` covers waiting for a free connection, the look-up, TCP and TLS;
    ``total`` the whole call up to the last octet of the body.
    ``per_host`` and ``everywhere`` count connections; ``waiting_per_host`` counts calls,
    waiting ones included.
    """

    connect_timeout: float = 5
    total: float = 10
    max_bytes: int = 1024 * 1024
    per_host: int = 32
    everywhere: int = 256
    waiting_per_host: int = 128


@dataclass(frozen=True, slots=True)
class OutgoingResponse:
    """An answer, whole and within bounds, and not yet understood.

    ``content_type`` is the media type in lower case without parameters, empty when there is none.
    """

    status: int
    content_type: str
    body: bytes


class OutgoingClient:
    """Calls public ``https`` addresses, follows no redirect, keeps no cookie, reads no environment.

    ``allowed`` names the exact places that may also be called over ``http`` or at private addresses (test
    providers on loopback); it is explicit configuration and empty in production.
    ``extra_ca_file`` (PEM) is trusted beside the system's authorities.
    Use it as an async context manager, or call ``start`` and ``close``; one client serves the whole process.
    """

    def __init__(
        self,
        *,
        allowed: Set[HostPort] = frozenset(),
        limits: OutgoingLimits | None = None,
        extra_ca_file: Path | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._allowed = allowed
        self._limits = limits or OutgoingLimits()
        self._extra_ca_file = extra_ca_file
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._under_way: Counter[HostPort] = Counter()

    async def start(self) -> None:
        """Open the pool of connections, in the running event loop."""
        limits = self._limits
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._resolver or DefaultResolver(), self._allowed),
            ssl=_tls(self._extra_ca_file),
            limit=limits.everywhere,
            limit_per_host=limits.per_host,
            ttl_dns_cache=_DNS_CACHE_SECONDS,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=limits.total, connect=limits.connect_timeout, sock_connect=limits.connect_timeout
            ),
            headers=_ALWAYS,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections; calls under way fail."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def get_json(self, url: str, *, headers: Mapping[str, str] | None = None) -> OutgoingResponse:
        """Return the answer to ``GET url``, asking for JSON; see ``get_bytes``."""
        return await self.get_bytes(url, accept=_JSON, headers=headers)

    async def get_bytes(
        self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> OutgoingResponse:
        """Return the answer to ``GET url``, whatever its status, except for redirects.

        Raises ``UpstreamUnavailable`` with a code of ``faults.py``,
        or ``Overloaded`` (``upstream_overloaded``).
        """
        return await self._call("GET", url, {**(headers or {}), "Accept": accept}, None)

    async def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        *,
        accept: str = _JSON,
        headers: Mapping[str, str] | None = None,
    ) -> OutgoingResponse:
        """Return the answer to ``POST url`` with ``fields`` as a form, sent once; raises as ``get_bytes``."""
        body = urlencode(fields).encode("ascii")
        return await self._call(
            "POST", url, {**(headers or {}), "Accept": accept, "Content-Type": _FORM}, body
        )

    async def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> OutgoingResponse:
        if self._session is None:
            raise RuntimeError("the outgoing client has not been started")
        target = parse_target(url)
        self._check_target(target)
        _check_headers(headers)
        with self._place_in(target.host_port), _translated(target.host_port.host):
            async with self._session.request(
                method, target.url, headers=headers, data=body, allow_redirects=False
            ) as answer:
                return await self._read(answer)

    def _check_target(self, target: Target) -> None:
        """Refuse plain ``http``, and addresses written out, which no resolver ever sees, unless allowed."""
        if target.host_port in self._allowed:
            return
        if target.scheme != "https":
            raise fault("upstream_url_refused", flaw="scheme", host=target.host_port.host)
        if target.address is not None:
            check_address(target.address)

    @contextmanager
    def _place_in(self, host_port: HostPort) -> Generator[None]:
        """Hold a place in the host's waiting room: a dead host keeps only its own callers waiting (P-11)."""
        if self._under_way[host_port] >= self._limits.waiting_per_host:
            raise Overloaded(
                "upstream_overloaded", "Too many are waiting for the other side.", host=host_port.host
            )
        self._under_way[host_port] += 1
        try:
            yield
        finally:
            self._under_way[host_port] -= 1
            if not self._under_way[host_port]:
                del self._under_way[host_port]

    async def _read(self, answer: aiohttp.ClientResponse) -> OutgoingResponse:
        if 300 <= answer.status < 400:
            raise fault("upstream_redirect_refused", status=answer.status)
        largest = self._limits.max_bytes
        if (answer.content_length or 0) > largest:
            raise fault("upstream_answer_too_large", announced=answer.content_length)
        chunks: list[bytes] = []
        octets = 0
        # The chunks come decompressed, each of bounded size:
        # a small answer that unfolds into a large one ends here.
        while chunk := await answer.content.readany():
            octets += len(chunk)
            if octets > largest:
                raise fault("upstream_answer_too_large", limit=largest)
            chunks.append(chunk)
        media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return OutgoingResponse(answer.status, media_type, b"".join(chunks))


@contextmanager
def _translated(host: str) -> Generator[None]:
    """Let no exception of the HTTP library out."""
    try:
        yield
    except TimeoutError as error:
        raise fault("upstream_timeout", host=host) from error
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise fault("upstream_tls_failed", host=host, error=type(error).__name__) from error
    except aiohttp.InvalidURL as error:
        raise fault("upstream_url_refused", host=host) from error
    except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError) as error:
        raise fault("upstream_answer_malformed", host=host, error=type(error).__name__) from error
    except (aiohttp.ClientError, OSError) as error:
        raise fault("upstream_unreachable", host=host, error=type(error).__name__) from error


def _check_headers(headers: Mapping[str, str]) -> None:
    """Refuse values that would not stay one line: a token of theirs is a header of ours a moment later."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise fault("upstream_header_refused", header=name)


@cache
def _tls(extra_ca_file: Path | None) -> ssl.SSLContext:
    # To read the system's authorities takes longer than to open everything else.
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if extra_ca_file is not None:
        context.load_verify_locations(cafile=extra_ca_file)
    return context
