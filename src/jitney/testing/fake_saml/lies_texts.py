"""Lies in the wording: what is signed is read by two readers in two ways, since one of them stops at a seam.

CVE-2017-11427 and its kin: a person registers the name ``acme-ada<!---->.attacker`` at an honest provider,
which signs it, and the reader takes the text before the comment for all of it.
"""

from lxml import etree

from jitney.testing.fake_saml.documents import Element, element, found
from jitney.testing.fake_saml.lies import Stage, lie, oddity
from jitney.testing.fake_saml.names import SAML, XSI, of

_NAME = "//saml:Subject/saml:NameID"
_VALUE = "//saml:AttributeValue"
_INNER_ISSUER = "saml:Assertion/saml:Issuer"


def _cut(root: Element, path: str, seam: Element, rest: str = ".attacker") -> None:
    """Put a seam between the text at this path and some more of it."""
    place = found(root, path)
    place.append(seam)
    seam.tail = rest


@lie(Stage.TREE)
def comment_in_name(root: Element) -> None:
    """A comment divides the NameID, which is signed so; R-068."""
    _cut(root, _NAME, etree.Comment(""))


@lie(Stage.SEALED)
def comment_in_name_after_signing(root: Element) -> None:
    """Somebody put a comment into the signed NameID, which canonicalisation does not see; R-068."""
    name = found(root, _NAME)
    text, name.text = name.text, name.text[:5]
    _cut(root, _NAME, etree.Comment("x"), text[5:])


@lie(Stage.SEALED)
def comment_before_name(root: Element) -> None:
    """A comment stands before the text of the NameID, so that its first text is none; R-068."""
    name = found(root, _NAME)
    text, name.text = name.text, None
    _cut(root, _NAME, etree.Comment("x"), text)


@lie(Stage.TREE)
def comment_in_attribute(root: Element) -> None:
    """A comment divides an attribute's value; R-068."""
    _cut(root, _VALUE, etree.Comment("x"))


@lie(Stage.SEALED)
def comment_in_issuer(root: Element) -> None:
    """A comment divides the assertion's Issuer; R-068."""
    place = found(root, _INNER_ISSUER)
    text, place.text = place.text, place.text[:12]
    _cut(root, _INNER_ISSUER, etree.Comment("x"), text[12:])


@lie(Stage.SEALED)
def comment_in_audience(root: Element) -> None:
    """A comment divides an Audience; R-068."""
    path = "//saml:Audience"
    place = found(root, path)
    text, place.text = place.text, place.text[:12]
    _cut(root, path, etree.Comment("x"), text[12:])


@lie(Stage.TREE)
def instruction_in_name(root: Element) -> None:
    """A processing instruction divides the NameID; R-058, R-068."""
    _cut(root, _NAME, etree.ProcessingInstruction("a", "b"))


@lie(Stage.TREE)
def instruction_in_attribute(root: Element) -> None:
    """A processing instruction divides an attribute's value; R-058, R-068."""
    _cut(root, _VALUE, etree.ProcessingInstruction("a", "b"))


@lie(Stage.TREE)
def element_in_name(root: Element) -> None:
    """An element divides the NameID; R-068."""
    _cut(root, _NAME, etree.Element("b"))


@lie(Stage.TREE)
def element_in_attribute(root: Element) -> None:
    """An element divides an attribute's value; R-068."""
    _cut(root, _VALUE, etree.Element("b"))


@lie(Stage.TREE)
def element_in_issuer(root: Element) -> None:
    """An element divides the assertion's Issuer; R-068."""
    _cut(root, _INNER_ISSUER, etree.Element("b"))


@lie(Stage.TREE)
def name_in_attribute(root: Element) -> None:
    """An attribute's value is another NameID, as eduPersonTargetedID once was; R-068."""
    value = found(root, _VALUE)
    value.text = None
    del value.attrib[of(XSI, "type")]
    value.append(element(of(SAML, "NameID"), text="acme-mallory"))


@lie(Stage.TREE)
def second_name(root: Element) -> None:
    """The Subject holds two NameIDs; the schema allows one."""
    name = found(root, _NAME)
    name.addnext(element(of(SAML, "NameID"), text="acme-mallory"))


