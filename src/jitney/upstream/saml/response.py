"""The response around the assertion, checked one by one (SAML Profiles 4.1.4.2 and 4.1.4.3, R-063)."""

from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from jitney.upstream.faults import refusal
from jitney.upstream.saml.expected import ExpectedResponse
from jitney.upstream.saml.names import ENTITY_FORMAT, saml, samlp
from jitney.upstream.saml.texts import find_moment, read_text

_STATUS: Final = "urn:oasis:names:tc:SAML:2.0:status:"
_SUCCESS: Final = f"{_STATUS}Success"
_SAID_NO: Final[Mapping[str, str]] = {
    f"{_STATUS}AuthnFailed": "saml_response_denied",
    f"{_STATUS}RequestDenied": "saml_response_denied",
    f"{_STATUS}NoPassive": "upstream_interaction_required",
}
_OTHER_WORDS: Final = frozenset({
    "Requester", "Responder", "VersionMismatch", "InvalidAttrNameOrValue", "InvalidNameIDPolicy", "NoAuthnContext",
    "NoAvailableIDP", "NoSupportedIDP", "PartialLogout", "ProxyCountExceeded", "RequestUnsupported",
    "RequestVersionDeprecated", "RequestVersionTooHigh", "RequestVersionTooLow", "ResourceNotRecognized",
    "TooManyResponses", "UnknownAttrProfile", "UnknownPrincipal", "UnsupportedBinding",
})  # fmt: skip


def check_status(response: etree._Element) -> None:
    """Refuse a response that brings no identity, by what it says instead (SAML Core 3.2.2.2).

    Its codes are looked up in a table, and its message, a stranger's prose, is read by nobody (R-055).
    Raises ``saml_response_denied``, ``upstream_interaction_required``, ``saml_response_status_error``.
    """
    codes = [
        str(code.get("Value")) for code in response.iterfind(f"{samlp('Status')}//{samlp('StatusCode')}")
    ]
    if codes == [_SUCCESS]:
        return
    for code in codes:
        if code in _SAID_NO:
            raise refusal(_SAID_NO[code], upstream_code=code.removeprefix(_STATUS))
    words = [code.removeprefix(_STATUS) for code in codes[:2]]
    known = [word for word in words if word in _OTHER_WORDS]
    raise refusal("saml_response_status_error", upstream_code=" ".join(known) or "unknown")


def check_version(response: etree._Element, _expected: ExpectedResponse) -> None:
    """SAML Core 3.2.2: ``Version`` is 2.0."""
    check_version_of(response, "response")


def check_issuer(response: etree._Element, expected: ExpectedResponse) -> None:
    """The issuer is the provider at whose address the response came in, exactly (R-064)."""
    check_issuer_of(response, expected, "response")


def check_destination(response: etree._Element, expected: ExpectedResponse) -> None:
    """``Destination`` is the address at which it came in (SAML Bindings 3.5.5.2).

    A response for another service of the same provider, sent on to us by whoever runs that service,
    would sign its visitors in here.
    """
    if response.get("Destination") != expected.places.assertion_consumer:
        raise refusal("saml_response_destination_differs")


def check_in_response_to(response: etree._Element, expected: ExpectedResponse) -> None:
    """``InResponseTo`` is the id of the request of this very trip; without a request there is none.

    An attacker posts a genuine response about himself through somebody else's browser,
    who then works, unaware, in the attacker's account.
    """
    check_answers(response, expected, "response")


def check_issued(response: etree._Element, expected: ExpectedResponse) -> None:
    """``IssueInstant`` is not in the future."""
    check_issued_of(response, expected, "response")


RESPONSE_CHECKS: Final[tuple[Callable[[etree._Element, ExpectedResponse], None], ...]] = (
    check_version,
    check_issuer,
    check_destination,
    check_in_response_to,
    check_issued,
)


def check_response(response: etree._Element, expected: ExpectedResponse) -> None:
    """Go through all checks in their order; raises the refusal of the first that fails."""
    for check in RESPONSE_CHECKS:
        check(response, expected)


def check_version_of(element: etree._Element, document: str) -> None:
    """Refuse another version than 2.0: ``saml_<document>_version_differs``."""
    if element.get("Version") != "2.0":
        raise refusal(f"saml_{document}_version_differs")


def check_issuer_of(element: etree._Element, expected: ExpectedResponse, document: str) -> None:
    """Refuse another issuer than the provider: ``saml_<document>_issuer_missing``, ``…_issuer_differs``."""
    issuer = element.find(saml("Issuer"))
    if issuer is None:
        raise refusal(f"saml_{document}_issuer_missing")
    is_entity = issuer.get("Format") in (None, ENTITY_FORMAT)
    if not is_entity or read_text(issuer, document) != expected.connection.entity_id:
        raise refusal(f"saml_{document}_issuer_differs")


def check_answers(element: etree._Element, expected: ExpectedResponse, document: str) -> None:
    """Refuse what answers another request, or one where there was none.

    Raises ``saml_<document>_in_response_to_missing``, ``…_in_response_to_differs``, ``…_in_response_to_unasked``.
    """
    answered = element.get("InResponseTo")
    if expected.attempt is None:
        if answered is not None:
            raise refusal(f"saml_{document}_in_response_to_unasked")
    elif answered is None:
        raise refusal(f"saml_{document}_in_response_to_missing")
    elif not expected.attempt.request_id or answered != expected.attempt.request_id:
        raise refusal(f"saml_{document}_in_response_to_differs")


def check_issued_of(element: etree._Element, expected: ExpectedResponse, document: str) -> None:
    """Refuse what will be issued later than now: ``saml_<document>_issued_in_future``."""
    issued = find_moment(element, "IssueInstant", document=document)
    if issued is None or issued > expected.now + expected.skew:
        raise refusal(f"saml_{document}_issued_in_future")
