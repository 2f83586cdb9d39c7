"""Names and filters: the only place where DNs and filters are put together (R-041; RFC 4512, 4514, 4515).

The attack: somebody calls themselves ``x)(uid=*`` or ``x,ou=admins``, and where a text is merely pasted into
a filter or a DN, the directory finds, binds or makes somebody else.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from jitney.errors import Misconfigured
from jitney.userstores.ldap.wire.library import LIBRARY

RDN = tuple[tuple[str, str], ...]
"""One part of a DN: attributes in lower case with their bare values."""

_ATTRIBUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+)(?:;[A-Za-z0-9-]+)*")
# Letters outside ASCII stay as they are in both languages; of ASCII only what means nothing anywhere.
_SPECIAL_IN_DN = re.compile(r"[^A-Za-z0-9._@/|~^\x80-\U0010ffff-]")
_SPECIAL_IN_FILTER = re.compile(r"[\x00-\x1f\x7f*()\\]")


def equality(attribute: str, value: str | bytes) -> str:
    """Return the filter that an attribute has exactly this value, as the directory compares values of it."""
    return f"({_attribute(attribute)}={escaped_in_filter(value)})"


def present(attribute: str) -> str:
    """Return the filter that an attribute has a value."""
    return f"({_attribute(attribute)}=*)"


def all_of(*filters: str) -> str:
    """Return the filter that all of these hold."""
    return filters[0] if len(filters) == 1 else f"(&{''.join(filters)})"


def any_of(filters: Sequence[str]) -> str:
    """Return the filter that one of these holds."""
    return filters[0] if len(filters) == 1 else f"(|{''.join(filters)})"


def filled(pattern: str, value: str) -> str:
    """Return an operator's filter with ``?`` replaced by a value, which stays one value whatever it holds."""
    return pattern.replace("?", escaped_in_filter(value))


def escaped_in_filter(value: str | bytes) -> str:
    """Return a value as it stands in a filter (RFC 4515 3); raw octets are all written in hex."""
    if isinstance(value, bytes):
        return _in_hex(value)
    return _SPECIAL_IN_FILTER.sub(_escaped, value)


def escaped_in_dn(value: str) -> str:
    """Return a value as it stands in a DN (RFC 4514 2.4)."""
    return _SPECIAL_IN_DN.sub(_escaped, value)


def dn_of_new(name: str, *, attribute: str, base: str, pattern: str | None) -> str:
    """Return the DN of a new entry: the pattern with ``{0}`` replaced by the name, or right below the base."""
    if pattern is not None:
        return pattern.replace("{0}", escaped_in_dn(name))
    return f"{_attribute(attribute)}={escaped_in_dn(name)},{base}"


def dn_by_guid(guid: str) -> str:
    """Return what Active Directory takes for a DN wherever an entry stands now (MS-ADTS 3.1.1.3.1.2.4)."""
    return f"<GUID={UUID(guid)}>"


def parse_dn(dn: str) -> tuple[RDN, ...]:
    """Return the parts of a DN as a directory sent it, the innermost first; none of what is no DN."""
    try:
        parts = LIBRARY.dn.str2dn(dn)
    except (LIBRARY.LDAPError, ValueError):
        return ()
    return tuple(tuple((attribute.lower(), value) for attribute, value, _ in part) for part in parts)


def parent_of(dn: str) -> str:
    """Return the DN that stands right above another; empty where there is none, or of what is no DN."""
    try:
        return str(LIBRARY.dn.dn2str(LIBRARY.dn.str2dn(dn)[1:]))
    except (LIBRARY.LDAPError, ValueError):
        return ""


def is_below(dn: tuple[RDN, ...], base: str) -> bool:
    """Say whether a DN stands below a base, their values compared without case."""
    parts = _base(base)
    return len(dn) > len(parts) and _folded(dn)[len(dn) - len(parts) :] == parts


def is_attribute(text: str) -> bool:
    """Say whether a text is an attribute's name or number, with options if there are any (RFC 4512 2.5)."""
    return _ATTRIBUTE.fullmatch(text) is not None


@lru_cache(maxsize=256)
def _base(dn: str) -> list[list[tuple[str, str]]]:
    return _folded(parse_dn(dn))


def _folded(dn: tuple[RDN, ...]) -> list[list[tuple[str, str]]]:
    return [sorted((attribute, value.lower()) for attribute, value in part) for part in dn]


def _attribute(name: str) -> str:
    """Return an attribute's name; refuse what is more than a name, though settings are checked before."""
    if not is_attribute(name):
        raise Misconfigured(
            "user_store_attribute_malformed",
            "A user store names an attribute that cannot be one.",
            path="user_store",
        )
    return name


def _escaped(special: re.Match[str]) -> str:
    return _in_hex(special[0].encode())


def _in_hex(octets: bytes) -> str:
    return "".join(f"\\{octet:02x}" for octet in octets)
