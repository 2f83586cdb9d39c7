"""Where a user store is reached: its URL taken apart, and what is wrong with one (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from jitney.model.user_store_record import TLSMode

DIRECTORY_PORTS: Mapping[str, int] = {"ldaps": 636, "ldap": 389}
DATABASE_PORTS: Mapping[str, int] = {"postgresql": 5432, "mariadb": 3306}
FILE = "sqlite"
"""The scheme of a database that is a file: nobody is connected to, so nothing needs protection on the way."""

_HINTS = {
    "jdbc": "Write the address without jdbc:, such as postgresql://user@host:5432/database.",
    "http": "A user store is reached by ldaps:// or by the address of a database.",
    "https": "A user store is reached by ldaps:// or by the address of a database.",
    "ldapi": "A directory is reached by a network address: ldaps://host or ldap://host.",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Who is connected to, as far as a secret depends on it (R-044)."""

    scheme: str
    host: str
    port: int | None
    user: str


def scheme_of(url: str) -> str:
    """Return the scheme of a URL in lower case, empty where there is none."""
    return url.partition(":")[0].lower() if ":" in url else ""


def address_of(url: str) -> Address:
    """Return whom a URL leads to; a file is told by its path, and what cannot be read by its own text."""
    scheme = scheme_of(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return Address(scheme, url, None, "")
    if scheme == FILE:
        return Address(scheme, parts.path, None, "")
    usual = {**DIRECTORY_PORTS, **DATABASE_PORTS}.get(scheme)
    return Address(scheme, (parts.hostname or "").lower(), port or usual, unquote(parts.username or ""))


def find_directory_url_fault(url: str) -> str | None:
    """Say what is wrong with the address of a directory, ``None`` where nothing is."""
    parts = _split(url, DIRECTORY_PORTS)
    if isinstance(parts, str):
        return parts
    if parts.path.strip("/") or parts.username is not None:
        return "A directory's address is ldaps://host:port alone: base and account have their own fields."
    return None


def find_database_url_fault(url: str) -> str | None:
    """Say what is wrong with the address of a database, ``None`` where nothing is."""
    if scheme_of(url) == FILE:
        return _file_fault(url)
    parts = _split(url, DATABASE_PORTS)
    if isinstance(parts, str):
        return parts
    if not parts.username:
        return f"The user is missing, such as in {parts.scheme}://user@host/database."
    if parts.password is not None:
        return "The password does not stand in the address: it has a field of its own, which is encrypted."
    if not parts.path.strip("/") or "/" in parts.path.strip("/"):
        return f"The database is missing, such as in {parts.scheme}://user@host/database."
    return None


def find_tls_fault(scheme: str, tls: TLSMode, *, plain_allowed: bool) -> str | None:
    """Say why a connection of this scheme may not be protected in this way (R-043).

    The attack: whoever sits on the way to an unprotected store reads every password that is checked there, and
    answers in its name that anybody is anybody.
    """
    if scheme == FILE:
        return None
    if scheme == "ldaps" and tls is not TLSMode.TLS:
        return "An ldaps:// address has tls = tls: the connection is protected from its first byte."
    if scheme == "ldap" and tls is TLSMode.TLS:
        return "An ldap:// address needs tls = starttls; for TLS from the first byte write ldaps://."
    if scheme in DATABASE_PORTS and tls is TLSMode.START_TLS:
        return "A database has tls = tls; starttls is for directories."
    if tls is TLSMode.NONE and not plain_allowed:
        return "A connection without TLS is for development alone: passwords would be read on the way."
    return None


def _split(url: str, ports: Mapping[str, int]) -> SplitResult | str:
    """Take a URL with a host apart, or say what is wrong with it."""
    scheme = scheme_of(url)
    if scheme not in ports:
        known = " or ".join(f"{one}://" for one in ports)
        return f"The address begins with {known}. {_HINTS.get(scheme, '')}".strip()
    if not url.isprintable() or " " in url:
        return "An address holds no spaces and nothing that cannot be seen."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This address cannot be read."
    if not parts.hostname or port == 0:
        return f"The host is missing, such as in {scheme}://host.example:{ports[scheme]}."
    if parts.query or parts.fragment:
        return "Options do not stand in the address; each has a field of its own."
    return parts


def _file_fault(url: str) -> str | None:
    path = url.partition(":")[2]
    if not path.startswith("////") or not path[4:] or not url.isprintable():
        return "A file is named from the root of the disk, such as sqlite:////var/lib/people.db."
    if "?" in path or "#" in path:
        return "Options do not stand in the address; each has a field of its own."
    return None
