"""The real clock, and real chance."""

import secrets
import uuid
from datetime import UTC, datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a person can read it aloud."""


class SystemClock:
    """The wall clock of this machine."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)


class SystemEntropy:
    """The operating system's chance."""

    def token(self) -> str:
        """Return 256 random bits as 43 characters of base64url."""
        return secrets.token_urlsafe(32)

    def id(self) -> str:
        """Return a random id (UUID 4, lower case)."""
        return str(uuid.uuid4())

    def reference(self) -> str:
        """Return eight random characters as ``K7QF-2M9D``: 40 bits."""
        chance = secrets.randbits(40)
        letters = "".join(_ALPHABET[chance >> shift & 31] for shift in range(0, 40, 5))
        return f"{letters[:4]}-{letters[4:]}"
