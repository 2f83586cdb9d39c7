"""Lies in metadata: whoever changes the document on its way names the keys that sign everybody in (R-070)."""

import copy
import re
from dataclasses import replace

from lxml import etree

from jitney.testing.fake_saml import names
from jitney.testing.fake_saml.documents import Element, element, found
from jitney.testing.fake_saml.facts import new_id
from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml.lies import Document, Habits, Stage, lie, oddity
from jitney.testing.fake_saml.lies_wrapping import signature_of, without_signature
from jitney.testing.fake_saml.names import DS, MD, of
from jitney.testing.fake_saml.seals import Seal, seal_with

_METADATA = Document.METADATA
_CERTIFICATE = ".//ds:X509Certificate"


def _of_stranger(root: Element) -> Element:
    """Return an unsigned copy whose key is a stranger's."""
    evil = without_signature(root)
    evil.set("ID", new_id())
    found(evil, f".//md:KeyDescriptor{_CERTIFICATE[1:]}").text = rsa_key("stranger").certificate_base64
    return evil


def _group(*entities: Element) -> Element:
    return element(of(MD, "EntitiesDescriptor"), *entities, ID=new_id())


@lie(Stage.TREE, _METADATA)
def metadata_expired(root: Element) -> None:
    """The document was valid until yesterday."""
    root.set("validUntil", "2020-01-01T00:00:00Z")


@lie(Stage.TREE, _METADATA)
def metadata_valid_until_words(root: Element) -> None:
    """The document is valid until "next year"."""
    root.set("validUntil", "next year")


@lie(Stage.TREE, _METADATA)
def metadata_role_expired(root: Element) -> None:
    """The description of the identity provider was valid until yesterday."""
    found(root, "md:IDPSSODescriptor").set("validUntil", "2020-01-01T00:00:00Z")


@lie(Stage.TREE, _METADATA)
def metadata_of_another(root: Element) -> None:
    """The document is somebody else's."""
    root.set("entityID", "https://elsewhere.example/idp")


@lie(Stage.TREE, _METADATA)
def metadata_doubled(root: Element) -> Element:
    """The document holds the provider twice, with two keys."""
    return _group(_of_stranger(root), root)


@lie(Stage.TREE, _METADATA)
def metadata_role_doubled(root: Element) -> None:
    """The provider is described twice, with two keys."""
    role = found(root, "md:IDPSSODescriptor")
    role.addnext(found(_of_stranger(root), "md:IDPSSODescriptor"))


@lie(Stage.TREE, _METADATA)
def metadata_of_service_provider(root: Element) -> None:
    """The document describes a service provider."""
    found(root, "md:IDPSSODescriptor").tag = of(MD, "SPSSODescriptor")


@lie(Stage.TREE, _METADATA)
def metadata_of_saml_1(root: Element) -> None:
    """The provider speaks SAML 1.1 only."""
    role = found(root, "md:IDPSSODescriptor")
    role.set("protocolSupportEnumeration", "urn:oasis:names:tc:SAML:1.1:protocol")


@lie(Stage.TREE, _METADATA)
def metadata_without_certificate(root: Element) -> None:
    """The document names no key."""
    for descriptor in root.findall(f".//{of(MD, 'KeyDescriptor')}"):
        descriptor.getparent().remove(descriptor)


@lie(Stage.TREE, _METADATA)
def metadata_with_key_for_encryption_only(root: Element) -> None:
    """The document names no key that signs."""
    for descriptor in root.iter(of(MD, "KeyDescriptor")):
        descriptor.set("use", "encryption")


@lie(Stage.TREE, _METADATA)
def metadata_with_broken_certificate(root: Element) -> None:
    """The certificate cannot be read."""
    found(root, _CERTIFICATE).text = "bm90IGEgY2VydGlmaWNhdGU="


@lie(Stage.TREE, _METADATA)
def metadata_without_sign_on(root: Element) -> None:
    """The document names no place for sign-ins."""
    for service in root.findall(f".//{of(MD, 'SingleSignOnService')}"):
        service.getparent().remove(service)


@lie(Stage.TREE, _METADATA)
def metadata_over_http(root: Element) -> None:
    """The places for sign-ins are not https."""
    for service in root.iter(of(MD, "SingleSignOnService")):
        service.set("Location", "http://idp.acme.example/sso")


@lie(Stage.TREE, _METADATA)
def metadata_of_script(root: Element) -> None:
    """The place for sign-ins is a script."""
    for service in root.iter(of(MD, "SingleSignOnService")):
        service.set("Location", "javascript:alert(1)")


@lie(Stage.HABITS, _METADATA)
def metadata_unsigned(habits: Habits) -> Habits:
    """The document is not signed, where a key is pinned."""
    return replace(habits, key=None)


