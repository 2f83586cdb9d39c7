"""Which addresses may be called: those of the public internet, and no others (R-075).

A server that fetches what it is told to is a way into the network it stands in: the attacker names
``169.254.169.254`` and reads the cloud's keys, or ``127.0.0.1`` and speaks to the database (SSRF).
The tables stand here in full, since Python's own ``is_global`` differs between patch releases and takes
``::ffff:127.0.0.1``, ``2002:7f00:1::`` and ``64:ff9b::7f00:1`` for public addresses on some of them.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from jitney.outgoing.faults import fault

IPAddress = IPv4Address | IPv6Address

# IANA IPv4 special-purpose registry, and the metadata services that stand on public-looking addresses.
_REFUSED_V4 = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier_grade_nat"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "metadata"),
        ("169.254.0.0/16", "link_local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "reserved"),
        ("192.52.193.0/24", "reserved"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "reserved"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)

# Only 2000::/3 is handed out to the public; within it these are special.
_PUBLIC_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("2001::/23", "reserved"),  # with Teredo, benchmarking, ORCHID
        ("2001:db8::/32", "documentation"),
        ("2620:4f:8000::/48", "reserved"),
        ("3fff::/20", "documentation"),
    )
)
_NAMED_V6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "private"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link_local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")
_ISATAP_MARKS = (0x00005EFE, 0x02005EFE)


def check_address(address: str | IPAddress) -> None:
    """Refuse ``address`` (text, perhaps with a zone, or read already) unless it is public in every reading.

    Raises ``UpstreamUnavailable`` with ``upstream_address_refused``.
    """
    ip = parse_address(address) if isinstance(address, str) else address
    reason = "malformed" if ip is None else refusal_reason(ip)
    if reason is not None:
        raise fault("upstream_address_refused", address=str(address), reason=reason)


def parse_address(text: str) -> IPAddress | None:
    """Return the address that ``text`` spells in its one usual form, without its zone, or ``None``."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def refusal_reason(ip: IPAddress) -> str | None:
    """Return why ``ip`` may not be called, as a word in snake case; ``None`` when it may."""
    if isinstance(ip, IPv4Address):
        return _reason_in(_REFUSED_V4, ip)
    if (carried := next(_outer_carried(ip), None)) is not None:
        return refusal_reason(carried)
    if ip not in _PUBLIC_V6:
        return _reason_in(_NAMED_V6, ip) or "reserved"
    reason = _reason_in(_REFUSED_V6, ip)
    if reason is None:
        reason = next((why for inner in _inner_carried(ip) if (why := refusal_reason(inner))), None)
    return reason


def _outer_carried(ip: IPv6Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 address that ``ip`` merely spells: IPv4-mapped (RFC 4291) and NAT64 (RFC 6052)."""
    if ip in _MAPPED or ip in _NAT64:
        yield IPv4Address(int(ip) & 0xFFFFFFFF)


def _inner_carried(ip: IPv6Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses to which ``ip`` may be unwrapped: 6to4 (RFC 3056), ISATAP (RFC 5214)."""
    if ip in _6TO4:
        yield IPv4Address(int(ip) >> 80 & 0xFFFFFFFF)
    if int(ip) >> 32 & 0xFFFFFFFF in _ISATAP_MARKS:
        yield IPv4Address(int(ip) & 0xFFFFFFFF)


def _reason_in(
    table: Iterable[tuple[IPv4Network, str]] | Iterable[tuple[IPv6Network, str]], ip: IPAddress
) -> str | None:
    return next((reason for network, reason in table if ip in network), None)
