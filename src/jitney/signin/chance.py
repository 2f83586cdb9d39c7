"""Chance: as many random octets as it takes, from the tokens that the entropy gives."""

from base64 import urlsafe_b64decode

from jitney.ports import Entropy


def random_octets(entropy: Entropy, count: int) -> bytes:
    """Return so many random octets; each token holds 32."""
    octets = b""
    while len(octets) < count:
        octets += urlsafe_b64decode(entropy.token() + "=")
    return octets[:count]
