"""Numbers of a user store that must lie within bounds, and certificates that must be certificates (pure)."""

import re
import ssl
from collections.abc import Iterator

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\n.+?\n-----END CERTIFICATE-----", re.DOTALL)
MOST_CERTIFICATES = 50_000
"""Characters of all certificates of a store together."""


def find_bound_faults(record: object, **bounds: tuple[float, float]) -> Iterator[tuple[str, str]]:
    """Tell which of these fields lie outside their bounds; nothing waits or grows without end."""
    for field, (least, most) in bounds.items():
        value = getattr(record, field)
        if not least <= value <= most:
            yield field, f"This is {least:g} to {most:g}."


def find_certificate_fault(pem: str) -> str | None:
    """Say what is wrong with certificates in PEM, ``None`` where nothing is."""
    if "PRIVATE KEY" in pem:
        return "This holds a private key. Only the certificate of the authority belongs here."
    if len(pem) > MOST_CERTIFICATES:
        return f"The certificates have at most {MOST_CERTIFICATES} characters together."
    if _CERTIFICATE.search(pem.replace("\r\n", "\n")) is None:
        return "This is no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----."
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError):
        return "These certificates cannot be read; one of them is damaged."
    return None
