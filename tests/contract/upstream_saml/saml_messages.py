"""Makes SAML responses, part by part, signs them with signxml and encrypts them with xmlsec."""

from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod, XMLSigner

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.saml_connection import SAMLConnection, SAMLCredential
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import UpstreamAttempt
from jitney.testing.standing_clock import NOON
from jitney.upstream.places import OurPlaces
from jitney.upstream.saml.expected import ExpectedResponse
from jitney.upstream.saml.reading import read_response

IDP = "https://idp.example/metadata"
PLACES = OurPlaces("https://jitney.example", "acme")
ACS, US = PLACES.assertion_consumer, PLACES.saml_metadata
STATE = "s" * 43
REQUEST_ID = "_" + "0123456789abcdef" * 2
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
OAEP = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
NAMESPACES = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
)


class Pair:
    """A key and a certificate on it that it signed itself."""

    def __init__(
        self, kind: str = "rsa", *, ends: datetime = NOON + timedelta(days=365), bits: int = 2048
    ) -> None:
        curves = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}
        self.private = (
            rsa.generate_private_key(65537, bits) if kind == "rsa" else ec.generate_private_key(curves[kind])
        )
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - timedelta(days=730))
            .not_valid_after(ends)
            .sign(self.private, hashes.SHA256())
        )
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def pem(self) -> str:
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @property
    def credential(self) -> SAMLCredential:
        return SAMLCredential(self.certificate, self.pem)


@cache
def pair(name: str, kind: str = "rsa", **how: Any) -> Pair:
    """Return the pair of this name, the same one whenever it is asked for."""
    return Pair(kind, **how)


def connection(**changes: Any) -> SAMLConnection:
    plain = SAMLConnection(
        IDP, signing_certificates=(pair("idp").certificate,), credentials=(pair("ours").credential,)
    )
    return replace(plain, **changes)


ATTEMPT = UpstreamAttempt(
    "idp-1", 1, hash_secret(STATE), nonce="", code_verifier="", redirect_uri=ACS, request_id=REQUEST_ID
)


def expected(
    attempt: UpstreamAttempt | None = ATTEMPT, now: datetime = NOON, **changes: Any
) -> ExpectedResponse:
    return ExpectedResponse("idp-1", connection(**changes), PLACES, attempt, now)


