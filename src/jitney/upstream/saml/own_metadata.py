"""Our metadata for one provider: what its operator loads, so that it knows us (SAML Metadata 2.4.4)."""

import hashlib
from base64 import b64encode
from typing import Final

from lxml import etree

from jitney.model.saml_connection import SAMLConnection, SignedPart
from jitney.upstream.places import OurPlaces
from jitney.upstream.saml.credentials import OwnKey, certificate_to_der
from jitney.upstream.saml.expected import our_id_of
from jitney.upstream.saml.names import METADATA, POST_BINDING, PROTOCOL, REDIRECT_BINDING, SIGNATURE, ds, md
from jitney.upstream.saml.sending import serialized, sign_enveloped

_ENCRYPTION_METHODS: Final = (
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2009/xmlenc11#rsa-oaep",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
)
"""What we decrypt (R-069): a provider that reads this does not choose CBC, which it would otherwise."""


def write_metadata(connection: SAMLConnection, places: OurPlaces, keys: tuple[OwnKey, ...]) -> bytes:
    """Return our metadata as XML, the same octets for the same settings, signed by the first of ``keys``.

    An ECDSA signature differs each time it is made; whoever wants the same octets keeps what they got.
    Without a key there is nothing to sign logout messages with, and so no place for them.
    """
    entity = etree.Element(
        md("EntityDescriptor"),
        {"entityID": our_id_of(connection, places)},
        nsmap={"md": METADATA, "ds": SIGNATURE},
    )
    role = etree.SubElement(
        entity,
        md("SPSSODescriptor"),
        {
            "protocolSupportEnumeration": PROTOCOL,
            "AuthnRequestsSigned": _said(connection.signs_requests and bool(keys)),
            "WantAssertionsSigned": _said(connection.signed is not SignedPart.RESPONSE),
        },
    )
    for key in keys:
        _add_key(role, key)
    if keys:
        for binding in (REDIRECT_BINDING, POST_BINDING):
            _add(role, "SingleLogoutService", Binding=binding, Location=places.single_logout)
    if connection.name_id_format is not None:
        _add(role, "NameIDFormat").text = connection.name_id_format
    _add(
        role, "AssertionConsumerService",
        Binding=POST_BINDING, Location=places.assertion_consumer, index="0", isDefault="true",
    )  # fmt: skip
    return _sealed(entity, keys)


def _sealed(entity: etree._Element, keys: tuple[OwnKey, ...]) -> bytes:
    """Name the document by what it says, and sign it where there is a key."""
    entity.set("ID", "_" + hashlib.sha256(serialized(entity)).hexdigest()[:32])
    return serialized(sign_enveloped(entity, keys[0], behind=0) if keys else entity)


def _add_key(role: etree._Element, key: OwnKey) -> None:
    certificate = b64encode(certificate_to_der(key.certificate)).decode("ascii")
    for use in ("signing", "encryption") if key.decrypts else ("signing",):
        descriptor = _add(role, "KeyDescriptor", use=use)
        info = etree.SubElement(descriptor, ds("KeyInfo"))
        data = etree.SubElement(info, ds("X509Data"))
        etree.SubElement(data, ds("X509Certificate")).text = certificate
        if use == "encryption":
            for method in _ENCRYPTION_METHODS:
                _add(descriptor, "EncryptionMethod", Algorithm=method)


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, md(name), attributes)


def _said(flag: bool) -> str:
    return "true" if flag else "false"
