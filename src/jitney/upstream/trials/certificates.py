"""What is told of a certificate: whose it is, its key, and until when it says that it is good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from jitney.model.diagnosis import Step
from jitney.upstream.saml.credentials import (
    UnusableCredentialError,
    find_certificate_notes,
    read_certificate,
    read_certificate_key,
)
from jitney.upstream.trials.steps import bad, doubtful, good

SOON: Final = timedelta(days=30)
_NAME_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What stands in a certificate; ``key`` says kind and size (``RSA 2048``).

    ``fingerprint`` is SHA-256 over the whole certificate, in hexadecimal digits.
    """

    name: str
    key: str
    expires: datetime
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.name}, {self.key}, until {self.expires:%Y-%m-%d}"


def expiry_of(pem: str) -> datetime | None:
    """Return until when a certificate is valid, ``None`` where it cannot be read."""
    told = find_facts(pem)
    return None if told is None else told.expires


def find_facts(pem: str) -> CertificateFacts | None:
    """Return what stands in a certificate, ``None`` where it cannot be read."""
    try:
        return facts_of(read_certificate(pem))
    except UnusableCredentialError:
        return None


def split_certificates(text: str) -> tuple[str, ...]:
    """Return the certificates of a PEM text one by one, in their order; none where it cannot be read."""
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return ()
    return tuple(one.public_bytes(Encoding.PEM).decode("ascii") for one in found)


@dataclass(frozen=True, slots=True)
class CertificateReading:
    """Reads certificates for doors that may not know how."""

    def find_facts(self, pem: str) -> CertificateFacts | None:
        """Return what stands in a certificate, ``None`` where it cannot be read."""
        return find_facts(pem)

    def split(self, text: str) -> tuple[str, ...]:
        """Return the certificates of a PEM text one by one; none where it cannot be read."""
        return split_certificates(text)


def facts_of(certificate: x509.Certificate) -> CertificateFacts:
    """Return what an operator may compare with what the provider shows; raises ``UnusableCredentialError``."""
    try:
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        name = str(names[0].value) if names else certificate.subject.rfc4514_string()
        fingerprint = certificate.fingerprint(SHA256()).hex()
        ends = certificate.not_valid_after_utc
        return CertificateFacts(name[:_NAME_SHOWN], _key_of(certificate), ends, fingerprint)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # A certificate is parsed bit by bit, as it is asked: one that was read may still be broken inside.
        raise UnusableCredentialError("certificate_unreadable") from error


def judge_certificate(step: str, pem: str, *, now: datetime) -> Step:
    """Return what a certificate of the provider is good for.

    A date on it keeps nobody out (what counts is that it was configured), but tells that a new one is to come.
    """
    try:
        read_certificate_key(pem)
        told = facts_of(read_certificate(pem))
        notes = find_certificate_notes(pem, now=now)
    except UnusableCredentialError as flaw:
        return bad(
            step, f"A certificate {flaw}: ask the provider for another one.", "provider_certificate_unfit"
        )
    if "certificate_expired" in notes:
        sentence = f"Has expired: {told}. Is it the one that the provider signs with today?"
        return doubtful(step, sentence, "provider_certificate_expired")
    if told.expires <= now + SOON:
        sentence = f"Expires soon: {told}. Ask the provider for the next one."
        return doubtful(step, sentence, "provider_certificate_expires_soon")
    return good(step, f"{told}.")


def _key_of(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    return f"EC {key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else "another kind of key"
