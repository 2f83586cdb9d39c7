r"""Read the URL of an outgoing call strictly, into the one meaning it may have.

Two readers of one URL that differ are a hole: ``https://good.example\@10.0.0.1/`` is one host to the
checker and another to the caller.
So whatever any two readers could differ about is refused, and the HTTP library is asked whether it agrees.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from yarl import URL

from jitney.outgoing.addresses import IPAddress, parse_address
from jitney.outgoing.faults import fault

URL_MAX_CHARACTERS = 2048

# The characters of RFC 3986 without the fragment's mark.
# re.A: without it, ignoring case lets the Kelvin sign pass for a k and the long s for an s.
_SHAPE = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]+)(?P<rest>(?:[/?][!$-;=?-\[\]_a-z~]*)?)", re.A | re.I
)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[0-9a-z._-]+)(?::(?P<port>[0-9]{1,5}))?", re.A | re.I)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*{_LABEL}")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class HostPort(NamedTuple):
    """Where a call goes: a name or an address in lower case (IPv6 without brackets), and a port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that has one reading; ``address`` is set when its host is an address rather than a name."""

    url: URL
    scheme: str
    host_port: HostPort
    address: IPAddress | None


# Endpoints are few and called again and again.
@lru_cache(maxsize=512)
def parse_target(unverified_url: str) -> Target:
    """Return the target that ``unverified_url`` (absolute, ``http`` or ``https``, ASCII) names.

    Raises ``UpstreamUnavailable`` with ``upstream_url_refused``, whose detail ``flaw`` says what is wrong.
    Whether the scheme and the address are allowed is for the client.
    """
    if len(unverified_url) > URL_MAX_CHARACTERS:
        raise fault("upstream_url_refused", flaw="length")
    shape = _SHAPE.fullmatch(unverified_url)
    if shape is None:
        raise fault("upstream_url_refused", flaw="shape")
    scheme = shape["scheme"].lower()
    host_port = parse_host_port(shape["authority"], default_port=_DEFAULT_PORTS[scheme])
    url = URL(unverified_url, encoded=True)
    if (url.scheme, url.host, url.port, url.user) != (scheme, *host_port, None):
        raise fault("upstream_url_refused", flaw="ambiguous")
    return Target(url, scheme, host_port, parse_address(host_port.host))


def parse_host_port(text: str, *, default_port: int | None = None) -> HostPort:
    """Return what ``host:port`` names (IPv6 in brackets); the port may lack only where there is a default.

    Raises ``UpstreamUnavailable`` with ``upstream_url_refused``.
    """
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        raise fault("upstream_url_refused", flaw="authority")
    port = int(match["port"]) if match["port"] else default_port
    if port is None or not 0 < port < 65536:
        raise fault("upstream_url_refused", flaw="port")
    host = match["host"].lower()
    bare = host.strip("[]")
    if not (_is_address(host, bare) if host[0] == "[" or _looks_numeric(host) else _NAME.fullmatch(host)):
        raise fault("upstream_url_refused", flaw="host")
    return HostPort(bare, port)


def _is_address(host: str, bare: str) -> bool:
    address = parse_address(bare)
    return address is not None and (address.version == 6) == (host[0] == "[")


def _looks_numeric(host: str) -> bool:
    """Tell whether a reader may take ``host`` for an IPv4 address, as one does ``2130706433``, ``0x7f.1``."""
    return _NUMBER.fullmatch(host.rpartition(".")[2]) is not None
