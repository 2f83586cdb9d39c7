"""The names of SAML 2.0 and of XML Signature and Encryption that we read: namespaces, elements, URIs."""

from typing import Final

PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
METADATA: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
ENCRYPTION: Final = "http://www.w3.org/2001/04/xmlenc#"
ENCRYPTION_11: Final = "http://www.w3.org/2009/xmlenc11#"
EXCLUSIVE_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"

REDIRECT_BINDING: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST_BINDING: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
ENTITY_FORMAT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
TRANSIENT_FORMAT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
UNSPECIFIED_FORMAT: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
EMAIL_FORMATS: Final = frozenset(
    {
        "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        "urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress",  # a common mistake
    }
)


def samlp(name: str) -> str:
    """Return the tag of an element of the protocol."""
    return f"{{{PROTOCOL}}}{name}"


def saml(name: str) -> str:
    """Return the tag of an element of assertions."""
    return f"{{{ASSERTION}}}{name}"


def ds(name: str) -> str:
    """Return the tag of an element of XML Signature."""
    return f"{{{SIGNATURE}}}{name}"


def xenc(name: str) -> str:
    """Return the tag of an element of XML Encryption."""
    return f"{{{ENCRYPTION}}}{name}"


def md(name: str) -> str:
    """Return the tag of an element of metadata."""
    return f"{{{METADATA}}}{name}"
