"""Lies in what a signature covers: made with the provider's own key, and something else is signed than is read."""

import copy
from dataclasses import replace

from lxml import etree

from jitney.testing.fake_saml import names
from jitney.testing.fake_saml.documents import Element, found
from jitney.testing.fake_saml.lies import Part, Stage, lie
from jitney.testing.fake_saml.names import DS, SAML, of
from jitney.testing.fake_saml.seals import HONEST_TRANSFORMS, Seal, canonical, digest_of

_FIRST_IS_ENVELOPED = HONEST_TRANSFORMS[0]
_XSLT = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet version="1.0" '
    'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><ok/></xsl:template></xsl:stylesheet>'
    "</ds:Transform>"
)


def _xpath(expression: str) -> str:
    return (
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
        f'<ds:XPath xmlns:saml="{SAML}">{expression}</ds:XPath></ds:Transform>'
    )


def _transform(algorithm: str) -> str:
    return f'<ds:Transform Algorithm="{algorithm}"/>'


def _without_subject(signed: Element) -> bytes:
    copied = copy.deepcopy(signed)
    for subject in copied.findall(of(SAML, "Subject")):
        copied.remove(subject)
    return canonical(copied)


# ── transforms ──────────────────────────────────────────────────────────────────────────────────────


@lie(Stage.SEAL)
def transform_by_stylesheet(seal: Seal) -> Seal:
    """A style sheet turns whatever is there into what is signed; R-061."""
    return replace(seal, transforms=(_FIRST_IS_ENVELOPED, _XSLT), covered=lambda _signed: b"<ok></ok>")


@lie(Stage.SEAL)
def transform_by_path(seal: Seal) -> Seal:
    """An XPath leaves the subject out of what is signed; R-061."""
    transforms = (_FIRST_IS_ENVELOPED, _xpath("not(ancestor-or-self::saml:Subject)"), HONEST_TRANSFORMS[1])
    return replace(seal, transforms=transforms, covered=_without_subject)


@lie(Stage.SEAL)
def transform_to_nothing(seal: Seal) -> Seal:
    """An XPath chooses nothing, and the digest is that of nothing; R-061: the output is never empty."""
    transforms = (_FIRST_IS_ENVELOPED, _xpath("false()"), HONEST_TRANSFORMS[1])
    return replace(seal, transforms=transforms, covered=lambda _signed: b"")


@lie(Stage.SEAL)
def digest_of_nothing(seal: Seal) -> Seal:
    """The digest is that of nothing, under the usual transforms; R-061: the output is never empty."""
    return replace(seal, covered=lambda _signed: b"")


@lie(Stage.SEAL)
def transform_from_base64(seal: Seal) -> Seal:
    """A transform reads all text as base64; R-061."""
    return replace(
        seal, transforms=(_FIRST_IS_ENVELOPED, _transform(f"{DS}base64")), covered=lambda _signed: b""
    )


@lie(Stage.SEAL)
def canonicalized_with_comments(seal: Seal) -> Seal:
    """What is signed holds the comments, as Exclusive C14N with comments says; R-061: without comments."""
    with_comments = f"{names.EXCLUSIVE}WithComments"
    return replace(
        seal,
        transforms=(_FIRST_IS_ENVELOPED, _transform(with_comments)),
        covered=lambda signed: canonical(signed, with_comments=True),
    )


@lie(Stage.SEAL, signs=Part.RESPONSE)
def canonicalized_inclusively(seal: Seal) -> Seal:
    """What is signed is canonicalised with all that surrounds it; R-061: exclusive only."""
    return replace(
        seal,
        transforms=(_FIRST_IS_ENVELOPED, _transform(names.INCLUSIVE)),
        covered=lambda signed: canonical(signed, exclusive=False),
    )


@lie(Stage.SEAL)
def signed_info_with_comments(seal: Seal) -> Seal:
    """The SignedInfo is canonicalised with its comments; R-061."""
    return replace(
        seal,
        canonicalization=f"{names.EXCLUSIVE}WithComments",
        canonicalized=lambda part: canonical(part, with_comments=True),
    )


@lie(Stage.SEAL)
def unknown_transform(seal: Seal) -> Seal:
    """A transform is known to nobody; R-061."""
    return replace(seal, transforms=(*HONEST_TRANSFORMS, _transform("urn:none")))


@lie(Stage.SEAL)
def no_transforms(seal: Seal) -> Seal:
    """There are no transforms, though the signature stands in what it signs; R-061."""
    return replace(seal, transforms=())


