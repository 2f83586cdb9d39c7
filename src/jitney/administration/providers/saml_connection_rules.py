"""What a SAML connection must hold before it may be saved (pure)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jitney.administration.providers.connection_addresses import find_endpoint_fault
from jitney.administration.providers.connection_claims import is_mutable
from jitney.administration.providers.oauth_parameters import find_parameter_faults
from jitney.model.application import Application
from jitney.model.saml_connection import SAMLConnection

EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"

SAML_PARAMETERS = frozenset(
    {"SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding"}
)
"""Parameters of a SAML message that no setting may replace (SAML Bindings 3.4)."""

SOON = timedelta(days=30)
"""How long before its end a certificate is spoken of."""

LONGEST_ID = 1024
"""Characters of an entity id (SAML Core 8.3.6)."""

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")

MOST_RELAY_STATES = 100
RELAY_STATE_BYTES = 80
"""Octets of a RelayState (SAML Bindings 3.4.3)."""


@dataclass(frozen=True, slots=True)
class SAMLSurroundings:
    """What a SAML connection is judged against.

    ``check`` says what is wrong with its certificates and keys, by field (``SAMLSource.check_connection``);
    ``expiry_of`` until when a certificate (PEM) is valid, ``None`` where it cannot be read.
    """

    check: Callable[[SAMLConnection], Mapping[str, str]]
    expiry_of: Callable[[str], datetime | None]
    now: datetime
    applications: Mapping[str, Application] = field(default_factory=dict[str, Application])


def find_saml_faults(
    connection: SAMLConnection, surroundings: SAMLSurroundings, *, http_allowed: bool
) -> Iterator[tuple[str, str]]:
    """Tell what is wrong, field by field; ``http_allowed`` is for development.

    What metadata import may lack while there is an address from which they come, and so may our own keys, which the
    verb makes where there are none.
    """
    yield from _entity_faults(connection)
    yield from _endpoint_faults(connection, http_allowed=http_allowed)
    yield from _subject_faults(connection)
    yield from _initiated_faults(connection, surroundings.applications)
    if not 0 <= connection.clock_skew <= 60:
        yield "clock_skew", "The clock skew is 0 to 60 seconds."
    if not 1 <= connection.metadata_hours <= 168:
        yield "metadata_hours", "Metadata are fetched again every 1 to 168 hours."
    index = connection.attribute_consuming_service_index
    if index is not None and not 0 <= index <= 65535:
        yield "attribute_consuming_service_index", "An index is 0 to 65535."
    if any(_URI.fullmatch(one) is None for one in connection.authn_contexts):
        yield (
            "authn_contexts",
            "An authentication context is a class reference, such as "
            "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport.",
        )
    if connection.name_id_format is not None and _URI.fullmatch(connection.name_id_format) is None:
        yield (
            "name_id_format",
            "A format is an address, such as urn:oasis:names:tc:SAML:2.0:nameid-format:persistent.",
        )
    yield from find_parameter_faults(connection.extra_parameters, ours=SAML_PARAMETERS)
    # What is not there yet is imported, or made, before the provider is kept.
    yield from (
        (name, text) for name, text in surroundings.check(connection).items() if getattr(connection, name)
    )


def find_saml_warnings(connection: SAMLConnection, surroundings: SAMLSurroundings) -> Iterator[str]:
    """Tell what is allowed and yet worth a second look."""
    if connection.sha1_allowed_risky:
        yield "sha1_allowed_risky: signatures with SHA-1 can be forged by whoever has the means."
    if connection.idp_initiated:
        yield "idp_initiated: people may arrive whom no application of ours has sent there."
    if connection.mutable_subject_allowed_risky and _is_mutable_subject(connection):
        yield ("mutable_subject_allowed_risky: whoever is given somebody's old address opens their account.")
    if connection.metadata_url and not connection.metadata_certificates:
        yield (
            "metadata_url: the metadata are believed because of the address alone; "
            "metadata_certificate_files pins the key that signs them."
        )
    end = connection.metadata.valid_until
    if end is not None and not connection.metadata_url:
        yield f"metadata: they end on {end:%Y-%m-%d}, and nobody can sign in after that day without new ones."
    if connection.metadata.fault is not None:
        yield f"metadata: the last try to fetch them failed ({connection.metadata.fault})."
    yield from _expiry_warnings(connection, surroundings)


def _entity_faults(connection: SAMLConnection) -> Iterator[tuple[str, str]]:
    if not connection.entity_id and not connection.metadata_url:
        yield "entity_id", "The provider's entity id is needed, exactly as its metadata say it."
    elif connection.entity_id and not _is_entity_id(connection.entity_id):
        yield "entity_id", "An entity id has at most 1024 printable characters without spaces."
    own = connection.service_provider_id
    if own is not None and not _is_entity_id(own):
        yield "service_provider_id", "An entity id has at most 1024 printable characters without spaces."
    if not connection.metadata_url:
        if not connection.single_sign_on:
            yield "single_sign_on", "Where people are sent is needed, or metadata that say it."
        if not connection.signing_certificates:
            yield "signing_certificates", "The certificate that verifies the provider is needed, or metadata."


def _is_entity_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID and text.isprintable() and " " not in text


def _endpoint_faults(connection: SAMLConnection, *, http_allowed: bool) -> Iterator[tuple[str, str]]:
    for name in ("single_sign_on", "single_logout"):
        for endpoint in getattr(connection, name):
            for url in (endpoint.url, endpoint.response_url):
                if url is not None and (fault := find_endpoint_fault(url, http_allowed=http_allowed)):
                    yield name, fault
    url = connection.metadata_url
    if url is not None and (fault := find_endpoint_fault(url, http_allowed=http_allowed)):
        yield "metadata_url", fault
    offered = {endpoint.binding for endpoint in connection.single_sign_on}
    if offered and connection.request_binding not in offered:
        there = ", ".join(sorted(offered))
        yield "request_binding", f"The provider takes requests by {there} alone."
    if connection.passes_logout_on and not connection.metadata_url and not connection.single_logout:
        yield "passes_logout_on", "The provider has no single logout endpoint."


def _subject_faults(connection: SAMLConnection) -> Iterator[tuple[str, str]]:
    """Find what would make a person's account somebody else's one day (R-001, R-002)."""
    attribute = connection.subject_attribute
    if attribute is not None and not attribute.strip():
        yield "subject_attribute", "The attribute that holds the immutable id of the person has a name."
    if attribute is None and connection.name_id_format == TRANSIENT:
        yield (
            "name_id_format",
            "A transient name is another one each time; subject_attribute names a lasting id.",
        )
    if not connection.mutable_subject_allowed_risky and _is_mutable_subject(connection):
        yield (
            "name_id_format" if attribute is None else "subject_attribute",
            "E-mail addresses and names change, or are given to somebody else later; the subject is an id that "
            "never does (R-002).",
        )


def _is_mutable_subject(connection: SAMLConnection) -> bool:
    if connection.subject_attribute is not None:
        return is_mutable(connection.subject_attribute)
    return connection.name_id_format == EMAIL_ADDRESS


def _initiated_faults(
    connection: SAMLConnection, applications: Mapping[str, Application]
) -> Iterator[tuple[str, str]]:
    """Find what an unasked response could lead to that is no application of ours, or cannot begin (R-066)."""
    if connection.idp_initiated and not (connection.relay_states or connection.default_application):
        yield "idp_initiated", "Where unasked responses lead is needed: relay_states or default_application."
    if len(connection.relay_states) > MOST_RELAY_STATES:
        yield "relay_states", f"A provider has at most {MOST_RELAY_STATES} of them."
    for state, application in connection.relay_states.items():
        if not state or not state.isprintable() or len(state.encode()) > RELAY_STATE_BYTES:
            yield "relay_states", f"A RelayState has 1 to {RELAY_STATE_BYTES} printable octets."
        if fault := _application_fault(application, applications):
            yield "relay_states", fault
    default = connection.default_application
    if default is not None and (fault := _application_fault(default, applications)):
        yield "default_application", fault


def _application_fault(name: str, applications: Mapping[str, Application]) -> str | None:
    application = applications.get(name)
    if application is None:
        return f"There is no application {name!r}."
    if application.initiate_login_uri is None:
        return f"The application {name!r} has no initiate_login_uri, by which it would begin the sign-in."
    return None


def _expiry_warnings(connection: SAMLConnection, surroundings: SAMLSurroundings) -> Iterator[str]:
    ours = tuple(one.certificate for one in connection.credentials)
    for name, certificates in (
        ("signing_certificates", connection.signing_certificates),
        ("credentials", ours),
    ):
        for end in sorted(filter(None, map(surroundings.expiry_of, certificates))):
            if end <= surroundings.now:
                yield f"{name}: a certificate has expired on {end:%Y-%m-%d}."
            elif end <= surroundings.now + SOON:
                yield f"{name}: a certificate expires on {end:%Y-%m-%d}."
