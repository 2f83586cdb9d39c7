"""How the fake provider encrypts (XML Encryption 1.1): a fresh AES key for the data, wrapped for the receiver."""

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from jitney.testing.fake_saml.documents import Element
from jitney.testing.fake_saml.names import DS, SAML, XENC, XENC11, of

AES_256_GCM: Final = f"{XENC11}aes256-gcm"
AES_256_CBC: Final = f"{XENC}aes256-cbc"
RSA_OAEP: Final = f"{XENC}rsa-oaep-mgf1p"
RSA_1_5: Final = f"{XENC}rsa-1_5"
_BLOCK: Final = 16


def _untouched(octets: bytes) -> bytes:
    return octets


@dataclass(frozen=True, slots=True)
class Lock:
    """How something is encrypted, and for whose certificate (PEM).

    ``plain``, ``cipher`` and ``wrapped`` may tamper with the octets on their way; ``said`` with the XML.
    """

    certificate: str
    data_algorithm: str = AES_256_GCM
    key_algorithm: str = RSA_OAEP
    plain: Callable[[bytes], bytes] = _untouched
    cipher: Callable[[bytes], bytes] = _untouched
    wrapped: Callable[[bytes], bytes] = _untouched

    def shut(self, element: Element, name: str) -> Element:
        """Return the ``saml:name`` that holds the element encrypted."""
        secret = os.urandom(32)
        octets = self.plain(etree.tostring(element, with_tail=False))
        cipher = self.cipher(self._encrypt(octets, secret))
        wrapped = self.wrapped(self._wrap(secret))
        return etree.fromstring(
            f'<saml:{name} xmlns:saml="{SAML}"><xenc:EncryptedData xmlns:xenc="{XENC}" Type="{XENC}Element">'
            f'<xenc:EncryptionMethod Algorithm="{self.data_algorithm}"/><ds:KeyInfo xmlns:ds="{DS}">'
            f'<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{self.key_algorithm}"/>{_value(wrapped)}'
            f"</xenc:EncryptedKey></ds:KeyInfo>{_value(cipher)}</xenc:EncryptedData></saml:{name}>"
        )

    def _encrypt(self, octets: bytes, secret: bytes) -> bytes:
        if self.data_algorithm == AES_256_GCM:
            nonce = os.urandom(12)
            return nonce + AESGCM(secret).encrypt(nonce, octets, None)
        short = _BLOCK - len(octets) % _BLOCK
        start = os.urandom(_BLOCK)
        encryptor = Cipher(algorithms.AES(secret), modes.CBC(start)).encryptor()
        return start + encryptor.update(octets + bytes(short - 1) + bytes([short])) + encryptor.finalize()

    def _wrap(self, secret: bytes) -> bytes:
        receiver = x509.load_pem_x509_certificate(self.certificate.encode()).public_key()
        if not isinstance(receiver, rsa.RSAPublicKey):
            raise TypeError("only an RSA key can unwrap")
        if self.key_algorithm == RSA_1_5:
            return receiver.encrypt(secret, padding.PKCS1v15())
        sha1 = hashes.SHA1()  # noqa: S303 (what rsa-oaep-mgf1p means where it names no digest)
        return receiver.encrypt(secret, padding.OAEP(padding.MGF1(sha1), sha1, None))


def _value(octets: bytes) -> str:
    return (
        f"<xenc:CipherData><xenc:CipherValue>{base64.b64encode(octets).decode()}"
        "</xenc:CipherValue></xenc:CipherData>"
    )


def shut_in_place(element: Element, lock: Lock, name: str) -> None:
    """Replace an element by its encrypted form."""
    element.getparent().replace(element, lock.shut(element, name))


def name_of(element: Element) -> str:
    """Return what an element is called once it is encrypted."""
    return "EncryptedAssertion" if element.tag == of(SAML, "Assertion") else "EncryptedID"