@lie(Stage.SEAL, _METADATA)
def metadata_by_stranger(_seal: Seal) -> Seal:
    """A stranger signs the document, and shows his certificate."""
    return seal_with(rsa_key("stranger"))


@lie(Stage.SEAL, _METADATA)
def metadata_by_sha1(seal: Seal) -> Seal:
    """The document is signed by RSA with SHA-1; R-061."""
    return replace(seal, algorithm=names.RSA_SHA1, digest=names.SHA1)


@lie(Stage.SEALED, _METADATA)
def metadata_altered(root: Element) -> None:
    """The key was changed after the signing."""
    found(root, f"md:IDPSSODescriptor{_CERTIFICATE[1:]}").text = rsa_key("stranger").certificate_base64


@lie(Stage.SEALED, _METADATA)
def metadata_wrapped(root: Element) -> Element:
    """A forged document bears the signature, whose Object holds the one that was signed; R-070."""
    evil, signature = _of_stranger(root), copy.deepcopy(signature_of(root))
    signature.append(element(of(DS, "Object"), without_signature(root)))
    evil.insert(0, signature)
    return evil


@lie(Stage.SEALED, _METADATA)
def metadata_grouped_with_forgery(root: Element) -> Element:
    """The signed document stands in a group behind a forged one of the same entity; R-070."""
    return _group(_of_stranger(root), root)


@lie(Stage.SEALED, _METADATA)
def metadata_in_extension_of_forgery(root: Element) -> Element:
    """The signed document stands in the Extensions of a forged one; R-070."""
    evil = _of_stranger(root)
    evil.insert(0, element(of(MD, "Extensions"), root))
    return evil


@lie(Stage.OCTETS, _METADATA)
def metadata_with_doctype(octets: bytes) -> bytes:
    """There is a DOCTYPE; R-058."""
    return b"<!DOCTYPE md:EntityDescriptor>" + octets


@lie(Stage.OCTETS, _METADATA)
def metadata_with_file(octets: bytes) -> bytes:
    """The name's format is a file of the reader's machine; R-058."""
    changed = re.sub(rb"(<md:NameIDFormat>)[^<]*", rb"\1&file;", octets)
    return b'<!DOCTYPE a [<!ENTITY file SYSTEM "file:///etc/hostname">]>' + changed


@lie(Stage.OCTETS, _METADATA)
def metadata_laughs(octets: bytes) -> bytes:
    """Entities of entities grow to a thousand million; R-058."""
    entities = b'<!ENTITY a0 "ha">' + b"".join(
        b'<!ENTITY a%d "%s">' % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 10)
    )
    changed = re.sub(rb"(<md:NameIDFormat>)[^<]*", rb"\1&a9;", octets)
    return b"<!DOCTYPE a [" + entities + b"]>" + changed


@lie(Stage.OCTETS, _METADATA)
def metadata_instruction(octets: bytes) -> bytes:
    """A processing instruction names a style sheet; R-058."""
    return b'<?xml-stylesheet type="text/xsl" href="https://elsewhere.example/"?>' + octets


@lie(Stage.OCTETS, _METADATA)
def metadata_utf16(octets: bytes) -> bytes:
    """The document is written in UTF-16, in which a search for octets finds nothing; R-058."""
    return octets.decode().encode("utf-16")


@lie(Stage.OCTETS, _METADATA)
def metadata_huge(octets: bytes) -> bytes:
    """The document has three mebibytes; R-075: at most one."""
    return octets + b" " * 3 * 1024 * 1024


@lie(Stage.OCTETS, _METADATA)
def metadata_is_a_page(_octets: bytes) -> bytes:
    """The document is somebody's page."""
    return b"<html><title>Sign in</title></html>"


@lie(Stage.OCTETS, _METADATA)
def metadata_is_empty(_octets: bytes) -> bytes:
    """The document is empty."""
    return b""


@lie(Stage.OCTETS, _METADATA)
def metadata_cut_off(octets: bytes) -> bytes:
    """The document ends in its middle."""
    return octets[: len(octets) // 2]


@oddity(Stage.TREE, _METADATA)
def metadata_in_group(root: Element) -> Element:
    """The document is a group in which the provider stands beside another."""
    other = copy.deepcopy(root)
    other.set("entityID", "https://elsewhere.example/idp")
    other.set("ID", new_id())
    return _group(other, root)


@oddity(Stage.TREE, _METADATA)
def metadata_with_comments(root: Element) -> None:
    """Comments stand between the elements, as people like to put them."""
    root.insert(0, etree.Comment(" our identity provider "))


@oddity(Stage.TREE, _METADATA)
def metadata_key_of_no_use(root: Element) -> None:
    """The key does not say what it is for, and is for both (SAML Metadata 2.4.1.1)."""
    for descriptor in root.iter(of(MD, "KeyDescriptor")):
        del descriptor.attrib["use"]
