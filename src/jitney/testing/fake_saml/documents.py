"""What the fake provider says, written as XML trees that nobody has signed yet."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

from lxml import etree

from jitney.testing.fake_saml import names
from jitney.testing.fake_saml.facts import (
    AssertionFacts,
    Attribute,
    Confirmation,
    LogoutFacts,
    Moment,
    NameID,
    ResponseFacts,
)
from jitney.testing.fake_saml.names import MD, SAML, SAMLP, XS, XSI, of

Element = Any
_VALUE_TYPES = {"xs": XS, "xsi": XSI}


def written(moment: Moment) -> str | None:
    """Return a time as SAML Core 1.3.3 wants it: UTC, with a Z."""
    return (
        moment
        if moment is None or isinstance(moment, str)
        else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    )


def element(
    name: str, *children: Element | None, text: str | None = None, **attributes: str | None
) -> Element:
    """Return an element; what is ``None`` is left out."""
    made = etree.Element(name, nsmap=_prefix_of(name))
    made.text = text
    for attribute, value in attributes.items():
        if value is not None:
            made.set(attribute, value)
    made.extend([child for child in children if child is not None])
    return made


def _prefix_of(name: str) -> dict[str, str]:
    space = etree.QName(name).namespace
    return {prefix: known for prefix, known in names.NS.items() if known == space}


def response_of(facts: ResponseFacts) -> Element:
    """Write a response with its assertion (SAML Core 3.3.3)."""
    return element(
        of(SAMLP, "Response"),
        _issuer(facts.issuer),
        element(of(SAMLP, "Status"), _status(facts.status)) if facts.status else None,
        assertion_of(facts.assertion),
        ID=facts.id,
        Version=facts.version,
        IssueInstant=written(facts.issued),
        Destination=facts.destination,
        InResponseTo=facts.in_response_to,
    )


def _issuer(issuer: str | None) -> Element | None:
    return None if issuer is None else element(of(SAML, "Issuer"), text=issuer)


def _status(codes: Sequence[str]) -> Element:
    inner = _status(codes[1:]) if len(codes) > 1 else None
    return element(of(SAMLP, "StatusCode"), inner, Value=codes[0])


def assertion_of(facts: AssertionFacts) -> Element:
    """Write an assertion (SAML Core 2.3.3)."""
    return element(
        of(SAML, "Assertion"),
        _issuer(facts.issuer),
        element(of(SAML, "Subject"), name_id_of(facts.name_id), *map(_confirmation, facts.confirmations)),
        _conditions(facts) if facts.has_conditions else None,
        _authn_statement(facts) if facts.has_authn_statement else None,
        element(of(SAML, "AttributeStatement"), *map(attribute_of, facts.attributes))
        if facts.attributes
        else None,
        ID=facts.id,
        Version=facts.version,
        IssueInstant=written(facts.issued),
    )


def name_id_of(name: NameID | None) -> Element | None:
    """Write a NameID."""
    if name is None:
        return None
    return element(
        of(SAML, "NameID"),
        text=name.text,
        Format=name.format,
        NameQualifier=name.qualifier,
        SPNameQualifier=name.sp_qualifier,
    )


def _confirmation(facts: Confirmation) -> Element:
    data = element(
        of(SAML, "SubjectConfirmationData"),
        NotBefore=written(facts.since),
        NotOnOrAfter=written(facts.until),
        Recipient=facts.recipient,
        InResponseTo=facts.in_response_to,
    )
    return element(of(SAML, "SubjectConfirmation"), data, Method=facts.method)


def _conditions(facts: AssertionFacts) -> Element:
    return element(
        of(SAML, "Conditions"),
        *(
            element(
                of(SAML, "AudienceRestriction"), *(element(of(SAML, "Audience"), text=one) for one in several)
            )
            for several in facts.audiences
        ),
        NotBefore=written(facts.not_before),
        NotOnOrAfter=written(facts.not_on_or_after),
    )


def _authn_statement(facts: AssertionFacts) -> Element:
    reference = element(of(SAML, "AuthnContextClassRef"), text=facts.context)
    return element(
        of(SAML, "AuthnStatement"),
        element(of(SAML, "AuthnContext"), reference if facts.context is not None else None),
        AuthnInstant=written(facts.authenticated),
        SessionIndex=facts.session_index,
        SessionNotOnOrAfter=written(facts.session_until),
    )


def attribute_of(facts: Attribute) -> Element:
    """Write an attribute; its values say that they are strings, as most providers' do."""
    return element(
        of(SAML, "Attribute"),
        *map(_value, facts.values),
        Name=facts.name,
        NameFormat=facts.format,
        FriendlyName=facts.friendly_name,
    )


def _value(text: str) -> Element:
    value = etree.Element(of(SAML, "AttributeValue"), nsmap={"saml": SAML, **_VALUE_TYPES})
    value.set(of(XSI, "type"), "xs:string")
    value.text = text
    return value


def logout_request_of(facts: LogoutFacts) -> Element:
    """Write a LogoutRequest (SAML Core 3.7.1)."""
    return element(
        of(SAMLP, "LogoutRequest"),
        _issuer(facts.issuer),
        name_id_of(facts.name_id),
        *(element(of(SAMLP, "SessionIndex"), text=session) for session in facts.sessions),
        ID=facts.id,
        Version=facts.version,
        IssueInstant=written(facts.issued),
        Destination=facts.destination,
        NotOnOrAfter=written(facts.until),
    )


def logout_response_of(
    *, id: str, issuer: str, destination: str, in_response_to: str | None, issued: Moment
) -> Element:
    """Write the answer to a LogoutRequest (SAML Core 3.7.2)."""
    return element(
        of(SAMLP, "LogoutResponse"),
        _issuer(issuer),
        element(of(SAMLP, "Status"), _status((names.SUCCESS,))),
        ID=id,
        Version="2.0",
        IssueInstant=written(issued),
        Destination=destination,
        InResponseTo=in_response_to,
    )


def metadata_of(
    *, id: str, entity_id: str, base: str, certificates: Sequence[str], valid_until: Moment = None
) -> Element:
    """Write an EntityDescriptor (SAML Metadata 2.3.2); ``certificates`` are base64, ``base`` where we are found."""
    return element(
        of(MD, "EntityDescriptor"),
        element(
            of(MD, "IDPSSODescriptor"),
            *map(_key_descriptor, certificates),
            *_endpoints("SingleLogoutService", f"{base}/slo"),
            element(of(MD, "NameIDFormat"), text=names.PERSISTENT),
            *_endpoints("SingleSignOnService", f"{base}/sso"),
            protocolSupportEnumeration=SAMLP,
        ),
        ID=id,
        entityID=entity_id,
        validUntil=written(valid_until),
    )


def _key_descriptor(certificate: str) -> Element:
    held = element(of(names.DS, "X509Certificate"), text=certificate)
    info = element(of(names.DS, "KeyInfo"), element(of(names.DS, "X509Data"), held))
    return element(of(MD, "KeyDescriptor"), info, use="signing")


def _endpoints(name: str, url: str) -> Iterator[Element]:
    for binding in (names.REDIRECT, names.POST):
        yield element(of(MD, name), Binding=binding, Location=url)


def as_octets(root: Element) -> bytes:
    """Return the tree as it is sent: UTF-8, without a declaration."""
    return etree.tostring(root)


def found(root: Element, path: str) -> Element:
    """Return the first element under this path, in the prefixes of ``names.NS``."""
    return root.xpath(path, namespaces=names.NS)[0]
