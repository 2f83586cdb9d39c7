"""Lies of somebody without a key who holds one signed message: the signed part is put where nobody looks.

The attack is that of Somorovsky and others, "On Breaking SAML: Be Whoever You Want to Be" (2012);
its eight first shapes are numbered here as most tools do it.
A verifier finds the genuine signature and what it signs, and the reader finds the forgery.
"""

import copy

from lxml import etree

from jitney.testing.fake_saml.documents import Element, element, found
from jitney.testing.fake_saml.facts import new_id
from jitney.testing.fake_saml.lies import Part, Stage, lie
from jitney.testing.fake_saml.names import DS, SAML, SAMLP, of

MALLORY = "acme-mallory"
"""Whom the forgeries speak of."""


def signature_of(signed: Element) -> Element:
    """Return the signature that stands directly in an element."""
    return found(signed, "ds:Signature")


def without_signature(signed: Element) -> Element:
    """Return a copy that bears no signature of its own."""
    copied = copy.deepcopy(signed)
    for signature in copied.findall(of(DS, "Signature")):
        copied.remove(signature)
    return copied


def forged(genuine: Element, *, id: str | None = None) -> Element:
    """Return an unsigned copy, under a new id, that speaks of Mallory."""
    copied = without_signature(genuine)
    copied.set("ID", id or new_id())
    for name in copied.iter(of(SAML, "NameID")):
        name.text = MALLORY
    for inner in copied.iter(of(SAML, "Assertion")):
        if inner is not copied:
            inner.set("ID", new_id())
    return copied


def _assertion(root: Element) -> Element:
    return found(root, "saml:Assertion")


def _with_object(signature: Element, held: Element) -> None:
    signature.append(element(of(DS, "Object"), held))


@lie(Stage.SEALED, signs=Part.RESPONSE)
def xsw1(root: Element) -> Element:
    """The signed response stands inside the signature of a forged one; R-060, R-061."""
    evil, signature = forged(root), copy.deepcopy(signature_of(root))
    signature.append(without_signature(root))
    evil.insert(1, signature)
    return evil


@lie(Stage.SEALED, signs=Part.RESPONSE)
def xsw2(root: Element) -> Element:
    """The signed response stands in a forged one, before the signature that it lost; R-060, R-061."""
    evil = forged(root)
    evil.insert(1, without_signature(root))
    evil.insert(2, copy.deepcopy(signature_of(root)))
    return evil


@lie(Stage.SEALED)
def xsw3(root: Element) -> None:
    """A forged assertion stands before the signed one; R-060."""
    genuine = _assertion(root)
    genuine.addprevious(forged(genuine))


@lie(Stage.SEALED)
def xsw4(root: Element) -> None:
    """A forged assertion holds the signed one as a child; R-060."""
    genuine = _assertion(root)
    evil = forged(genuine)
    root.replace(genuine, evil)
    evil.append(genuine)


@lie(Stage.SEALED)
def xsw5(root: Element) -> None:
    """A forged assertion bears the signature, and the assertion that was signed stands behind it; R-060, R-061."""
    genuine = _assertion(root)
    evil = forged(genuine)
    evil.insert(1, copy.deepcopy(signature_of(genuine)))
    root.replace(genuine, evil)
    root.append(without_signature(genuine))


@lie(Stage.SEALED)
def xsw6(root: Element) -> None:
    """A forged assertion bears the signature, which holds the assertion that was signed; R-060, R-061."""
    genuine = _assertion(root)
    evil, signature = forged(genuine), copy.deepcopy(signature_of(genuine))
    signature.append(without_signature(genuine))
    evil.insert(1, signature)
    root.replace(genuine, evil)


@lie(Stage.SEALED)
def xsw7(root: Element) -> None:
    """A forged assertion stands in the response's Extensions; R-060."""
    root.insert(1, element(of(SAMLP, "Extensions"), forged(_assertion(root))))


@lie(Stage.SEALED)
def xsw8(root: Element) -> None:
    """A forged assertion bears the signature, whose Object holds the assertion that was signed; R-060, R-061."""
    genuine = _assertion(root)
    evil, signature = forged(genuine), copy.deepcopy(signature_of(genuine))
    _with_object(signature, without_signature(genuine))
    evil.insert(1, signature)
    root.replace(genuine, evil)


@lie(Stage.SEALED)
def forged_assertion_second(root: Element) -> None:
    """A forged assertion stands behind the signed one; R-060."""
    genuine = _assertion(root)
    genuine.addnext(forged(genuine))


@lie(Stage.SEALED)
def forged_assertion_of_same_id(root: Element) -> None:
    """A forged assertion with the signed one's id stands before it; R-060."""
    genuine = _assertion(root)
    genuine.addprevious(forged(genuine, id=genuine.get("ID")))


@lie(Stage.SEALED)
def forged_assertion_of_same_xml_id(root: Element) -> None:
    """Another element bears the signed assertion's id as ``xml:id``; R-060."""
    found(root, "samlp:Status").set("{http://www.w3.org/XML/1998/namespace}id", _assertion(root).get("ID"))


@lie(Stage.SEALED)
def id_spelt_otherwise(root: Element) -> None:
    """A forged assertion that bears the signature names the signed one's id as ``Id``; R-060."""
    genuine = _assertion(root)
    evil = forged(genuine)
    evil.set("Id", genuine.get("ID"))
    evil.insert(1, copy.deepcopy(signature_of(genuine)))
    root.replace(genuine, evil)
    root.insert(1, element(of(SAMLP, "Extensions"), without_signature(genuine)))


@lie(Stage.SEALED)
def response_of_assertion_id(root: Element) -> None:
    """The response has the signed assertion's id; R-060."""
    root.set("ID", _assertion(root).get("ID"))