def at(seconds: float) -> str:
    """Return the time so many seconds after noon as SAML writes it."""
    return (NOON + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────


def attribute(name: str, *values: str) -> str:
    inside = "".join(
        f'<saml:AttributeValue xsi:type="xs:string">{value}</saml:AttributeValue>' for value in values
    )
    return f'<saml:Attribute Name="{name}">{inside}</saml:Attribute>'


def name_id(value: str = "ada-7f", **attributes: str | None) -> str:
    given = {"Format": PERSISTENT, **attributes}
    written = "".join(f' {name}="{each}"' for name, each in given.items() if each is not None)
    return f"<saml:NameID{written}>{value}</saml:NameID>"


def confirmation_data(**changes: str | None) -> str:
    given = {"Recipient": ACS, "InResponseTo": REQUEST_ID, "NotOnOrAfter": at(300), **changes}
    written = "".join(f' {name}="{each}"' for name, each in given.items() if each is not None)
    return f"<saml:SubjectConfirmationData{written}/>"


def confirmation(data: str | None = None, method: str = "urn:oasis:names:tc:SAML:2.0:cm:bearer") -> str:
    inside = confirmation_data() if data is None else data
    return f'<saml:SubjectConfirmation Method="{method}">{inside}</saml:SubjectConfirmation>'


def conditions(
    inside: str | None = None, *, begins: str | None = at(-120), ends: str | None = at(300)
) -> str:
    limits = "".join(
        f' {name}="{each}"'
        for name, each in (("NotBefore", begins), ("NotOnOrAfter", ends))
        if each is not None
    )
    restriction = audience(US) if inside is None else inside
    return f"<saml:Conditions{limits}>{restriction}</saml:Conditions>"


def audience(*named: str) -> str:
    inside = "".join(f"<saml:Audience>{each}</saml:Audience>" for each in named)
    return f"<saml:AudienceRestriction>{inside}</saml:AudienceRestriction>"


def statement(context: str = PASSWORD, **changes: str | None) -> str:
    given = {"AuthnInstant": at(-5), "SessionIndex": "_session-1", **changes}
    written = "".join(f' {name}="{each}"' for name, each in given.items() if each is not None)
    return (
        f"<saml:AuthnStatement{written}><saml:AuthnContext><saml:AuthnContextClassRef>{context}"
        "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
    )


def assertion(
    *,
    id: str = "_assertion-1",
    version: str = "2.0",
    issued: str = at(-2),
    issuer: str = f"<saml:Issuer>{IDP}</saml:Issuer>",
    name: str | None = None,
    confirmations: str | None = None,
    terms: str | None = None,
    advice: str = "",
    statements: str | None = None,
    attributes: str | None = None,
) -> str:
    """Return an assertion in the clear, unsigned; each part may be replaced by its text."""
    told = attribute("mail", "ada@acme.example") + attribute("groups", "staff", "admins, all")
    told = f"<saml:AttributeStatement>{told if attributes is None else attributes}</saml:AttributeStatement>"
    return (
        f'<saml:Assertion {NAMESPACES} ID="{id}" Version="{version}" IssueInstant="{issued}">{issuer}'
        f"<saml:Subject>{name_id() if name is None else name}"
        f"{confirmation() if confirmations is None else confirmations}</saml:Subject>"
        f"{conditions() if terms is None else terms}{advice}"
        f"{statement() if statements is None else statements}{told if attributes != '' else ''}</saml:Assertion>"
    )


def status(*codes: str) -> str:
    opened = "".join(f'<samlp:StatusCode Value="{STATUS}{code}">' for code in codes or ("Success",))
    message = "<samlp:StatusMessage>&lt;script&gt; Ada is locked</samlp:StatusMessage>" if codes else ""
    return (
        f"<samlp:Status>{opened}{'</samlp:StatusCode>' * len(codes or ('Success',))}{message}</samlp:Status>"
    )


def response(
    *inside: str,
    id: str = "_response-1",
    version: str = "2.0",
    issued: str = at(-1),
    issuer: str = f"<saml:Issuer>{IDP}</saml:Issuer>",
    destination: str | None = ACS,
    in_response_to: str | None = REQUEST_ID,
    extensions: str = "",
    outcome: str | None = None,
) -> str:
    """Return a response around these children, unsigned."""
    given = {"Destination": destination, "InResponseTo": in_response_to}
    written = "".join(f' {name}="{each}"' for name, each in given.items() if each is not None)
    return (
        f'<samlp:Response {NAMESPACES} ID="{id}" Version="{version}" IssueInstant="{issued}"{written}>{issuer}'
        f"{extensions}{status() if outcome is None else outcome}{''.join(inside)}</samlp:Response>"
    )


# ── signed and encrypted ────────────────────────────────────────────────────────────────────────────


class LenientSigner(XMLSigner):
    """Signs with what nobody should sign with any more."""

    def check_deprecated_methods(self) -> None:
        return


def sign(
    xml: str,
    *,
    by: Pair | None = None,
    method: SignatureMethod = SignatureMethod.RSA_SHA256,
    digest: DigestAlgorithm = DigestAlgorithm.SHA256,
    uri: str | None = None,
    canonicalization: str = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0.value,
) -> str:
    """Return the element with a signature over it behind its issuer."""
    by = pair("idp") if by is None else by
    root = etree.fromstring(xml)
    place = etree.Element(
        "{http://www.w3.org/2000/09/xmldsig#}Signature",
        {"Id": "placeholder"},
        nsmap={"ds": "http://www.w3.org/2000/09/xmldsig#"},
    )
    root.insert(1, place)
    signer = LenientSigner(
        signature_algorithm=method,
        digest_algorithm=digest,
        c14n_algorithm=CanonicalizationMethod(canonicalization),
    )
    signed = signer.sign(
        root,
        key=by.private,
        cert=by.certificate,
        reference_uri="#" + str(root.get("ID")) if uri is None else uri,
        id_attribute="ID",
    )
    return etree.tostring(signed, encoding="unicode")


def encrypt(
    xml: str,
    *,
    wrapper: str = "saml:EncryptedAssertion",
    towards: Pair | None = None,
    cipher: str = GCM,
    transport: str = OAEP,
) -> str:
    """Return the element encrypted for a key of ours."""
    towards = pair("ours") if towards is None else towards
    around = etree.fromstring(f"<{wrapper} {NAMESPACES}>{xml}</{wrapper}>")
    octets = {"aes128": 128, "aes192": 192, "aes256": 256}.get(
        cipher.rpartition("#")[2].partition("-")[0], 192
    )
    kind = xmlsec.KeyData.DES if "tripledes" in cipher else xmlsec.KeyData.AES
    data = xmlsec.template.encrypted_data_create(
        around, _transform(cipher), type=xmlsec.EncryptionType.ELEMENT, ns="xenc"
    )
    xmlsec.template.encrypted_data_ensure_cipher_value(data)
    info = xmlsec.template.encrypted_data_ensure_key_info(data, ns="ds")
    key = xmlsec.template.add_encrypted_key(info, _transform(transport))
    xmlsec.template.encrypted_data_ensure_cipher_value(key)
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(towards.certificate.encode(), xmlsec.KeyFormat.CERT_PEM))
    context = xmlsec.EncryptionContext(manager)
    context.key = xmlsec.Key.generate(kind, octets, xmlsec.KeyDataType.SESSION)
    context.encrypt_xml(data, around[0])
    return etree.tostring(around, encoding="unicode")


