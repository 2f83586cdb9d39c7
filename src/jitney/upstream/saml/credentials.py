"""Certificates and key pairs: read with all that we demand of them, and our own ones made."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import NameOID
from signxml.algorithms import SignatureMethod

from jitney.model.saml_connection import SAMLCredential

RSA_LEAST_BITS: Final = 2048
RSA_OWN_BITS: Final = 3072
OWN_YEARS: Final = 10

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_BY_CURVE: Final = {
    "secp256r1": SignatureMethod.ECDSA_SHA256,
    "secp384r1": SignatureMethod.ECDSA_SHA384,
    "secp521r1": SignatureMethod.ECDSA_SHA512,
}
_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "SHA1": hashes.SHA1,
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}
VERIFIED_METHODS: Final = frozenset(
    {
        SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512,
        SignatureMethod.ECDSA_SHA256, SignatureMethod.ECDSA_SHA384, SignatureMethod.ECDSA_SHA512,
    }
)  # fmt: skip
"""How a query may be signed; RSA with SHA-1 only where the settings take that risk."""


class UnusableCredentialError(Exception):
    """A certificate or key does not do; ``flaw`` is a word of ``FLAWS``."""

    def __init__(self, flaw: str) -> None:
        super().__init__(FLAWS[flaw])
        self.flaw = flaw


FLAWS: Final = {
    "certificate_unreadable": "is not one certificate in PEM",
    "certificate_key_unfit": f"holds a key that is neither RSA of {RSA_LEAST_BITS} bits or more nor ECDSA "
    "on P-256, P-384 or P-521",
    "key_unreadable": "has a private key that is not one unencrypted PEM key",
    "key_of_another_certificate": "has a private key that does not belong to its certificate",
}
"""What may be wrong, each as the end of a sentence about the certificate or key pair."""


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key pair of ours that is fit to sign with; made by ``read_credential`` alone.

    ``certificate`` is PEM; ``method`` is the signature's algorithm, which the kind of key decides.
    """

    certificate: str
    method: SignatureMethod
    private: PrivateKey = field(repr=False)

    @property
    def decrypts(self) -> bool:
        """Say whether others can encrypt for it: RSA keys only (R-069)."""
        return isinstance(self.private, rsa.RSAPrivateKey)

    def sign(self, octets: bytes) -> bytes:
        """Return the signature as XML Signature writes it: of ECDSA ``r`` and ``s`` side by side."""
        digest = _hash_of(self.method)
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(octets, padding.PKCS1v15(), digest)
        r, s = decode_dss_signature(self.private.sign(octets, ec.ECDSA(digest)))
        size = _coordinate_octets(self.private.curve)
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def read_credential(credential: SAMLCredential, *, is_checked: bool = False) -> OwnKey:
    """Return a key pair of ours, ready to sign; raises ``UnusableCredentialError``.

    ``is_checked``: it was read in full before it was stored, and rests sealed; then the arithmetic of an RSA key is
    not proven again, which takes a tenth of a second of everybody's time.
    """
    public = read_certificate_key(credential.certificate)
    try:
        private = serialization.load_pem_private_key(
            credential.private_key.encode(), password=None, unsafe_skip_rsa_key_validation=is_checked
        )
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableCredentialError("key_unreadable") from error
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise UnusableCredentialError("key_unreadable")
    if private.public_key() != public:
        raise UnusableCredentialError("key_of_another_certificate")
    return OwnKey(credential.certificate, _method_of(private), private)


def read_certificate_key(pem: str) -> PublicKey:
    """Return the key of a certificate, if we may trust its strength; raises ``UnusableCredentialError``.

    Of a certificate only the key counts: that it was configured is what makes it trusted,
    and a date or an authority on it makes it neither more nor less so.
    """
    try:
        key = read_certificate(pem).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableCredentialError("certificate_key_unfit") from error
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) and is_strong(key):
        return key
    raise UnusableCredentialError("certificate_key_unfit")


