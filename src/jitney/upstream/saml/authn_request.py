"""The way to the provider: the AuthnRequest that we send a browser with (SAML Core 3.4.1)."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from jitney.model.grant import AuthorizationRequest
from jitney.model.saml_connection import SAMLConnection
from jitney.ports import Onward
from jitney.upstream.places import OurPlaces
from jitney.upstream.saml.names import POST_BINDING, TRANSIENT_FORMAT, saml, samlp
from jitney.upstream.saml.sending import Sender


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request on its way, and the id that its answer must name."""

    id: str
    onward: Onward


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the application's request asks of this sign-in.

    ``is_fresh`` demands that the person signs in anew (R-089); ``is_other_account`` that they can choose another
    account, which in SAML only a fresh sign-in lets them; ``is_silent`` that no page is shown.
    """

    is_fresh: bool
    is_other_account: bool
    is_silent: bool


def read_wishes(connection: SAMLConnection, request: AuthorizationRequest | None) -> Wishes:
    """Return what is wished for by the settings and the application's request, if there is one."""
    prompt, max_age = (request.prompt, request.max_age) if request is not None else ((), None)
    return Wishes(
        is_fresh=connection.force_authn or "login" in prompt or max_age == 0,
        is_other_account="select_account" in prompt,
        is_silent="none" in prompt,
    )


def send_authn_request(
    sender: Sender,
    connection: SAMLConnection,
    places: OurPlaces,
    *,
    wishes: Wishes,
    state: str,
    now: datetime,
) -> SentRequest:
    """Return a request to sign somebody in, as it leaves; ``state`` is its RelayState (R-067).

    Raises ``UpstreamUnavailable`` (``saml_endpoint_missing``, ``saml_credential_unusable``).
    """
    endpoint = sender.choose(connection.single_sign_on)
    message = sender.new_message(
        "AuthnRequest",
        now=now,
        destination=endpoint.url,
        ProtocolBinding=POST_BINDING,
        AssertionConsumerServiceURL=places.assertion_consumer,
        **_attributes(connection, wishes),
    )
    _add_name_id_policy(message, connection.name_id_format)
    _add_contexts(message, connection)
    onward = sender.send(
        message,
        endpoint.binding,
        parameter="SAMLRequest",
        relay_state=state,
        key=sender.key() if connection.signs_requests else None,
        extra=connection.extra_parameters,
    )
    return SentRequest(str(message.get("ID")), onward)


def _attributes(connection: SAMLConnection, wishes: Wishes) -> dict[str, str]:
    attributes: dict[str, str] = {}
    if wishes.is_fresh or wishes.is_other_account:
        attributes["ForceAuthn"] = "true"
    if wishes.is_silent:
        attributes["IsPassive"] = "true"
    if connection.attribute_consuming_service_index is not None:
        attributes["AttributeConsumingServiceIndex"] = str(connection.attribute_consuming_service_index)
    return attributes


def _add_name_id_policy(message: etree._Element, name_id_format: str | None) -> None:
    """Ask for a kind of name; one that lives for a single session is always made, so nothing is allowed."""
    if name_id_format is None:
        return
    policy = etree.SubElement(message, samlp("NameIDPolicy"), {"Format": name_id_format})
    if name_id_format != TRANSIENT_FORMAT:
        policy.set("AllowCreate", "true")


def _add_contexts(message: etree._Element, connection: SAMLConnection) -> None:
    if not connection.authn_contexts:
        return
    requested = etree.SubElement(
        message,
        samlp("RequestedAuthnContext"),
        {"Comparison": connection.context_comparison.value},
    )
    for context in connection.authn_contexts:
        etree.SubElement(requested, saml("AuthnContextClassRef")).text = context