def _transform(href: str) -> Any:
    named = {
        "http://www.w3.org/2009/xmlenc11#aes128-gcm": xmlsec.Transform.AES128_GCM,
        "http://www.w3.org/2009/xmlenc11#aes192-gcm": xmlsec.Transform.AES192_GCM,
        "http://www.w3.org/2009/xmlenc11#aes256-gcm": xmlsec.Transform.AES256_GCM,
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc": xmlsec.Transform.AES128,
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc": xmlsec.Transform.AES256,
        "http://www.w3.org/2001/04/xmlenc#tripledes-cbc": xmlsec.Transform.DES3,
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p": xmlsec.Transform.RSA_OAEP,
        "http://www.w3.org/2001/04/xmlenc#rsa-1_5": xmlsec.Transform.RSA_PKCS1,
    }
    return named[href]


# ── carried ─────────────────────────────────────────────────────────────────────────────────────────


def posted(xml: str | bytes, relay_state: str | None = STATE) -> UnverifiedResponse:
    octets = xml.encode() if isinstance(xml, str) else xml
    fields = {"SAMLResponse": b64encode(octets).decode()}
    if relay_state is not None:
        fields["RelayState"] = relay_state
    return UnverifiedResponse(fields, is_posted=True)


def read(xml: str | bytes, held_against: ExpectedResponse | None = None) -> FederatedIdentity:
    """Let our reader read it, by default as the answer to the standing trip."""
    return read_response(posted(xml), expected() if held_against is None else held_against).identity


@cache
def honest() -> str:
    """Return the plain good response: its assertion signed."""
    return response(sign(assertion()))


def refusal_of(xml: str | bytes, held_against: ExpectedResponse | None = None) -> str:
    """Return the code with which our reader refuses it."""
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
        read(xml, held_against)
    return refused.value.code
