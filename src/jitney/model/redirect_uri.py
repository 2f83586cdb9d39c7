"""The rule for redirect URIs: what may be registered, and what equals what is registered."""

import re
from typing import NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from jitney.errors import InvalidInput

MAX_LENGTH = 2000
"""More characters than any honest redirect URI has; browsers cut addresses not far above."""

_PRINTABLE_ASCII = re.compile(r"[\x21-\x7e]+")
_DNS_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)
_HIDDEN = re.compile(r"%(?:[01][0-9a-f]|7f|5c)", re.IGNORECASE)
_PRIVATE_USE = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:/(?!/).*", re.IGNORECASE)
_LOOPBACK_ADDRESSES = frozenset({"127.0.0.1", "::1"})
_LOOPBACK_URI = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?([/?].*)?")


def redirect_uri_matches(registered: str, given: str) -> bool:
    """Say whether ``given`` is the ``registered`` redirect URI (R-078, RFC 9700 2.1).

    The two must be equal character by character: nothing is decoded, lower-cased or completed.
    The one exception is the port of ``http://127.0.0.1`` and ``http://[::1]`` (RFC 8252 7.3): a native
    application listens on whatever port the system gave it.

    The attack: a prefix, a pattern or a normalisation is accepted "to be helpful", and a code is sent to
    ``https://app.example.attacker.net`` or to an open redirector below the registered path.
    """
    if registered == given:
        return True
    ours, theirs = _LOOPBACK_URI.fullmatch(registered), _LOOPBACK_URI.fullmatch(given)
    return ours is not None and theirs is not None and ours.groups() == theirs.groups()


def check_redirect_uri_registration(uri: str, *, public: bool = False) -> None:
    r"""Refuse a redirect URI that may not be registered (R-078); return nothing for a good one.

    ``public`` lets in the private-use schemes of native applications, a domain name in reverse
    (``com.example.app:/callback``, RFC 8252 7.1).
    Raises ``InvalidInput``, whose code begins with ``redirect_uri_`` and names the rule that was broken.

    The attack: an address which a person reads as one place and a browser takes to another
    (``https://app.example@evil.example``, ``https://app.example\@evil.example``,
    ``http://localhost.evil.example``),
    or which is no place at all but a program (``javascript:``).
    """
    if not uri or len(uri) > MAX_LENGTH or _PRINTABLE_ASCII.fullmatch(uri) is None:
        _refuse("characters", "A redirect URI is printable ASCII without spaces, at most 2000 characters.")
    if "\\" in uri:
        _refuse("backslash", "A redirect URI holds no backslash.")
    if "*" in uri:
        _refuse("wildcard", "A redirect URI is matched exactly, so it holds no wildcard.")
    if "#" in uri:
        _refuse("fragment", "A redirect URI has no fragment.")
    if _HIDDEN.search(uri):
        _refuse("characters", "A redirect URI hides no control character or backslash behind %.")
    if public and _PRIVATE_USE.fullmatch(uri):
        return
    parts = _split(uri)
    _check_scheme(parts)
    _check_authority(parts)
    _check_path(parts.path)


def _split(uri: str) -> SplitResult:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        _refuse("malformed", "A redirect URI is a complete address, such as https://app.example/callback.")
    if not parts.hostname or not parts.scheme or "://" not in uri:
        _check_scheme(parts)
        _refuse("malformed", "A redirect URI is a complete address, such as https://app.example/callback.")
    return parts


def _check_scheme(parts: SplitResult) -> None:
    if parts.scheme not in ("https", "http"):
        _refuse("scheme", "A redirect URI begins with https://, or http:// for this machine itself.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK_ADDRESSES | {"localhost"}:
        _refuse("scheme", "A redirect URI begins with https:// unless its host is this machine.")


def _check_authority(parts: SplitResult) -> None:
    if "@" in parts.netloc:
        _refuse("userinfo", "A redirect URI holds no user name or password.")
    host = parts.hostname or ""
    is_name = _DNS_NAME.fullmatch(host) is not None and len(host) <= 253
    if host not in _LOOPBACK_ADDRESSES and not is_name:
        _refuse("host", "The host of a redirect URI is a plain DNS name, without a dot at its end.")
    if host.startswith("localhost.") or parts.netloc.endswith(":"):
        _refuse("host", "The host of a redirect URI looks like another one.")


def _check_path(path: str) -> None:
    segments = unquote(unquote(path)).replace("\\", "/").split("/")
    if "." in segments or ".." in segments:
        _refuse("dot_segments", "The path of a redirect URI holds no . or .. segment, encoded or not.")


def _refuse(rule: str, sentence: str) -> NoReturn:
    raise InvalidInput(f"redirect_uri_{rule}", sentence, fields={"redirect_uri": sentence})
