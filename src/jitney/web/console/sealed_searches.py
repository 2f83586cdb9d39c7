"""Sealed searches: what somebody looks for stands in the address of its answer, where nobody can read it (R-123).

A token is a nonce of 12 octets with the ciphertext and the tag of AES-256-GCM behind it, as base64url.
"""

import binascii
import json
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jitney.errors import InvalidInput
from jitney.ports import Entropy

PARAMETER: Final = "search"
"""The parameter that holds a sealed search."""

MOST_TYPED: Final = 1_500
"""Octets of a search as an operator types it: the longest subject fits, with all other fields."""
MOST_SEALED: Final = 2_880
"""Octets of a search with where its page begins: an address stays below 4 kB, as everything on the way takes it."""

_STEP: Final = 64
"""A search is filled up to a multiple of this, so that the length of an address does not tell that of a name."""
_NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class SealedSearches:
    """Seals the fields of a search for one page, and opens them there; ``key`` is the server's own.

    The attack: whoever reads the log of a proxy, the history of a browser or the address that a page was reached
    from learns whom operators look for, by name, address and subject.

    The page is part of the seal: a token of one page is worth nothing at another.
    Neither the operator nor the browser is, and it has no end: an address is kept as a bookmark and passed to a
    colleague, who signs in, and needs the right that the page asks for (R-110).
    There it finds what that operator would find who typed the same, and it changes nothing (R-104).
    The key comes from the master key that stays the last in the list, so that every process opens the addresses of
    the others, also after a new master key was taken into use.
    """

    key: bytes = field(repr=False)
    entropy: Entropy

    def address(self, page: str, fields: Mapping[str, str]) -> str:
        """Return the address of the page with this search; raises ``InvalidInput`` (``search_too_long``)."""
        return f"{page}?{PARAMETER}={self.seal(page, fields)}" if fields else page

    def seal(self, page: str, fields: Mapping[str, str]) -> str:
        """Return the token of a search; raises ``InvalidInput`` (``search_too_long``)."""
        text = _written(fields)
        if len(text) > MOST_SEALED:
            raise too_long(fields)
        nonce = urlsafe_b64decode(self.entropy.token() + "=")[:_NONCE]
        filled = text.ljust(-(-len(text) // _STEP) * _STEP)
        return _base64(nonce + self._cipher().encrypt(nonce, filled, page.encode()))

    def open(self, page: str, unverified: str) -> Mapping[str, str]:
        """Return the fields of a search; raises ``InvalidInput`` (``search_unknown``).

        The attack: somebody changes a token, or writes one, to see how it is taken; whatever is not ours, whole and
        of this page, is one and the same.
        """
        try:
            sealed = b64decode(unverified + "=" * (-len(unverified) % 4), altchars=b"-_", validate=True)
            text = self._cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], page.encode())
            is_whole = _base64(sealed) == unverified
        except (binascii.Error, InvalidTag, ValueError) as fault:
            raise unknown() from fault
        if not is_whole:
            raise unknown()
        return json.loads(text)

    def is_ours(self, page: str, unverified: str) -> bool:
        """Say whether we have sealed this for the page."""
        try:
            self.open(page, unverified)
        except InvalidInput:
            return False
        return True

    def _cipher(self) -> AESGCM:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"jitney/console search")
        return AESGCM(derived.derive(self.key))


def check_length(fields: Mapping[str, str]) -> None:
    """Refuse what nobody types to find somebody; raises ``InvalidInput`` (``search_too_long``)."""
    if len(_written(fields)) > MOST_TYPED:
        raise too_long(fields)


def too_long(fields: Mapping[str, str]) -> InvalidInput:
    """Return the fault of a search whose longest field is too long."""
    longest = max(fields, key=lambda name: len(fields[name]))
    return InvalidInput(
        "search_too_long",
        "This cannot be searched for.",
        fields={longest: "This is longer than anything that can be found by it."},
    )


def unknown() -> InvalidInput:
    """Return the fault of an address whose search cannot be read."""
    return InvalidInput(
        "search_unknown",
        "The address of this page holds no search that can be read here. Please type what you look for again.",
    )


def _written(fields: Mapping[str, str]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
