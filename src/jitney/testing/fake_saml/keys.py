"""The fake provider's key pairs, and what can be signed with them; honest ones and unfit ones."""

import functools
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from jitney.testing.fake_saml import names

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey

_FROM, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
_RSA_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    names.RSA_SHA256: hashes.SHA256(),
    names.RSA_SHA512: hashes.SHA512(),
    names.RSA_SHA1: hashes.SHA1(),  # noqa: S303 (it must be refused)
    names.RSA_MD5: hashes.MD5(),  # noqa: S303 (it must be refused)
}


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key and a self-signed certificate (PEM) for it."""

    private: PrivateKey = field(repr=False)
    certificate: str

    @property
    def private_pem(self) -> str:
        """The private key as PKCS#8."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @property
    def certificate_base64(self) -> str:
        """The certificate as it stands in XML: without the lines that begin and end it."""
        return "".join(self.certificate.strip().splitlines()[1:-1])

    @property
    def modulus(self) -> bytes:
        """The modulus of an RSA key."""
        if not isinstance(self.private, rsa.RSAPrivateKey):
            raise TypeError("only an RSA key has a modulus")
        number = self.private.public_key().public_numbers().n
        return number.to_bytes((number.bit_length() + 7) // 8, "big")

    @property
    def algorithm(self) -> str:
        """The algorithm with which an honest provider uses this key."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return names.RSA_SHA256
        return (
            names.ECDSA_SHA256 if isinstance(self.private, ec.EllipticCurvePrivateKey) else names.DSA_SHA256
        )

    def sign(self, data: bytes, algorithm: str) -> bytes:
        """Sign as XML Signature 1.1 section 6 wants it: DSA and ECDSA as two numbers side by side."""
        match self.private:
            case rsa.RSAPrivateKey():
                return self.private.sign(data, padding.PKCS1v15(), _RSA_HASHES[algorithm])
            case ec.EllipticCurvePrivateKey():
                return _side_by_side(self.private.sign(data, ec.ECDSA(hashes.SHA256())), 32)
            case dsa.DSAPrivateKey():
                return _side_by_side(self.private.sign(data, hashes.SHA256()), 32)


def _side_by_side(signature: bytes, length: int) -> bytes:
    return b"".join(number.to_bytes(length, "big") for number in decode_dss_signature(signature))


def certify(private: PrivateKey, name: str) -> KeyPair:
    """Return the key with a certificate on ``name`` that it signs itself."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        issuer_name=subject,
        subject_name=subject,
        public_key=private.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=_FROM,
        not_valid_after=_UNTIL,
    )
    certificate = builder.sign(private, hashes.SHA256())
    return KeyPair(private, certificate.public_bytes(serialization.Encoding.PEM).decode())


@functools.cache
def rsa_key(name: str, bits: int = 2048) -> KeyPair:
    """An RSA key, made once for each name."""
    return certify(rsa.generate_private_key(public_exponent=65537, key_size=bits), name)


@functools.cache
def ec_key(name: str) -> KeyPair:
    """A key on P-256, made once for each name."""
    return certify(ec.generate_private_key(ec.SECP256R1()), name)


@functools.cache
def dsa_key(name: str) -> KeyPair:
    """A DSA key of 2,048 bits, made once for each name; nobody may accept it (R-061)."""
    return certify(dsa.generate_private_key(key_size=2048), name)


def hmac_with(secret: bytes) -> Callable[[bytes, str], bytes]:
    """Return what "signs" with a shared secret, which may be nothing but somebody's public certificate."""
    return lambda data, _algorithm: hmac.new(secret, data, hashlib.sha256).digest()
