"""A response that an operator pasted: verified as far as a paste can be, with all that speaks against it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qs, unquote

from lxml import etree

from jitney.errors import JitneyError, UpstreamRejected, UpstreamUnavailable
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.sign_in import UpstreamAttempt
from jitney.ports import ExaminedResponse, PastedPerson
from jitney.upstream.faults import refusal
from jitney.upstream.saml.conditions import ASSERTION_CHECKS
from jitney.upstream.saml.expected import ExpectedResponse
from jitney.upstream.saml.parsing import decode_post
from jitney.upstream.saml.reading import check_metadata, identity_of, parse_response, verify_response
from jitney.upstream.saml.response import RESPONSE_CHECKS, check_status

OF_AGE_OR_WAY: Final = frozenset({
    "saml_response_destination_differs", "saml_response_in_response_to_differs", "saml_response_issued_in_future",
    "saml_assertion_issued_in_future", "saml_assertion_not_yet_valid", "saml_assertion_expired",
    "saml_assertion_recipient_differs", "saml_assertion_in_response_to_differs",
    "saml_assertion_in_response_to_missing", "saml_assertion_in_response_to_unasked",
    "saml_assertion_session_over", "saml_assertion_authn_instant_in_future",
})  # fmt: skip
"""What is wrong with every response that lay on a desk for a while, or was meant for another address of ours.

It signs nobody in, and its provider has said all the same what it says.
"""

_FIELD: Final = "SAMLResponse"
_MOST_FIELDS: Final = 20


def examine_response(unverified: str, expected: ExpectedResponse) -> ExaminedResponse:
    """Verify a pasted response by the rules of a real one (SAML Profiles 4.1.4), and say all that is wrong with it.

    That it is new, and answers a request of ours, only the browser that carried it could show.
    The attack: an operator is made to paste a forgery, and takes what it says for the provider's word; so of one
    that no signature covers, or that is for somebody else, nothing is told but why it was refused.
    """
    against = _Against()
    try:
        check_metadata(expected)
        root = parse_response(octets_of(unverified))
        check_status(root)
        as_asked = replace(expected, attempt=_trip_of(root, expected))
        verified = verify_response(root, as_asked, against.all(RESPONSE_CHECKS))
        against.all(ASSERTION_CHECKS)(verified.assertion, as_asked)
        person = _described(identity_of(verified, as_asked))
    except (UpstreamRejected, UpstreamUnavailable) as fault:
        return ExaminedResponse(None, (fault, *against.faults))
    return ExaminedResponse(person, tuple(against.faults))


def octets_of(unverified: str) -> bytes:
    """Return the message in what was pasted: XML, base64 of it, or the form body ``SAMLResponse=…``.

    Raises ``saml_response_missing``, ``saml_response_malformed``, ``saml_response_too_large``.
    """
    text = unverified.lstrip("\ufeff").strip()
    if not text:
        raise refusal("saml_response_missing")
    if text.startswith("<"):
        return text.encode("utf-8", "replace")
    if f"{_FIELD}=" in text:
        text = _field_of(text)
    return decode_post(unquote(text) if "%" in text else text, document="response")


def _field_of(body: str) -> str:
    try:
        found = parse_qs(body, max_num_fields=_MOST_FIELDS).get(_FIELD, [])
    except ValueError:
        found = []
    if len(found) != 1:
        raise refusal("saml_response_missing")
    return found[0].replace(" ", "+")  # where the body was decoded before, its plus signs are plus signs


@dataclass(slots=True)
class _Against:
    """Gathers what is wrong with age and way; all else is raised."""

    faults: list[JitneyError] = field(default_factory=list[JitneyError])

    def all(
        self, checks: Sequence[Callable[[etree._Element, ExpectedResponse], None]]
    ) -> Callable[[etree._Element, ExpectedResponse], None]:
        """Return one check that goes through all of these, and on where one of them fails for its age or way."""

        def check(element: etree._Element, expected: ExpectedResponse) -> None:
            for each in checks:
                self._try(each, element, expected)

        return check

    def _try(
        self,
        check: Callable[[etree._Element, ExpectedResponse], None],
        element: etree._Element,
        expected: ExpectedResponse,
    ) -> None:
        try:
            check(element, expected)
        except (UpstreamRejected, UpstreamUnavailable) as fault:
            if fault.code not in OF_AGE_OR_WAY:
                raise
            if fault.code not in {known.code for known in self.faults}:
                self.faults.append(fault)


def _trip_of(root: etree._Element, expected: ExpectedResponse) -> UpstreamAttempt | None:
    """Return the trip that the response says it ends: that there was one cannot be looked at here."""
    answered = root.get("InResponseTo")
    if not answered:
        return None
    return UpstreamAttempt(
        idp=expected.idp_id, idp_version=0, state_hash="", nonce="", code_verifier="",
        redirect_uri=expected.places.assertion_consumer, request_id=answered,
    )  # fmt: skip


def _described(identity: FederatedIdentity) -> PastedPerson:
    return PastedPerson(
        identity.subject, identity.claims, identity.signed_claims, identity.authenticated_at, identity.acr
    )
