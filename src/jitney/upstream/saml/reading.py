"""The whole way from what a browser brought to who is here: each stage reads only what the last one proved."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from jitney.model.federated_identity import FederatedIdentity, OneTimeId, UnverifiedResponse
from jitney.model.saml_connection import SignedPart
from jitney.upstream.callback import check_belongs
from jitney.upstream.faults import refusal
from jitney.upstream.saml.attributes import claims_of, read_attributes, subject_attribute_of
from jitney.upstream.saml.conditions import check_assertion, read_authn_statement, read_expiry
from jitney.upstream.saml.decryption import decrypt_element
from jitney.upstream.saml.expected import ExpectedResponse
from jitney.upstream.saml.names import saml, samlp
from jitney.upstream.saml.parsing import decode_post, parse_document
from jitney.upstream.saml.response import check_response, check_status
from jitney.upstream.saml.schema import check_schema
from jitney.upstream.saml.signatures import has_signature, verify_enveloped
from jitney.upstream.saml.structure import (
    check_ids,
    check_lone_assertion,
    check_places,
    check_root,
    check_signature_places,
    get_sole_assertion,
)
from jitney.upstream.saml.subject import (
    SESSION_MOST_CHARACTERS,
    NameID,
    logout_hint_of,
    read_name_id,
    subject_of,
    upstream_name_of,
    without_usual_qualifiers,
)

RELAY_STATE_MOST_OCTETS: Final = 80
"""SAML Bindings 3.5.3: "RelayState data … MUST NOT exceed 80 bytes in length"."""

_WORD_MOST_CHARACTERS: Final = SESSION_MOST_CHARACTERS
_SEAL: Final = object()

Check = Callable[[etree._Element, ExpectedResponse], None]


@dataclass(frozen=True, slots=True)
class ReadResponse:
    """Who a response proved; made by ``read_response`` alone."""

    identity: FederatedIdentity
    _seal: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("ReadResponse is made by read_response alone")


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """An assertion that a signature covers, and the id of the response around it; its own terms are not checked."""

    assertion: etree._Element
    response_id: str


def read_response(unverified: UnverifiedResponse, expected: ExpectedResponse) -> ReadResponse:
    """Verify a response and return who it is about (SAML Profiles 4.1.4, R-058 to R-069).

    That its ``one_time`` documents are new is for the verb.
    Raises ``UpstreamRejected`` or ``UpstreamUnavailable`` with a code of ``SAML_REASONS``, ``callback_…`` or
    ``upstream_interaction_required``.
    """
    _check_relay_state(unverified, expected)
    check_metadata(expected)
    root = parse_response(_octets_of(unverified))
    check_status(root)
    verified = verify_response(root, expected)
    check_assertion(verified.assertion, expected)
    return ReadResponse(identity_of(verified, expected), _SEAL)


def _check_relay_state(unverified: UnverifiedResponse, expected: ExpectedResponse) -> None:
    """Refuse an answer to another trip before anything of it is read (R-049, R-064, R-067)."""
    relay_state = unverified.parameters.get("RelayState", "")
    if len(relay_state.encode("utf-8", "replace")) > RELAY_STATE_MOST_OCTETS:
        raise refusal("saml_response_relay_state_too_long")
    if expected.attempt is not None:
        check_belongs({"state": relay_state}, expected.attempt, idp=expected.idp_id)


def check_metadata(expected: ExpectedResponse) -> None:
    """Refuse to believe keys that the provider itself has let run out (SAML Metadata 2.3.2)."""
    valid_until = expected.connection.metadata.valid_until
    if valid_until is not None and valid_until <= expected.now:
        raise refusal("saml_response_metadata_expired")


def _octets_of(unverified: UnverifiedResponse) -> bytes:
    message = unverified.parameters.get("SAMLResponse")
    if not message:
        raise refusal("saml_response_missing")
    if not unverified.is_posted:
        raise refusal("saml_response_not_posted")
    return decode_post(message, document="response")


def parse_response(unverified: bytes) -> etree._Element:
    """Return the tree of a response that has the form of one; nothing of it is believed yet (R-058, R-060)."""
    root = parse_document(unverified, document="response")
    check_root(root, samlp("Response"), document="response")
    check_ids(root, document="response")
    check_places(root)
    check_schema(root, document="response")
    return root


def verify_response(
    root: etree._Element, expected: ExpectedResponse, check: Check = check_response
) -> VerifiedAssertion:
    """Return the one assertion, if signatures cover it as the settings demand (R-062).

    ``check`` holds the response around it against what is expected.
    """
    is_response_signed = has_signature(root)
    if not is_response_signed and expected.connection.signed in (SignedPart.RESPONSE, SignedPart.BOTH):
        raise refusal("saml_response_unsigned")
    response = _verified_element(root, root, expected, "response") if is_response_signed else root
    check(response, expected)
    assertion = _opened(get_sole_assertion(response), expected)
    if has_signature(assertion):
        # A bad one is fatal however good the signature around it is: somebody has changed something.
        within = assertion.getroottree().getroot()
        assertion = _verified_element(within, assertion, expected, "assertion")
    elif not is_response_signed or expected.connection.signed in (SignedPart.ASSERTION, SignedPart.BOTH):
        raise refusal("saml_assertion_unsigned")
    return VerifiedAssertion(assertion, str(response.get("ID")))


def _verified_element(
    root: etree._Element, element: etree._Element, expected: ExpectedResponse, document: str
) -> etree._Element:
    return verify_enveloped(
        root,
        element,
        certificates=expected.connection.signing_certificates,
        sha1_allowed=expected.connection.sha1_allowed_risky,
        document=document,
    )


def _opened(assertion: etree._Element, expected: ExpectedResponse) -> etree._Element:
    """Return the assertion in the clear; what was encrypted is held to the same form as what came open."""
    if assertion.tag == saml("Assertion"):
        if expected.connection.wants_encryption:
            raise refusal("saml_assertion_not_encrypted")
        return assertion
    opened = decrypt_element(assertion, credentials=expected.connection.credentials, document="assertion")
    check_lone_assertion(opened)
    check_ids(opened, document="assertion")
    check_signature_places(opened, opened, document="assertion")
    check_schema(opened, document="assertion")
    return opened


def identity_of(verified: VerifiedAssertion, expected: ExpectedResponse) -> FederatedIdentity:
    """Return who a verified assertion is about; raises ``saml_name_id_…``, ``saml_attribute_…``."""
    assertion, connection = verified.assertion, expected.connection
    name_id = _name_id_of(assertion, expected)
    attributes = read_attributes(assertion)
    claims = claims_of(attributes, name_id.value if name_id is not None else None)
    statement = read_authn_statement(assertion)
    session_index = _word(statement.session_index)
    if connection.subject_attribute is not None:
        subject = subject_attribute_of(attributes, connection.subject_attribute)
    elif name_id is not None:
        subject = subject_of(name_id, connection, expected.our_id)
    else:
        raise refusal("saml_name_id_missing")
    hinted = name_id if connection.passes_logout_on else None
    return FederatedIdentity(
        idp=expected.idp_id,
        subject=subject,
        claims=claims,
        signed_claims=frozenset(claims),
        authenticated_at=statement.authenticated_at,
        acr=_word(statement.context),
        upstream_session=session_index,
        upstream_name=upstream_name_of(without_usual_qualifiers(name_id, connection, expected.our_id))
        if name_id is not None
        else None,
        logout_hint=logout_hint_of(hinted, session_index) if hinted is not None else None,
        one_time=_one_time_ids(verified, expected),
    )


def _name_id_of(assertion: etree._Element, expected: ExpectedResponse) -> NameID | None:
    """Return the name, decrypted where it must be; ``None`` where the assertion names nobody."""
    subject = assertion.find(saml("Subject"))
    element = subject.find(saml("NameID")) if subject is not None else None
    encrypted = subject.find(saml("EncryptedID")) if subject is not None else None
    if encrypted is not None:
        element = decrypt_element(encrypted, credentials=expected.connection.credentials, document="name_id")
        check_root(element, saml("NameID"), document="name_id")
        check_schema(element, document="name_id")
    return read_name_id(element) if element is not None else None


def _one_time_ids(verified: VerifiedAssertion, expected: ExpectedResponse) -> tuple[OneTimeId, ...]:
    expires = read_expiry(verified.assertion, expected)
    return tuple(
        OneTimeId(each, expires) for each in (str(verified.assertion.get("ID")), verified.response_id)
    )


def _word(text: str | None) -> str | None:
    return text if text is not None and 0 < len(text) <= _WORD_MOST_CHARACTERS else None
