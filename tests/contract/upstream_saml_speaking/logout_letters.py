"""Logout messages as a provider writes them, each part easy to falsify."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

import xmlsec
from lxml import etree
from tests.contract.upstream_saml_speaking.speaking import IDP_ID, PLACES, credential

from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.saml_connection import SAMLBinding, SAMLCredential
from jitney.upstream.saml.credentials import read_credential
from jitney.upstream.saml.redirect_binding import write_query
from jitney.upstream.saml.sending import sign_enveloped

NOW = datetime(2030, 6, 1, 12, 0, 0, tzinfo=UTC)
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
PARTIAL = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"
RESPONDER = "urn:oasis:names:tc:SAML:2.0:status:Responder"
ADA = "<saml:NameID>ada</saml:NameID>"


def _letter(kind: str, attributes: dict[str, str | None], content: str, issuer: str | None) -> str:
    written = {
        "ID": "_letter-1",
        "Version": "2.0",
        "IssueInstant": "2030-06-01T12:00:00Z",
        "Destination": PLACES.single_logout,
        **attributes,
    }
    head = " ".join(f"{name}={quoteattr(value)}" for name, value in written.items() if value is not None)
    who = f"<saml:Issuer>{escape(issuer)}</saml:Issuer>" if issuer is not None else ""
    return f'<samlp:{kind} xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}" {head}>{who}{content}</samlp:{kind}>'


def a_request(
    content: str = ADA, *, sessions: tuple[str, ...] = (), issuer: str | None = IDP_ID, **attributes: Any
) -> str:
    """A LogoutRequest."""
    indexes = "".join(f"<samlp:SessionIndex>{escape(each)}</samlp:SessionIndex>" for each in sessions)
    return _letter("LogoutRequest", attributes, content + indexes, issuer)


def an_answer(*codes: str, issuer: str | None = IDP_ID, **attributes: Any) -> str:
    """A LogoutResponse to the request ``_ours``; its status codes stand in one another."""
    status = ""
    for code in reversed(codes or (SUCCESS,)):
        status = f"<samlp:StatusCode Value={quoteattr(code)}>{status}</samlp:StatusCode>"
    attributes = {"InResponseTo": "_ours", **attributes}
    return _letter("LogoutResponse", attributes, f"<samlp:Status>{status}</samlp:Status>", issuer)


def brought(
    letter: str,
    binding: SAMLBinding = SAMLBinding.REDIRECT,
    *,
    key: SAMLCredential | Literal["none"] | None = None,
    relay_state: str | None = None,
) -> UnverifiedResponse:
    """What a browser brings; signed with the provider's key unless it is another's, or none at all."""
    own = None if key == "none" else read_credential(key or credential("idp"))
    parameter: Any = "SAMLResponse" if "LogoutResponse" in letter.partition(">")[0] else "SAMLRequest"
    if binding is SAMLBinding.REDIRECT:
        query = write_query(letter.encode(), parameter=parameter, relay_state=relay_state, key=own)
        return UnverifiedResponse({}, query)
    root = etree.fromstring(letter.encode())
    behind = 1 if root.find("{*}Issuer") is not None else 0
    signed = root if own is None or root.get("ID") is None else sign_enveloped(root, own, behind=behind)
    return posted(etree.tostring(signed), parameter, relay_state)


def posted(document: bytes, parameter: str, relay_state: str | None = None) -> UnverifiedResponse:
    """A form with this document in it."""
    state = {} if relay_state is None else {"RelayState": relay_state}
    return UnverifiedResponse({parameter: b64encode(document).decode(), **state}, is_posted=True)


def encrypted(name: str = "<saml:NameID>ada</saml:NameID>", cipher: str = "TransformAes256Gcm") -> str:
    """An EncryptedID that only we can open; xmlsec1's library makes it."""
    text = f'<saml:EncryptedID xmlns:saml="{ASSERTION}">{name}</saml:EncryptedID>'
    outer = etree.fromstring(text.encode())
    data = xmlsec.template.encrypted_data_create(
        outer, getattr(xmlsec.constants, cipher), type=xmlsec.constants.TypeEncElement, ns="xenc"
    )
    xmlsec.template.encrypted_data_ensure_cipher_value(data)
    info = xmlsec.template.encrypted_data_ensure_key_info(data, ns="dsig")
    key = xmlsec.template.add_encrypted_key(info, xmlsec.constants.TransformRsaOaep)
    xmlsec.template.encrypted_data_ensure_cipher_value(key)
    keys = xmlsec.KeysManager()
    keys.add_key(xmlsec.Key.from_memory(credential().certificate, xmlsec.constants.KeyDataFormatCertPem))
    context = xmlsec.EncryptionContext(keys)
    bits = 128 if "128" in cipher else 256
    context.key = xmlsec.Key.generate(xmlsec.constants.KeyDataAes, bits, xmlsec.constants.KeyDataTypeSession)
    context.encrypt_xml(data, outer[0])
    return etree.tostring(outer).decode()
