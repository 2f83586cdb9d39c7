"""Chance that is counted: every value is new, and the same in every run. For tests only: anybody can guess it."""

import base64
import hashlib
import uuid

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class CountedEntropy:
    """Derives each value from a seed and a number that counts up."""

    def __init__(self, seed: str = "jitney") -> None:
        self._seed = seed
        self._count = 0

    def token(self) -> str:
        """Return 43 characters of base64url."""
        return base64.urlsafe_b64encode(self._next()).decode().rstrip("=")

    def id(self) -> str:
        """Return an id in the form of a UUID 4, lower case."""
        return str(uuid.UUID(bytes=self._next()[:16], version=4))

    def reference(self) -> str:
        """Return eight characters as ``K7QF-2M9D``."""
        letters = "".join(_ALPHABET[byte & 31] for byte in self._next()[:8])
        return f"{letters[:4]}-{letters[4:]}"

    def _next(self) -> bytes:
        self._count += 1
        return hashlib.sha256(f"{self._seed} {self._count}".encode()).digest()