def is_strong(key: PublicKey) -> bool:
    """Say whether we may trust the strength of a key."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= RSA_LEAST_BITS and key.public_numbers().e >= 3
    return key.curve.name in _BY_CURVE


def read_certificate(pem: str) -> x509.Certificate:
    """Return the one certificate in a PEM text; raises ``UnusableCredentialError``."""
    try:
        certificates = x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, x509.InvalidVersion) as error:
        raise UnusableCredentialError("certificate_unreadable") from error
    if len(certificates) != 1:
        raise UnusableCredentialError("certificate_unreadable")
    return certificates[0]


def certificate_from_der(der: bytes) -> str:
    """Return a certificate as metadata and signatures hold it as PEM; raises ``UnusableCredentialError``."""
    try:
        return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM).decode("ascii")
    except (ValueError, x509.InvalidVersion) as error:
        raise UnusableCredentialError("certificate_unreadable") from error


def certificate_to_der(pem: str) -> bytes:
    """Return a certificate in PEM as metadata and signatures hold it; raises ``UnusableCredentialError``."""
    return read_certificate(pem).public_bytes(serialization.Encoding.DER)


def find_certificate_notes(pem: str, *, now: datetime) -> tuple[str, ...]:
    """Return what an operator may want to know of a certificate, though it does no harm: words, none if well.

    ``certificate_expired``, ``certificate_not_yet_valid``, ``certificate_signed_with_sha1``.
    Raises ``UnusableCredentialError``.
    """
    certificate = read_certificate(pem)
    try:
        digest = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        digest = None
    notes = {
        "certificate_expired": certificate.not_valid_after_utc < now,
        "certificate_not_yet_valid": certificate.not_valid_before_utc > now,
        "certificate_signed_with_sha1": digest is not None and digest.name in ("sha1", "md5"),
    }
    return tuple(note for note, holds in notes.items() if holds)


def is_signature_of(key: PublicKey, method: SignatureMethod, signature: bytes, octets: bytes) -> bool:
    """Say whether ``key`` made ``signature`` over ``octets``; a key of another kind has made none.

    An ECDSA signature is ``r`` and ``s`` side by side, as XML Signature writes it;
    as a DER sequence it is understood too, since Java's libraries write it so.
    """
    digest, is_for_rsa = _hash_of(method), method.name.startswith("RSA_")
    try:
        if isinstance(key, rsa.RSAPublicKey) and is_for_rsa:
            key.verify(signature, octets, padding.PKCS1v15(), digest)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and not is_for_rsa:
            key.verify(_as_der(signature, key.curve), octets, ec.ECDSA(digest))
            return True
    except InvalidSignature:
        return False
    return False


def make_credential(name: str, *, now: datetime) -> SAMLCredential:
    """Return an RSA key pair with a certificate on ``name`` that it signed itself, good for ten years.

    No provider asks who stands behind it: what counts is that it stands in our metadata.
    """
    private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_OWN_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * OWN_YEARS))
        .sign(private, hashes.SHA256())
    )
    return as_credential(certificate, private)


def as_credential(certificate: x509.Certificate, private: PrivateKey) -> SAMLCredential:
    """Return a key pair as it is kept: the certificate and the key alone, in PEM."""
    return SAMLCredential(
        certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode("ascii"),
    )


def _method_of(private: PrivateKey) -> SignatureMethod:
    if isinstance(private, rsa.RSAPrivateKey):
        return SignatureMethod.RSA_SHA256
    return _BY_CURVE[private.curve.name]


def _hash_of(method: SignatureMethod) -> hashes.HashAlgorithm:
    return _HASHES[method.name.rpartition("_")[2]]()


def _coordinate_octets(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8


def _as_der(signature: bytes, curve: ec.EllipticCurve) -> bytes:
    size = _coordinate_octets(curve)
    if len(signature) != 2 * size:
        return signature
    r, s = signature[:size], signature[size:]
    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
