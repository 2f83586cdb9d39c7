"""Their side of a single logout: requests and answers, verified before anything ends (R-070)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from jitney.model.federated_identity import UnverifiedResponse
from jitney.ports import LogoutAsked
from jitney.upstream.faults import refusal
from jitney.upstream.saml.decryption import decrypt_element
from jitney.upstream.saml.expected import ExpectedResponse
from jitney.upstream.saml.logout_messages import STATUS
from jitney.upstream.saml.names import saml, samlp
from jitney.upstream.saml.parsing import decode_post, decode_redirect, parse_document
from jitney.upstream.saml.redirect_binding import Parameter, verify_query
from jitney.upstream.saml.response import check_issued_of, check_issuer_of, check_version_of
from jitney.upstream.saml.schema import check_schema
from jitney.upstream.saml.signatures import verify_enveloped
from jitney.upstream.saml.structure import check_ids, check_root, check_signature_places
from jitney.upstream.saml.subject import (
    SESSION_MOST_CHARACTERS,
    read_name_id,
    upstream_name_of,
    without_usual_qualifiers,
)
from jitney.upstream.saml.texts import find_moment, read_text

MESSAGE_LIFETIME: Final = timedelta(minutes=5)
"""How old a message may be; as long its id is remembered, so that it counts once."""

RELAY_STATE_MOST_OCTETS: Final = 80
"""SAML Bindings 3.4.3: "The value MUST NOT exceed 80 bytes in length"."""

_MOST_SESSIONS: Final = 100
_ID_MOST_CHARACTERS: Final = 256


@dataclass(frozen=True, slots=True)
class _Kind:
    """A message of the logout protocol: its element, its parameter, and the word for it in reasons."""

    tag: str
    parameter: Parameter
    document: str


@dataclass(frozen=True, slots=True)
class _Verified:
    """A message all of which a signature of the provider covers; made by ``_verify`` alone."""

    element: etree._Element
    relay_state: str | None


_REQUEST: Final = _Kind(samlp("LogoutRequest"), "SAMLRequest", "logout_request")
_RESPONSE: Final = _Kind(samlp("LogoutResponse"), "SAMLResponse", "logout_response")


def verify_logout_request(unverified: UnverifiedResponse, expected: ExpectedResponse) -> LogoutAsked:
    """Return what a request ends, or raise ``UpstreamRejected`` (``saml_logout_request_…``).

    From ``expires`` on the request is refused for its age: nobody needs to remember its id longer.
    """
    verified = _verify(unverified, expected, _REQUEST)
    request = verified.element
    _check_message(request, expected, _REQUEST)
    _check_not_over(request, expected)
    name_id = read_name_id(_name_of(request, expected))
    return LogoutAsked(
        id=_id_of(request),
        expires=_issued(request, _REQUEST) + MESSAGE_LIFETIME + expected.skew + timedelta(seconds=1),
        upstream_name=upstream_name_of(
            without_usual_qualifiers(name_id, expected.connection, expected.our_id)
        ),
        sessions=_sessions_of(request),
        relay_state=_relay_state_of(verified),
    )


def verify_logout_response(
    unverified: UnverifiedResponse, expected: ExpectedResponse, *, request_id: str
) -> None:
    """Refuse an answer that is not the provider's yes to this request (``saml_logout_response_…``).

    A provider that could end some of its other sessions only (``PartialLogout``) has ended the person's with it.
    """
    response = _verify(unverified, expected, _RESPONSE).element
    _check_message(response, expected, _RESPONSE)
    if not request_id or response.get("InResponseTo") != request_id:
        raise refusal("saml_logout_response_in_response_to_differs")
    codes = [
        str(code.get("Value")) for code in response.iterfind(f"{samlp('Status')}//{samlp('StatusCode')}")
    ]
    if codes[:1] != [f"{STATUS}Success"] and f"{STATUS}PartialLogout" not in codes[:2]:
        raise refusal("saml_logout_response_status_error")


def _verify(unverified: UnverifiedResponse, expected: ExpectedResponse, kind: _Kind) -> _Verified:
    """Return the message, if a key of this provider signed all of it.

    Whoever can have somebody signed out at will keeps them from working, and an unsigned message is anybody's;
    so there is none that may go without a signature, in either binding.
    """
    valid_until = expected.connection.metadata.valid_until
    if valid_until is not None and valid_until <= expected.now:
        raise refusal(f"saml_{kind.document}_metadata_expired")
    way = _by_post if unverified.is_posted else _by_redirect
    return way(unverified, expected, kind)


def _by_post(unverified: UnverifiedResponse, expected: ExpectedResponse, kind: _Kind) -> _Verified:
    value = unverified.parameters.get(kind.parameter, "")
    root = _parse(decode_post(value, document=kind.document), kind)
    connection = expected.connection
    element = verify_enveloped(
        root,
        root,
        certificates=connection.signing_certificates,
        sha1_allowed=connection.sha1_allowed_risky,
        document=kind.document,
    )
    return _Verified(element, unverified.parameters.get("RelayState"))


def _by_redirect(unverified: UnverifiedResponse, expected: ExpectedResponse, kind: _Kind) -> _Verified:
    """Read the message from the query that was verified, and from nothing else that the browser brought."""
    connection = expected.connection
    query = verify_query(
        unverified.query,
        parameter=kind.parameter,
        certificates=connection.signing_certificates,
        sha1_allowed=connection.sha1_allowed_risky,
        document=kind.document,
    )
    element = _parse(decode_redirect(query.message, document=kind.document), kind)
    return _Verified(element, query.relay_state)


def _parse(unverified: bytes, kind: _Kind) -> etree._Element:
    root = parse_document(unverified, document=kind.document)
    check_root(root, kind.tag, document=kind.document)
    check_ids(root, document=kind.document)
    check_signature_places(root, root, document=kind.document)
    check_schema(root, document=kind.document)
    return root


# ── what every message must say ─────────────────────────────────────────────────────────────────────


def _check_message(message: etree._Element, expected: ExpectedResponse, kind: _Kind) -> None:
    for check in _CHECKS:
        check(message, expected, kind)


def _check_version(message: etree._Element, _expected: ExpectedResponse, kind: _Kind) -> None:
    check_version_of(message, kind.document)


def _check_issuer(message: etree._Element, expected: ExpectedResponse, kind: _Kind) -> None:
    """The issuer is the provider at whose address the message came in, exactly (R-064)."""
    check_issuer_of(message, expected, kind.document)


def _check_destination(message: etree._Element, expected: ExpectedResponse, kind: _Kind) -> None:
    """A signed message names its destination (SAML Bindings 3.4.5.2, 3.5.5.2).

    One that the provider meant for another of its services does nothing here.
    """
    if message.get("Destination") != expected.places.single_logout:
        raise refusal(f"saml_{kind.document}_destination_differs")


def _check_issued(message: etree._Element, expected: ExpectedResponse, kind: _Kind) -> None:
    """An old message that somebody has kept ends no session of today."""
    check_issued_of(message, expected, kind.document)
    if expected.now > _issued(message, kind) + MESSAGE_LIFETIME + expected.skew:
        raise refusal(f"saml_{kind.document}_too_old")


_CHECKS: Final[tuple[Callable[[etree._Element, ExpectedResponse, _Kind], None], ...]] = (
    _check_version,
    _check_issuer,
    _check_destination,
    _check_issued,
)


def _issued(message: etree._Element, kind: _Kind) -> datetime:
    issued = find_moment(message, "IssueInstant", document=kind.document)
    if issued is None:
        raise refusal(f"saml_{kind.document}_malformed")
    return issued


# ── what a request says ─────────────────────────────────────────────────────────────────────────────


def _check_not_over(request: etree._Element, expected: ExpectedResponse) -> None:
    over = find_moment(request, "NotOnOrAfter", document="logout_request")
    if over is not None and over <= expected.now - expected.skew:
        raise refusal("saml_logout_request_expired")


def _name_of(request: etree._Element, expected: ExpectedResponse) -> etree._Element:
    """Return the ``NameID``, decrypted if need be; the schema has seen to it that there is one name of a kind."""
    encrypted = request.find(saml("EncryptedID"))
    name = request.find(saml("NameID"))
    if encrypted is not None:
        name = decrypt_element(
            encrypted, credentials=expected.connection.credentials, document="logout_request"
        )
        check_root(name, saml("NameID"), document="logout_request")
        check_schema(name, document="logout_request")
    if name is None:
        raise refusal("saml_logout_request_name_missing")
    return name


def _sessions_of(request: etree._Element) -> tuple[str, ...]:
    sessions = tuple(
        read_text(each, "logout_request") for each in request.iterchildren(samlp("SessionIndex"))
    )
    if len(sessions) > _MOST_SESSIONS:
        raise refusal("saml_logout_request_too_many_sessions", sessions=len(sessions))
    if any(len(each) > SESSION_MOST_CHARACTERS for each in sessions):
        # At the sign-in one that long was not kept; the name alone says who shall be signed out.
        return ()
    return tuple(dict.fromkeys(sessions))


def _id_of(request: etree._Element) -> str:
    request_id = request.get("ID", "")
    if not 0 < len(request_id) <= _ID_MOST_CHARACTERS:
        raise refusal("saml_logout_request_malformed", flaw="id")
    return request_id


def _relay_state_of(verified: _Verified) -> str | None:
    """Return what our answer must bring along: opaque to us, and short."""
    relay_state = verified.relay_state
    if relay_state is not None and len(relay_state.encode()) > RELAY_STATE_MOST_OCTETS:
        raise refusal("saml_logout_request_relay_state_too_long")
    return relay_state
