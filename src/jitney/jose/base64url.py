"""Base64url without padding (RFC 7515 section 2), in exactly one spelling per value."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(octets: bytes) -> bytes:
    """Return ``octets`` as base64url without padding, in ASCII."""
    return urlsafe_b64encode(octets).rstrip(b"=")


def decode(segment: bytes) -> bytes:
    """Return the octets of ``segment``; raise ``ValueError`` unless it is the one canonical spelling of them.

    Python's decoder skips foreign characters, takes both alphabets and ignores left-over bits, so that one
    token would have many spellings: a revoked or used token could come back under another name.
    Encoding again and comparing refuses all of them at once.
    """
    octets = urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    if encode(octets) != segment:
        raise ValueError("not canonical base64url")
    return octets
