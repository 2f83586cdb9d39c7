"""The one way in which a bearer secret is turned into what we keep of it (R-126)."""

import hashlib


def hash_secret(token: str) -> str:
    """Return the SHA-256 of a random bearer secret as 64 hex digits.

    Only for secrets with at least 128 bits of chance: a password needs ``Passwords`` instead.
    """
    return hashlib.sha256(token.encode()).hexdigest()
