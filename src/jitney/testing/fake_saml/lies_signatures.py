"""Lies in the signature: made with the provider's own key, and valid to whoever believes what it says of itself.

Each is a feature of XML Signature with which something else is signed than is read.
"""

import base64
import os
import re
from dataclasses import replace

from lxml import etree

from jitney.testing.fake_saml import names
from jitney.testing.fake_saml.documents import Element, found
from jitney.testing.fake_saml.keys import dsa_key, hmac_with, rsa_key
from jitney.testing.fake_saml.lies import Habits, Part, Stage, lie
from jitney.testing.fake_saml.names import DS, of
from jitney.testing.fake_saml.seals import Seal, digest_of, seal_with

# ── what is signed, and by whom ─────────────────────────────────────────────────────────────────────


@lie(Stage.HABITS, signs=Part.ASSERTION)
def unsigned(habits: Habits) -> Habits:
    """Nothing is signed; R-062."""
    return replace(habits, signs=Part.NOTHING)


@lie(Stage.HABITS, signs=Part.BOTH)
def only_response_signed(habits: Habits) -> Habits:
    """The response is signed and the assertion is not, where the assertion must be; R-062."""
    return replace(habits, signs=Part.RESPONSE)


@lie(Stage.HABITS, signs=Part.BOTH)
def only_assertion_signed(habits: Habits) -> Habits:
    """The assertion is signed and the response is not, where the response must be; R-062."""
    return replace(habits, signs=Part.ASSERTION)


@lie(Stage.SEAL)
def key_of_another_provider(_seal: Seal) -> Seal:
    """Another provider signs, with the key that is its own and shown as such; R-061, R-064."""
    return seal_with(rsa_key("another provider"))


@lie(Stage.SEAL)
def key_shown_in_signature(_seal: Seal) -> Seal:
    """A stranger signs, with a certificate on the provider's name that the signature shows; R-061."""
    return seal_with(rsa_key("stranger"))


@lie(Stage.SEAL)
def key_value_in_signature(_seal: Seal) -> Seal:
    """A stranger signs, and the signature shows the bare key; R-061."""
    stranger = rsa_key("stranger")
    modulus = base64.b64encode(stranger.modulus).decode()
    value = (
        f"<ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue>"
    )
    return replace(
        seal_with(stranger), key_info=f"<ds:KeyInfo><ds:KeyValue>{value}</ds:KeyValue></ds:KeyInfo>"
    )


@lie(Stage.SEAL)
def key_to_be_fetched(_seal: Seal) -> Seal:
    """A stranger signs, and the signature says where to fetch the key; R-061, R-077."""
    method = '<ds:RetrievalMethod URI="http://127.0.0.1:1/key"/>'
    return replace(seal_with(rsa_key("stranger")), key_info=f"<ds:KeyInfo>{method}</ds:KeyInfo>")


@lie(Stage.SEAL)
def hmac_with_certificate(seal: Seal) -> Seal:
    """A stranger "signs" with HMAC, whose secret is the provider's public certificate; R-061: HMAC never."""
    certificate = re.sub(r".*<ds:X509Certificate>([^<]*)<.*", r"\1", seal.key_info)
    return replace(seal, sign=hmac_with(base64.b64decode(certificate)), algorithm=names.HMAC_SHA256)


@lie(Stage.SEAL)
def hmac_with_nothing(seal: Seal) -> Seal:
    """A stranger "signs" with HMAC and an empty secret; R-061: HMAC never."""
    return replace(seal, sign=hmac_with(b""), algorithm=names.HMAC_SHA256)


@lie(Stage.SEAL)
def hmac_cut_short(seal: Seal) -> Seal:
    """HMAC says that one bit of it is enough (CVE-2009-0217); R-061: HMAC never."""

    def shorten(signed_info: Element) -> None:
        method = found(signed_info, "ds:SignatureMethod")
        length = etree.SubElement(method, of(DS, "HMACOutputLength"))
        length.text = "1"

    return replace(seal, sign=hmac_with(b""), algorithm=names.HMAC_SHA256, before_signing=shorten)


@lie(Stage.SEAL)
def dsa(_seal: Seal) -> Seal:
    """Somebody signs with DSA; R-061: RSA and ECDSA only."""
    return seal_with(dsa_key("stranger"))


@lie(Stage.SEAL)
def psychic_signature(seal: Seal) -> Seal:
    """The signature is two zeros, which a careless ECDSA takes for valid (CVE-2022-21449); R-061."""
    return replace(seal, sign=lambda _data, _algorithm: bytes(64), algorithm=names.ECDSA_SHA256)


