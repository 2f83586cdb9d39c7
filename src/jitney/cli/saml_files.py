"""Certificates as they stand in files: one after the other, each in PEM."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


def split_certificates(text: str) -> tuple[str, ...]:
    """Return the certificates of a PEM text one by one, in their order; none where it cannot be read."""
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return ()
    return tuple(one.public_bytes(Encoding.PEM).decode("ascii") for one in found)
