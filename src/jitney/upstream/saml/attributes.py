"""What the verified assertion states about the person beside their name (SAML Core 2.7.3)."""

from collections.abc import Mapping

from lxml import etree

from jitney.model.claims import Claims, ClaimValue
from jitney.upstream.faults import refusal
from jitney.upstream.saml.names import saml
from jitney.upstream.saml.texts import read_text

SUBJECT_MOST_CHARACTERS = 255
NAME_ID_CLAIM = "name_id"


def read_attributes(assertion: etree._Element) -> Mapping[str, tuple[str, ...]]:
    """Return all attributes by their ``Name``, with their texts in the order in which they came.

    An attribute that comes twice has the values of both.
    Raises ``saml_attribute_encrypted``; ``saml_attribute_not_text`` for a value that is more than text (R-068).
    """
    if assertion.find(f"{saml('AttributeStatement')}/{saml('EncryptedAttribute')}") is not None:
        raise refusal("saml_attribute_encrypted")
    attributes: dict[str, tuple[str, ...]] = {}
    for attribute in assertion.iterfind(f"{saml('AttributeStatement')}/{saml('Attribute')}"):
        name = str(attribute.get("Name"))
        values = tuple(read_text(value, "attribute") for value in attribute.iterfind(saml("AttributeValue")))
        attributes[name] = attributes.get(name, ()) + values
    return attributes


def claims_of(attributes: Mapping[str, tuple[str, ...]], name_id: str | None) -> Claims:
    """Return the attributes as claims: one text as itself, several as a list; and the name as ``name_id``."""
    claims: dict[str, ClaimValue] = {
        name: values[0] if len(values) == 1 else list(values) for name, values in attributes.items()
    }
    claims.pop(NAME_ID_CLAIM, None)
    return claims if name_id is None else {**claims, NAME_ID_CLAIM: name_id}


def subject_attribute_of(attributes: Mapping[str, tuple[str, ...]], name: str) -> str:
    """Return the one value of the attribute that is the subject (R-001).

    Raises ``saml_attribute_subject_missing``, ``saml_attribute_subject_malformed``.
    """
    values = attributes.get(name)
    if not values:
        raise refusal("saml_attribute_subject_missing")
    if len(values) != 1 or not values[0].strip() or len(values[0]) > SUBJECT_MOST_CHARACTERS:
        raise refusal("saml_attribute_subject_malformed", values=len(values))
    return values[0]
