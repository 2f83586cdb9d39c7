"""What the provider encrypted for us alone: its assertion, or the name in it (R-069)."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import xmlsec
from lxml import etree

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.model.saml_connection import SAMLCredential
from jitney.upstream.faults import refusal
from jitney.upstream.saml.names import ENCRYPTION, ENCRYPTION_11, SIGNATURE, ds, xenc
from jitney.upstream.saml.parsing import parse_document, reparse

_KEY_OCTETS: Final = {
    "http://www.w3.org/2009/xmlenc11#aes128-gcm": 16,
    "http://www.w3.org/2009/xmlenc11#aes192-gcm": 24,
    "http://www.w3.org/2009/xmlenc11#aes256-gcm": 32,
}
_TRANSPORTS: Final = (f"{ENCRYPTION}rsa-oaep-mgf1p", f"{ENCRYPTION_11}rsa-oaep")
_OAEP_DIGESTS: Final = (
    f"{SIGNATURE}sha1",  # the default of OAEP, for which SHA-1 is still strong enough
    f"{ENCRYPTION}sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    f"{ENCRYPTION}sha512",
)
_MASKS: Final = tuple(f"{ENCRYPTION_11}mgf1{digest}" for digest in ("sha1", "sha256", "sha384", "sha512"))
_MGF: Final = f"{{{ENCRYPTION_11}}}MGF"


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The parts of an encrypted element, its algorithms found to be allowed."""

    data: etree._Element
    key: etree._Element
    key_octets: int


def decrypt_element(
    encrypted: etree._Element, *, credentials: Sequence[SAMLCredential], document: str
) -> etree._Element:
    """Return the element inside an ``EncryptedAssertion`` or ``EncryptedID``; nothing of it is believed yet.

    Anybody can encrypt for us: our certificate is public. So what comes out is parsed as warily as what came in,
    and who may answer for it is the caller's question (R-062).
    AES-CBC and RSA with PKCS #1 padding let an attacker who sends a message thousands of times, each a little
    changed, read it from how each is refused.
    They are refused before a key is touched; and all else that can fail looks the same from outside:
    one code, one sentence, the same steps for every key of ours, down to a key by chance where there was none.
    Raises ``saml_<document>_encryption_malformed``, ``…_encryption_algorithm_not_allowed``,
    ``…_credential_missing``, ``…_decryption_failed``.
    """
    sealed = _opened(encrypted, document)
    if not credentials:
        raise refusal(f"saml_{document}_credential_missing")
    found = [plain for each in credentials if (plain := _decrypted(sealed, each)) is not None]
    if not found:
        raise _failed(document)
    return _parsed_in_place(found[0], encrypted, document)


def _opened(encrypted: etree._Element, document: str) -> _Sealed:
    data = encrypted.find(xenc("EncryptedData"))
    keys = list(encrypted.iter(xenc("EncryptedKey")))
    if data is None or len(keys) != 1 or not (_holds_its_cipher(data) and _holds_its_cipher(keys[0])):
        raise refusal(f"saml_{document}_encryption_malformed")
    data_method, key_method = data.find(xenc("EncryptionMethod")), keys[0].find(xenc("EncryptionMethod"))
    octets = _KEY_OCTETS.get(str(data_method.get("Algorithm"))) if data_method is not None else None
    if octets is None or key_method is None or not _is_allowed_transport(key_method):
        raise refusal(f"saml_{document}_encryption_algorithm_not_allowed")
    return _Sealed(_bare(data, data_method), _bare(keys[0], key_method), octets)


def _holds_its_cipher(part: etree._Element) -> bool:
    """Say whether the cipher is here: a ``CipherReference`` would have us fetch it from anywhere."""
    cipher = part.find(xenc("CipherData"))
    return cipher is not None and [child.tag for child in cipher] == [xenc("CipherValue")]


def _is_allowed_transport(method: etree._Element) -> bool:
    allowed = {ds("DigestMethod"): _OAEP_DIGESTS, _MGF: _MASKS}
    return method.get("Algorithm") in _TRANSPORTS and all(
        child.get("Algorithm") in allowed.get(str(child.tag), ()) for child in method
    )


def _bare(part: etree._Element, method: etree._Element | None) -> etree._Element:
    """Return method and cipher by themselves, so that the library sees no hint where to look for keys or texts.

    Without its ``Type`` the plaintext comes out as octets, which no parser has seen before our guards have.
    """
    bare = etree.Element(part.tag, nsmap={"xenc": ENCRYPTION, "ds": SIGNATURE})
    if method is not None:
        bare.append(etree.fromstring(etree.tostring(method, with_tail=False)))
    value = part.findtext(f"{xenc('CipherData')}/{xenc('CipherValue')}")
    etree.SubElement(etree.SubElement(bare, xenc("CipherData")), xenc("CipherValue")).text = value
    return bare


def _decrypted(sealed: _Sealed, credential: SAMLCredential) -> bytes | None:
    """Return the plaintext, or ``None``; with the wrong key the second step is done all the same."""
    key = _unwrapped(sealed.key, credential)
    chance = os.urandom(sealed.key_octets)
    session = key if key is not None and len(key) == sealed.key_octets else chance
    try:
        context = xmlsec.EncryptionContext()
        context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataAes, session)
        plain: object = context.decrypt(sealed.data)
    except (xmlsec.Error, ValueError, TypeError):
        return None
    return plain if isinstance(plain, bytes) else None


def _unwrapped(encrypted_key: etree._Element, credential: SAMLCredential) -> bytes | None:
    try:
        context = xmlsec.EncryptionContext()
        context.key = xmlsec.Key.from_memory(credential.private_key, xmlsec.constants.KeyDataFormatPem, "")
        key: object = context.decrypt(encrypted_key)
    except (xmlsec.Error, ValueError, TypeError):
        return None
    return key if isinstance(key, bytes) else None


def _parsed_in_place(plain: bytes, encrypted: etree._Element, document: str) -> etree._Element:
    """Return the element that was encrypted, with the prefixes that hold where it was (XML Encryption 4.5.3)."""
    around = etree.tostring(etree.Element("around", nsmap=encrypted.nsmap)).removesuffix(b"/>")
    try:
        parsed = parse_document(around + b">" + plain + b"</around>", document=document)
    except (UpstreamRejected, UpstreamUnavailable):
        raise _failed(document) from None
    if len(parsed) != 1:
        raise _failed(document)
    # Taken out of its surroundings by its octets, so that it is a document of its own.
    return reparse(etree.tostring(parsed[0], encoding="utf-8", with_tail=False))


def _failed(document: str) -> UpstreamRejected | UpstreamUnavailable:
    return refusal(f"saml_{document}_decryption_failed")
