"""What is told of an identity provider: its record without secrets, and what must be registered there."""

from collections.abc import Iterator, Mapping
from typing import cast

from jitney.administration.providers.connection_rules import kind_of
from jitney.cli.printing import plain
from jitney.cli.sign_in_shown import enhanced_told
from jitney.model.connection import OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.upstream.places import OurPlaces
from jitney.upstream.saml.credentials import UnusableCredentialError, read_certificate
from jitney.upstream.trials.certificates import facts_of

_CERTIFICATES = ("signing_certificates", "metadata_certificates")


def as_record(idp: IdentityProvider) -> dict[str, object]:
    """Return the provider for programs, with its kind; no secret stands in it (R-115)."""
    record = cast("Mapping[str, object]", plain(idp))
    return {"name": idp.name, "kind": kind_of(idp.connection), **record}


def as_told(idp: IdentityProvider, *, enhanced: bool) -> dict[str, object]:
    """Return the provider for people: of a certificate whose it is, its key, and until when it is good.

    ``enhanced`` is ``enable_enhanced_feature`` of the installation.
    """
    record, connection = as_record(idp), idp.connection
    record["enhanced"] = enhanced_told(idp.enhanced, default=enhanced)
    if not isinstance(connection, SAMLConnection):
        return record
    told: dict[str, object] = {
        name: [_told(pem) for pem in getattr(connection, name)] for name in _CERTIFICATES
    }
    told["credentials"] = [_told(one.certificate) for one in connection.credentials]
    for name in ("single_sign_on", "single_logout"):
        told[name] = [f"{one.binding.value} {one.url}" for one in getattr(connection, name)]
    return {**record, "connection": {**cast("Mapping[str, object]", record["connection"]), **told}}


def to_register(idp: IdentityProvider, base_url: str) -> Iterator[str]:
    """List what the provider must be told of us."""
    places, connection = OurPlaces(base_url.rstrip("/"), idp.name), idp.connection
    if isinstance(connection, SAMLConnection):
        yield f"Load our metadata there: {places.saml_metadata}"
        yield f"Our entity id: {connection.service_provider_id or places.saml_metadata}"
        yield f"Assertion consumer service (HTTP-POST): {places.assertion_consumer}"
        yield f"Single logout: {places.single_logout}"
        return
    yield f"Register this redirect URI there: {places.callback}"
    if not isinstance(connection, OIDCConnection):
        return
    if connection.passes_logout_on:
        yield f"Register this address for after sign-out: {places.signed_out}"
    yield f"Register this address for back-channel logout, if there is such a field: {places.back_channel_logout}"


def _told(pem: str) -> str:
    try:
        return str(facts_of(read_certificate(pem)))
    except UnusableCredentialError:
        return "cannot be read"