@lie(Stage.SEAL)
def many_transforms(seal: Seal) -> Seal:
    """The same transform is there two hundred times, and each costs its time; R-061."""
    return replace(seal, transforms=(_FIRST_IS_ENVELOPED, *(HONEST_TRANSFORMS[1],) * 200))


# ── references ──────────────────────────────────────────────────────────────────────────────────────


@lie(Stage.SEAL, signs=Part.RESPONSE)
def reference_to_root(seal: Seal) -> Seal:
    """The response's signature refers to the whole document by an empty URI; R-061: ``#`` and the id."""
    return replace(seal, uri="")


@lie(Stage.SEAL, signs=Part.RESPONSE)
def reference_without_uri(seal: Seal) -> Seal:
    """The reference has no URI, and means what the application thinks; R-061."""
    return replace(seal, uri=None)


@lie(Stage.SEAL)
def reference_to_pointer(seal: Seal) -> Seal:
    """The reference is an XPointer expression; R-061."""
    return replace(seal, uri="#xpointer(id('{id}'))")


@lie(Stage.SEAL, signs=Part.RESPONSE)
def reference_to_root_by_pointer(seal: Seal) -> Seal:
    """The reference is an XPointer expression for the root; R-061."""
    return replace(seal, uri="#xpointer(/)")


@lie(Stage.SEAL)
def reference_elsewhere(seal: Seal) -> Seal:
    """The reference is to be fetched from a server; R-061, R-077."""
    return replace(seal, uri="http://127.0.0.1:1/assertion", covered=lambda _signed: b"anything")


@lie(Stage.SEAL)
def reference_to_file(seal: Seal) -> Seal:
    """The reference is to a file of the reader's machine; R-061."""
    return replace(seal, uri="file:///dev/null", covered=lambda _signed: b"")


@lie(Stage.SEAL)
def reference_to_nobody(seal: Seal) -> Seal:
    """The reference is to an id that nothing has; R-061."""
    return replace(seal, uri="#_nobody")


@lie(Stage.SEAL)
def two_references(seal: Seal) -> Seal:
    """There are two references, both genuine; R-061: exactly one."""
    more = (
        '<ds:Reference URI="#xpointer(/)"><ds:Transforms><ds:Transform Algorithm="'
        f'{names.EXCLUSIVE}"/></ds:Transforms><ds:DigestMethod Algorithm="{names.SHA256}"/>'
        f"<ds:DigestValue>{digest_of(b'')}</ds:DigestValue></ds:Reference>"
    )
    return replace(seal, more_references=more)


@lie(Stage.SEAL)
def no_reference(seal: Seal) -> Seal:
    """The SignedInfo refers to nothing, and its signature is valid; R-061: exactly one."""

    def drop(signed_info: Element) -> None:
        signed_info.remove(found(signed_info, "ds:Reference"))

    return replace(seal, before_signing=drop)


@lie(Stage.SEALED)
def two_signed_infos(root: Element) -> None:
    """A forged SignedInfo stands before the one that is signed (CVE-2025-29774); R-061: exactly one."""
    genuine = found(root, "//ds:SignedInfo")
    evil = copy.deepcopy(genuine)
    found(evil, ".//ds:DigestValue").text = digest_of(b"forged")
    genuine.addprevious(evil)


@lie(Stage.SEALED)
def signed_info_in_object(root: Element) -> None:
    """A second SignedInfo stands in an Object of the signature (CVE-2025-29774); R-061: exactly one."""
    signature = found(root, "//ds:Signature")
    held = etree.SubElement(signature, of(DS, "Object"))
    held.append(copy.deepcopy(found(signature, "ds:SignedInfo")))


@lie(Stage.SEAL)
def manifest(seal: Seal) -> Seal:
    """The reference is to a Manifest in the signature, whose references few check (XML Signature 5.1); R-061."""

    def hold(signature: Element) -> None:
        held = etree.SubElement(signature, of(DS, "Object"))
        etree.SubElement(held, of(DS, "Manifest")).set("Id", "_manifest")

    def covered(_signed: Element) -> bytes:
        return canonical(etree.fromstring(f'<ds:Manifest xmlns:ds="{DS}" Id="_manifest"/>'))

    return replace(seal, uri="#_manifest", covered=covered, after_signing=hold)


@lie(Stage.SEAL)
def signature_at_end(seal: Seal) -> Seal:
    """The signature stands at the end, where the schema wants it behind the Issuer; R-060."""
    return replace(seal, place=lambda signed, signature: signed.append(signature))
