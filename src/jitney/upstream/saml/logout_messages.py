"""Our side of a single logout: the request that we send, and the answer to theirs (SAML Core 3.7)."""

from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from jitney.model.saml_connection import SAMLConnection, SAMLEndpoint
from jitney.ports import LogoutAsked, LogoutDeparture, Onward
from jitney.upstream.saml.names import saml, samlp
from jitney.upstream.saml.sending import Sender, written
from jitney.upstream.saml.subject import NameID, read_logout_hint

REQUEST_LIFETIME: Final = timedelta(minutes=5)
STATUS: Final = "urn:oasis:names:tc:SAML:2.0:status:"
_BY_USER: Final = "urn:oasis:names:tc:SAML:2.0:logout:user"


def send_logout_request(
    sender: Sender, connection: SAMLConnection, logout_hint: str, *, state: str, now: datetime
) -> LogoutDeparture | None:
    """Return a signed request to end the session there, as it leaves.

    ``None`` where the provider has no place for it, or the hint is none of a name: it then is of a session that
    began when these were another protocol's settings.
    Raises ``UpstreamUnavailable`` (``saml_credential_unusable``).
    """
    try:
        name_id, session_index = read_logout_hint(logout_hint)
    except ValueError:
        return None
    if not connection.single_logout:
        return None
    endpoint = sender.choose(connection.single_logout)
    message = sender.new_message(
        "LogoutRequest",
        now=now,
        destination=endpoint.url,
        NotOnOrAfter=written(now + REQUEST_LIFETIME),
        Reason=_BY_USER,
    )
    _add_name_id(message, name_id)
    if session_index is not None:
        etree.SubElement(message, samlp("SessionIndex")).text = session_index
    onward = sender.send(
        message, endpoint.binding, parameter="SAMLRequest", relay_state=state, key=sender.key()
    )
    return LogoutDeparture(onward, str(message.get("ID")))


def send_logout_response(
    sender: Sender, connection: SAMLConnection, asked: LogoutAsked, *, is_ended: bool, now: datetime
) -> Onward:
    """Return the signed answer to a request of theirs, with the RelayState that came with it.

    Raises ``UpstreamUnavailable`` (``saml_endpoint_missing``, ``saml_credential_unusable``).
    """
    endpoint = sender.choose(connection.single_logout)
    message = sender.new_message(
        "LogoutResponse", now=now, destination=_answered_at(endpoint), InResponseTo=asked.id
    )
    status = etree.SubElement(message, samlp("Status"))
    etree.SubElement(
        status, samlp("StatusCode"), {"Value": STATUS + ("Success" if is_ended else "Responder")}
    )
    return sender.send(
        message,
        endpoint.binding,
        parameter="SAMLResponse",
        relay_state=asked.relay_state,
        key=sender.key(),
    )


def _answered_at(endpoint: SAMLEndpoint) -> str:
    return endpoint.response_url or endpoint.url


def _add_name_id(message: etree._Element, name_id: NameID) -> None:
    """Write the name as it was received: a provider finds the session by all of it."""
    attributes = {
        "Format": name_id.format,
        "NameQualifier": name_id.name_qualifier,
        "SPNameQualifier": name_id.sp_name_qualifier,
    }
    element = etree.SubElement(
        message, saml("NameID"), {name: value for name, value in attributes.items() if value is not None}
    )
    element.text = name_id.value
