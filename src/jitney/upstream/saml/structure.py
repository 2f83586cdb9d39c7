"""Where things stand in a message: one assertion, under the root, and signatures only on what they sign (R-060)."""

from typing import Final, cast

from lxml import etree

from jitney.upstream.faults import refusal
from jitney.upstream.saml.names import ds, saml, samlp

_IDS: Final = etree.XPath(
    "descendant-or-self::*/@*[translate(local-name(), 'ID', 'id') = 'id']", smart_strings=False
)
_ASSERTIONS: Final = (saml("Assertion"), saml("EncryptedAssertion"))


def check_root(root: etree._Element, tag: str, *, document: str) -> None:
    """Refuse another document than the one that belongs here: ``saml_<document>_wrong_root``."""
    if root.tag != tag:
        raise refusal(f"saml_{document}_wrong_root")


def check_ids(root: etree._Element, *, document: str) -> None:
    """Refuse a document in which an id comes twice: ``saml_<document>_id_repeated``.

    One reader takes the first element of an id and another the last: the one verifies what the other does not use.
    """
    ids = [str(value) for value in cast("list[object]", _IDS(root))]
    if len(ids) != len(set(ids)):
        raise refusal(f"saml_{document}_id_repeated")


def check_places(response: etree._Element) -> None:
    """Refuse a response with more than one assertion, or with an assertion or a signature anywhere odd (R-060).

    Signature wrapping keeps the signed assertion somewhere in the document, in an extension, in an advice, in the
    signature itself, and puts the attacker's own where we would read.
    So no second one may stand anywhere, and no second response.
    Raises ``saml_response_response_nested``, ``…_assertion_repeated``, ``…_assertion_misplaced``,
    ``…_signature_misplaced``.
    """
    if next(response.iterdescendants(samlp("Response")), None) is not None:
        raise refusal("saml_response_response_nested")
    found = list(response.iterdescendants(*_ASSERTIONS))
    if len(found) > 1:
        raise refusal("saml_response_assertion_repeated")
    if found and found[0].getparent() is not response:
        raise refusal("saml_response_assertion_misplaced")
    check_signature_places(response, response, *found, document="response")


def get_sole_assertion(response: etree._Element) -> etree._Element:
    """Return the one assertion of a response whose places were checked, in the clear or encrypted.

    Raises ``saml_response_assertion_missing``.
    """
    for child in response.iterchildren(*_ASSERTIONS):
        return child
    raise refusal("saml_response_assertion_missing")


def check_signature_places(root: etree._Element, *may_be_signed: etree._Element, document: str) -> None:
    """Refuse a signature that is no child of one of these elements: ``saml_<document>_signature_misplaced``."""
    for signature in root.iter(ds("Signature")):
        parent = signature.getparent()
        if parent is None or not any(parent is element for element in may_be_signed):
            raise refusal(f"saml_{document}_signature_misplaced")


def check_lone_assertion(assertion: etree._Element) -> None:
    """Refuse a decrypted assertion that is none, or that hides another (R-060).

    Raises ``saml_assertion_wrong_root``, ``saml_assertion_assertion_nested``.
    """
    check_root(assertion, saml("Assertion"), document="assertion")
    if next(assertion.iterdescendants(*_ASSERTIONS, samlp("Response")), None) is not None:
        raise refusal("saml_assertion_assertion_nested")
