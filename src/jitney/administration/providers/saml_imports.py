"""From a metadata document to the connection that it makes, and what may not change unasked (pure)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from jitney.administration.providers.connection_addresses import origin_of
from jitney.errors import InvalidInput
from jitney.model.identity_provider import UpstreamConnection
from jitney.model.saml_connection import MetadataState, SAMLConnection, SAMLEndpoint, SAMLMetadata


def with_metadata(
    connection: SAMLConnection, metadata: SAMLMetadata, *, checked: datetime | None
) -> SAMLConnection:
    """Return the connection as the document says: a certificate that is gone from it verifies nothing any more.

    ``checked`` is when the document was fetched, ``None`` where it came from a file.
    Raises ``InvalidInput`` (``saml_metadata_incomplete``).
    """
    if not metadata.single_sign_on or not metadata.signing_certificates:
        raise InvalidInput(
            "saml_metadata_incomplete", "The metadata name no place to sign in at, or no certificate."
        )
    return replace(
        connection,
        entity_id=metadata.entity_id,
        single_sign_on=metadata.single_sign_on,
        single_logout=metadata.single_logout,
        signing_certificates=metadata.signing_certificates,
        metadata=MetadataState(checked, metadata.valid_until),
    )


def with_fault(connection: SAMLConnection, code: str, *, checked: datetime) -> SAMLConnection:
    """Return the connection with why its metadata could not be taken; what was imported before stays in force."""
    return replace(connection, metadata=replace(connection.metadata, checked=checked, fault=code))


def check_same_places(present: SAMLConnection, metadata: SAMLMetadata) -> None:
    """Refuse metadata of another entity, or with an endpoint on an origin that was not there before (R-054).

    The attack: whoever takes over the place where the metadata stand sends our people to a page of his own, which
    looks like the provider's and asks for their passwords.
    So such a change waits until an operator has looked at it.
    Raises ``InvalidInput`` (``saml_metadata_changed_origin``).
    """
    before = set(_origins(present.single_sign_on + present.single_logout))
    after = set(_origins(metadata.single_sign_on + metadata.single_logout))
    is_same = present.entity_id == metadata.entity_id
    if not is_same or (before and after - before):
        raise InvalidInput(
            "saml_metadata_changed_origin",
            "The metadata name another entity, or endpoints on another host, than before.",
            entity=metadata.entity_id,
            origins=tuple(sorted(f"{scheme}://{host}:{port}" for scheme, host, port in after - before)),
        )


def check_not_older(present: SAMLConnection, metadata: SAMLMetadata) -> None:
    """Refuse a signed document that ends before the one in force does.

    The attack: a document of last year, whose signature is as good as ever, is shown again, and brings back the key
    that was withdrawn since because somebody else has it.
    Raises ``InvalidInput`` (``saml_metadata_older``).
    """
    before, after = present.metadata.valid_until, metadata.valid_until
    if present.metadata_certificates and before is not None and (after is None or after < before):
        raise InvalidInput(
            "saml_metadata_older",
            "The metadata are older than those in force: they end before these do.",
        )


def with_kept_imports(present: UpstreamConnection, wanted: UpstreamConnection) -> UpstreamConnection:
    """Keep what was imported for a provider that is still described at the same address.

    Who declares a provider by the address of its metadata states neither endpoints nor certificates.
    Other pins, and other settings, do not throw away what was imported: it is fetched again under the new ones.
    """
    if not isinstance(present, SAMLConnection) or not isinstance(wanted, SAMLConnection):
        return wanted
    if wanted.metadata_url is None or wanted.entity_id not in ("", present.entity_id):
        return wanted
    if wanted.metadata_url != present.metadata_url and not wanted.entity_id:
        return wanted
    same = (wanted.metadata_url, wanted.metadata_certificates) == (
        present.metadata_url,
        present.metadata_certificates,
    )
    return replace(
        wanted,
        entity_id=present.entity_id,
        single_sign_on=wanted.single_sign_on or present.single_sign_on,
        single_logout=wanted.single_logout or present.single_logout,
        signing_certificates=wanted.signing_certificates or present.signing_certificates,
        metadata=present.metadata if same else replace(present.metadata, checked=None),
    )


def needs_import(connection: SAMLConnection) -> bool:
    """Say whether the metadata have to be fetched before the connection can be used, or never were."""
    if connection.metadata_url is None:
        return False
    is_complete = connection.single_sign_on and connection.signing_certificates
    return not is_complete or connection.metadata.checked is None


def _origins(endpoints: tuple[SAMLEndpoint, ...]) -> Iterator[tuple[str, str, int | None]]:
    for endpoint in endpoints:
        yield origin_of(endpoint.url)
        if endpoint.response_url is not None:
            yield origin_of(endpoint.response_url)
