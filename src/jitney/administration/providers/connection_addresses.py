"""Which addresses a connection to an identity provider may name (pure)."""

from urllib.parse import SplitResult, urlsplit

LONGEST = 2000
"""Characters of the longest address that is taken."""


def find_issuer_fault(url: str, *, http_allowed: bool) -> str | None:
    """Say what is wrong with the address of an issuer or an origin, ``None`` where it is sound."""
    if fault := find_endpoint_fault(url, http_allowed=http_allowed):
        return fault
    return "The address holds no user name, query or fragment." if "?" in url else None


def find_endpoint_fault(url: str, *, http_allowed: bool) -> str | None:
    """Say what is wrong with the address of an endpoint, which may have a query; ``None`` where it is sound.

    The attack: an address which an operator reads as one place and our client takes to another
    (``https://login.acme.example@evil.example``), or on whose way anybody reads along (``http://``).
    """
    parts = split(url)
    if parts is None:
        return "This is no address."
    if parts.scheme != "https" and not (http_allowed and parts.scheme == "http"):
        return "The address begins with https://."
    if "@" in parts.netloc or "#" in url:
        return "The address holds no user name, query or fragment."
    return None


def find_origin_fault(url: str, *, http_allowed: bool) -> str | None:
    """Say what is wrong with an origin, ``None`` where it is sound."""
    if fault := find_issuer_fault(url, http_allowed=http_allowed):
        return fault
    return "An origin has no path and no slash at its end." if urlsplit(url).path else None


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of a sound address: what makes two addresses the same place."""
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}
    return parts.scheme, parts.hostname or "", parts.port or usual.get(parts.scheme)


def split(url: str) -> SplitResult | None:
    """Return the parts of a complete address, ``None`` where it is none."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None