@lie(Stage.SEAL)
def random_signature(seal: Seal) -> Seal:
    """The signature is chance."""
    return replace(seal, sign=lambda _data, _algorithm: os.urandom(256))


@lie(Stage.SEAL)
def empty_signature(seal: Seal) -> Seal:
    """The signature is empty."""
    return replace(seal, sign=lambda _data, _algorithm: b"")


# ── algorithms ──────────────────────────────────────────────────────────────────────────────────────


@lie(Stage.SEAL)
def rsa_sha1(seal: Seal) -> Seal:
    """The signature is RSA with SHA-1; R-061: only where the settings take the risk."""
    return replace(seal, algorithm=names.RSA_SHA1, digest=names.SHA1)


@lie(Stage.SEAL)
def digest_by_sha1(seal: Seal) -> Seal:
    """The signature is sound, and the digest is SHA-1; R-061."""
    return replace(seal, digest=names.SHA1)


@lie(Stage.SEAL)
def rsa_md5(seal: Seal) -> Seal:
    """The signature is RSA with MD5; R-061."""
    return replace(seal, algorithm=names.RSA_MD5)


@lie(Stage.SEAL)
def digest_by_md5(seal: Seal) -> Seal:
    """The digest is MD5; R-061."""
    return replace(seal, digest=names.MD5)


@lie(Stage.SEAL)
def algorithm_of_another_name(seal: Seal) -> Seal:
    """The signature says SHA-512 and is SHA-256."""
    honest = seal.sign
    return replace(
        seal, algorithm=names.RSA_SHA512, sign=lambda data, _algorithm: honest(data, names.RSA_SHA256)
    )


@lie(Stage.SEAL)
def unknown_algorithm(seal: Seal) -> Seal:
    """The signature's algorithm is known to nobody."""
    honest = seal.sign
    return replace(seal, algorithm="urn:none", sign=lambda data, _algorithm: honest(data, names.RSA_SHA256))


# ── digest and signature values ─────────────────────────────────────────────────────────────────────


@lie(Stage.SEAL)
def digest_cut_short(seal: Seal) -> Seal:
    """The digest's first four octets stand for all of it, and are signed so."""

    def shorten(signed_info: Element) -> None:
        place = found(signed_info, ".//ds:DigestValue")
        place.text = base64.b64encode(base64.b64decode(place.text)[:4]).decode()

    return replace(seal, before_signing=shorten)


@lie(Stage.SEAL)
def empty_digest(seal: Seal) -> Seal:
    """The digest is empty, and is signed so."""

    def empty(signed_info: Element) -> None:
        found(signed_info, ".//ds:DigestValue").text = None

    return replace(seal, before_signing=empty)


@lie(Stage.SEAL)
def digest_of_something_else(seal: Seal) -> Seal:
    """The digest is of other octets, and is signed so."""
    return replace(seal, covered=lambda _signed: b"something else")


@lie(Stage.SEALED)
def comment_in_digest(root: Element) -> None:
    """A comment divides the digest (CVE-2025-29775): before it what was signed, behind it what is there; R-061."""
    place = found(root, "//ds:DigestValue")
    place.text, rest = place.text[:8], place.text[8:]
    place.append(etree.Comment("x"))
    place[0].tail = rest


@lie(Stage.SEALED)
def comment_before_digest(root: Element) -> None:
    """A comment stands before the digest, and holds another (CVE-2025-29775); R-061: text only."""
    place = found(root, "//ds:DigestValue")
    text, place.text = place.text, None
    place.append(etree.Comment(digest_of(b"")))
    place[0].tail = text


@lie(Stage.SEALED)
def comment_in_signature(root: Element) -> None:
    """A comment divides the SignatureValue; R-061: text only."""
    place = found(root, "//ds:SignatureValue")
    text, place.text = place.text, place.text[:8]
    place.append(etree.Comment("x"))
    place[0].tail = text[8:]


@lie(Stage.SEAL)
def element_in_digest(seal: Seal) -> Seal:
    """An element divides the digest, and is signed so; R-061: text only."""

    def divide(signed_info: Element) -> None:
        place = found(signed_info, ".//ds:DigestValue")
        text, place.text = place.text, None
        place.append(etree.Element("b"))
        place[0].tail = text

    return replace(seal, before_signing=divide)


@lie(Stage.SEALED)
def comment_in_signed_info(root: Element) -> None:
    """A comment stands in the SignedInfo, between elements; it is not signed."""
    found(root, "//ds:SignatureMethod").addprevious(etree.Comment("x"))