@lie(Stage.TREE)
def no_name(root: Element) -> None:
    """The Subject has confirmations and no NameID, where the NameID is who comes."""
    name = found(root, _NAME)
    name.getparent().remove(name)


@lie(Stage.TREE)
def base_id(root: Element) -> None:
    """A BaseID stands in place of the NameID; SAML Core 2.2.1 gives it no meaning of its own."""
    name = found(root, _NAME)
    made = element(of(SAML, "BaseID"))
    made.set(of(XSI, "type"), "saml:NameIDType")
    name.getparent().replace(name, made)


@lie(Stage.TREE)
def empty_name(root: Element) -> None:
    """The NameID is empty."""
    found(root, _NAME).text = None


@lie(Stage.TREE)
def blank_name(root: Element) -> None:
    """The NameID is white space."""
    found(root, _NAME).text = " \t\n "


@lie(Stage.TREE)
def long_name(root: Element) -> None:
    """The NameID has five thousand characters."""
    found(root, _NAME).text = "a" * 5_000


@lie(Stage.TREE)
def no_subject(root: Element) -> None:
    """The assertion speaks of nobody."""
    subject = found(root, "//saml:Subject")
    subject.getparent().remove(subject)


@lie(Stage.TREE)
def nameless_attribute(root: Element) -> None:
    """An attribute has no Name; the schema demands one."""
    del found(root, "//saml:Attribute").attrib["Name"]


@lie(Stage.TREE)
def encrypted_attribute(root: Element) -> None:
    """An attribute is said to be encrypted, and holds nothing; the schema demands something."""
    statement = found(root, "//saml:AttributeStatement")
    statement.append(element(of(SAML, "EncryptedAttribute")))


@lie(Stage.TREE)
def attribute_bomb(root: Element) -> None:
    """There are ten thousand attributes; R-058: at most 256 KiB."""
    statement = found(root, "//saml:AttributeStatement")
    for number in range(10_000):
        value = element(of(SAML, "AttributeValue"), text=str(number))
        statement.append(element(of(SAML, "Attribute"), value, Name=f"bomb-{number}"))


@oddity(Stage.TREE)
def many_values(root: Element) -> None:
    """One attribute has five thousand values, as somebody in five thousand groups has; they fit into 256 KiB."""
    attribute = found(root, "//saml:Attribute")
    attribute.extend([element(of(SAML, "AttributeValue"), text="v") for _ in range(5_000)])


@oddity(Stage.TREE)
def many_attributes(root: Element) -> None:
    """There are two thousand attributes, which fit into 256 KiB."""
    statement = found(root, "//saml:AttributeStatement")
    for number in range(2_000):
        statement.append(element(of(SAML, "Attribute"), Name=f"many-{number}"))


@lie(Stage.TREE)
def deep_elements(root: Element) -> None:
    """An attribute's value holds elements five hundred deep; R-068."""
    place = found(root, _VALUE)
    place.text = None
    for _ in range(500):
        place.append(etree.Element("deep"))
        place = place[-1]


@oddity(Stage.TREE)
def schema_elsewhere(root: Element) -> None:
    """A hint names somebody else's schema, which nobody fetches; R-060: no network, and the schemas are ours."""
    hint = f"{SAML} http://127.0.0.1:1/evil.xsd"
    root.set(of(XSI, "schemaLocation"), hint)


@oddity(Stage.TREE)
def attribute_without_values(root: Element) -> None:
    """An attribute has a name and no value (SAML Core 2.7.3.1)."""
    found(root, "//saml:AttributeStatement").append(element(of(SAML, "Attribute"), Name="nothing"))


@lie(Stage.SEALED)
def comment_between_elements(root: Element) -> None:
    """A comment stands between two elements, where no text is; in messages we take none at all, R-068."""
    found(root, "//saml:Conditions").addprevious(etree.Comment(" nothing to read here "))


@oddity(Stage.TREE)
def indented(root: Element) -> None:
    """The message is laid out on lines of its own, as some providers print it."""
    etree.indent(root)


@oddity(Stage.TREE)
def characters_of_markup(root: Element) -> None:
    """An attribute's value holds what looks like markup, escaped as it must be."""
    found(root, _VALUE).text = "<!-- &amp; --> ]]> <![CDATA["
