"""What every test of our own messages needs: settings, keys, a clock, and eyes for what leaves."""

import zlib
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLBinding, SAMLConnection, SAMLCredential, SAMLEndpoint
from jitney.ports import Clock, Onward
from jitney.time_and_chance import SystemClock, SystemEntropy
from jitney.upstream.places import OurPlaces
from jitney.upstream.saml.credentials import make_credential
from jitney.upstream.saml.provider import SAMLUpstream

PLACES = OurPlaces("https://jitney.example", "acme")
IDP_ID = "https://idp.acme.example/metadata"
SSO = "https://idp.acme.example/sso"
SLO = "https://idp.acme.example/slo"
STATE = "S" * 43
PERSISTENT_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
NAMES = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
BOTH_SSO = (SAMLEndpoint(SAMLBinding.REDIRECT, SSO), SAMLEndpoint(SAMLBinding.POST, f"{SSO}/post"))
BOTH_SLO = (SAMLEndpoint(SAMLBinding.REDIRECT, SLO), SAMLEndpoint(SAMLBinding.POST, f"{SLO}/post"))


@cache
def credential(owner: str = "jitney") -> SAMLCredential:
    """The one RSA key pair of somebody, made once in a run of the tests."""
    return make_credential(owner, now=datetime.now(UTC))


@cache
def elliptic(owner: str = "jitney", curve: type[ec.EllipticCurve] = ec.SECP256R1) -> SAMLCredential:
    """A key pair of somebody on an elliptic curve."""
    return certified(ec.generate_private_key(curve()), owner)


@cache
def short_rsa(owner: str = "jitney", bits: int = 1024) -> SAMLCredential:
    """A key pair that is too short."""
    return certified(rsa.generate_private_key(public_exponent=65537, key_size=bits), owner)


def certified(private: Any, owner: str, *, days: int = 30) -> SAMLCredential:
    """A key with a certificate that it signed itself; ``days`` below nought have passed."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .sign(private, hashes.SHA256())
    )
    return SAMLCredential(
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
    )


def a_connection(**changes: Any) -> SAMLConnection:
    """Settings that work; the provider signs with the key of ``idp``."""
    connection = SAMLConnection(
        entity_id=IDP_ID,
        single_sign_on=BOTH_SSO,
        single_logout=BOTH_SLO,
        signing_certificates=(credential("idp").certificate,),
        credentials=(credential(),),
    )
    return replace(connection, **changes)


def an_upstream(connection: SAMLConnection | None = None, *, clock: Clock | None = None) -> SAMLUpstream:
    """A live provider of these settings."""
    connection = connection or a_connection()
    idp = IdentityProvider("idp-1", PLACES.name, "Acme", connection)
    return SAMLUpstream(idp, connection, places=PLACES, clock=clock or SystemClock(), entropy=SystemEntropy())


def application_request(**wishes: Any) -> AuthorizationRequest:
    """What an application asked for."""
    return AuthorizationRequest("shop", "https://shop.example/back", ("openid",), **wishes)


def query_of(onward: Onward) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(onward.location).query, keep_blank_values=True))


def message_of(onward: Onward, parameter: str = "SAMLRequest") -> etree._Element:
    """The document that travels, whichever way."""
    if onward.fields is not None:
        return etree.fromstring(b64decode(onward.fields[parameter]))
    deflated = b64decode(query_of(onward)[parameter])
    return etree.fromstring(zlib.decompress(deflated, -zlib.MAX_WBITS))


def text_at(element: etree._Element, path: str) -> Any:
    """What stands at a place: a text, an attribute, or ``None``."""
    found = element.xpath(path, namespaces=NAMES)
    return (found[0] if isinstance(found[0], str) else found[0].text) if found else None