@lie(Stage.SEALED)
def signed_assertion_in_extensions(root: Element) -> None:
    """The signed assertion is moved into the Extensions, and a forged one takes its place; R-060."""
    genuine = _assertion(root)
    root.replace(genuine, forged(genuine))
    root.insert(1, element(of(SAMLP, "Extensions"), genuine))


@lie(Stage.SEALED)
def signed_assertion_in_status_detail(root: Element) -> None:
    """The signed assertion is moved into the StatusDetail, and a forged one takes its place; R-060."""
    genuine = _assertion(root)
    root.replace(genuine, forged(genuine))
    found(root, "samlp:Status").append(element(of(SAMLP, "StatusDetail"), genuine))


@lie(Stage.SEALED)
def signed_assertion_in_advice(root: Element) -> None:
    """The signed assertion is the Advice of a forged one; R-060."""
    genuine = _assertion(root)
    evil = forged(genuine)
    root.replace(genuine, evil)
    found(evil, "saml:Conditions").addnext(element(of(SAML, "Advice"), genuine))


@lie(Stage.SEALED)
def signed_assertion_in_object(root: Element) -> None:
    """The signed assertion is in the Object of a signature that the response bears; R-060."""
    genuine = _assertion(root)
    signature = copy.deepcopy(signature_of(genuine))
    root.replace(genuine, forged(genuine))
    _with_object(signature, genuine)
    root.insert(1, signature)


@lie(Stage.SEALED)
def signed_assertion_in_attribute_value(root: Element) -> None:
    """The signed assertion is an attribute's value in a forged one; R-060, R-068."""
    genuine = _assertion(root)
    evil = forged(genuine)
    root.replace(genuine, evil)
    value = found(evil, "saml:AttributeStatement/saml:Attribute/saml:AttributeValue")
    value.text = None
    value.append(genuine)


@lie(Stage.SEALED)
def signed_assertion_in_confirmation(root: Element) -> None:
    """The signed assertion stands in the confirmation data of a forged one; R-060."""
    genuine = _assertion(root)
    evil = forged(genuine)
    root.replace(genuine, evil)
    found(evil, "saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData").append(genuine)


@lie(Stage.SEALED, signs=Part.RESPONSE)
def nested_response(root: Element) -> Element:
    """A forged response holds the signed one, signature and all; R-060."""
    evil = forged(root)
    evil.append(root)
    return evil


@lie(Stage.SEALED, signs=Part.RESPONSE)
def signed_response_in_extensions(root: Element) -> Element:
    """The signed response stands in a forged one's Extensions; R-060."""
    evil = forged(root)
    evil.insert(1, element(of(SAMLP, "Extensions"), root))
    return evil


@lie(Stage.SEALED)
def two_genuine_assertions(root: Element) -> None:
    """The signed assertion is there twice; R-060: exactly one, and all ids unique."""
    genuine = _assertion(root)
    genuine.addnext(copy.deepcopy(genuine))


@lie(Stage.SEALED)
def signature_of_another_assertion(root: Element) -> None:
    """A forged assertion bears a signature that refers to the genuine one, which keeps its own; R-061."""
    genuine = _assertion(root)
    evil = forged(genuine)
    evil.insert(1, copy.deepcopy(signature_of(genuine)))
    genuine.addprevious(evil)


@lie(Stage.SEALED)
def signature_of_assertion_on_response(root: Element) -> None:
    """The assertion's signature is moved up: the response bears it, and it refers to the assertion; R-061."""
    root.insert(1, signature_of(_assertion(root)))


@lie(Stage.SEALED)
def signature_in_extensions(root: Element) -> None:
    """The assertion's signature stands in the Extensions; R-061: a direct child of what it signs."""
    root.insert(1, element(of(SAMLP, "Extensions"), signature_of(_assertion(root))))


@lie(Stage.SEALED)
def signature_in_advice(root: Element) -> None:
    """The signature stands in the assertion's own Advice; R-061: a direct child of what it signs."""
    genuine = _assertion(root)
    signature = signature_of(genuine)
    found(genuine, "saml:Conditions").addnext(element(of(SAML, "Advice"), signature))


@lie(Stage.SEALED)
def signature_twice(root: Element) -> None:
    """The assertion bears its signature twice; R-061."""
    signature = signature_of(_assertion(root))
    signature.addnext(copy.deepcopy(signature))


@lie(Stage.SEALED)
def assertion_of_another_namespace_first(root: Element) -> None:
    """A forged assertion of SAML 1.1's namespace stands before the signed one; R-060."""
    genuine = _assertion(root)
    text = etree.tostring(forged(genuine)).replace(SAML.encode(), b"urn:oasis:names:tc:SAML:1.0:assertion")
    genuine.addprevious(etree.fromstring(text))


@lie(Stage.SEALED)
def altered_name(root: Element) -> None:
    """The name was changed after the signing; R-061."""
    found(root, "//saml:NameID").text = MALLORY


@lie(Stage.SEALED)
def altered_attribute(root: Element) -> None:
    """An attribute's value was changed after the signing; R-061."""
    found(root, "//saml:AttributeValue").text = "root"


@lie(Stage.SEALED)
def altered_audience(root: Element) -> None:
    """An audience was added after the signing; R-061."""
    restriction = found(root, "//saml:AudienceRestriction")
    restriction.append(element(of(SAML, "Audience"), text="https://elsewhere.example"))


@lie(Stage.SEALED)
def unsigned_response_of_signed_assertion_id(root: Element) -> None:
    """The signature of a stripped assertion is left alone in the response; R-061."""
    genuine = _assertion(root)
    signature = signature_of(genuine)
    root.replace(genuine, forged(genuine, id=genuine.get("ID")))
    root.insert(1, signature)
