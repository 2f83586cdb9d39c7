"""Addresses in the settings that a browser is sent to or shown: which of them are fit for it."""

from urllib.parse import SplitResult, urlsplit

from jitney.settings.findings import Findings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are this machine."""


def check_page_address(path: str, url: str | None, findings: Findings, *, strict: bool) -> str | None:
    """Return the address of a page that browsers are sent to in the middle of a sign-in, or ``None``.

    It is https; http is for this machine, in the development profile.
    The attack (R-106): ``javascript:`` runs where it is followed, and a name before ``@`` makes one host look
    like another.
    """
    if url is None:
        return None
    parts = _split(url)
    is_local = parts is not None and parts.scheme == "http" and parts.hostname in LOOPBACK and not strict
    if parts is None or parts.fragment or "#" in url or not (parts.scheme == "https" or is_local):
        allowed = "an https address without a #fragment, or http://localhost… in the development profile"
        findings.refuse(path, "Browsers cannot be sent to this address.", found=url, allowed=allowed)
    return url


def check_shown_address(path: str, url: str, findings: Findings) -> str:
    """Return an address that people may follow from a page or a receipt; empty stays empty."""
    parts = _split(url)
    if url and (parts is None or parts.scheme not in ("https", "http")):
        findings.refuse(
            path, "This is no address of a page.", found=url, allowed="an https or http address"
        )  # fmt: skip
    return url


def _split(url: str) -> SplitResult | None:
    """Take an address apart; ``None`` where it has no host, names a user, or holds what addresses do not."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    printable = url.isascii() and url.isprintable() and not set(url) & set(' "<>\\^`{|}')
    return parts if printable and parts.hostname and "@" not in parts.netloc else None
