"""Whether a browser is in one of the networks that a rule names (pure)."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

_MAPPED = IPv6Network("::ffff:0:0/96")


def read_address(text: str | None) -> IPAddress | None:
    """Return the address that ``text`` spells, ``None`` where it spells none.

    The attack: somebody comes over a socket that shows IPv4 addresses as IPv6 (``::ffff:10.0.0.1``, RFC 4291
    2.5.5.2), and no rule about their network knows them; so such an address is the IPv4 address inside.
    """
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    inside = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return inside or address


def read_network(text: str) -> IPNetwork | None:
    """Return the network that ``text`` spells, as in ``10.0.0.0/8``; ``None`` where it spells none.

    A network with bits beyond its length is none, since it is not clear what was meant; nor is one of IPv4-mapped
    addresses, in which nobody would ever be.
    """
    try:
        network = ip_network(text)
    except ValueError:
        return None
    return None if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED) else network


def is_in_one(address: str | None, networks: Iterable[str]) -> bool | None:
    """Say whether the address is in one of the networks; ``None`` where that cannot be known (R-024)."""
    ip = read_address(address)
    if ip is None:
        return None
    found = [network if network is None else ip in network for network in map(read_network, networks)]
    if True in found:
        return True
    return None if None in found else False
