"""Where SAML connections get what they need from: metadata documents, and key pairs of our own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from jitney.model.saml_connection import SAMLConnection, SAMLCredential, SAMLMetadata
from jitney.outgoing.client import OutgoingClient
from jitney.upstream.faults import call_to, refusal
from jitney.upstream.saml.brought_keys import read_brought
from jitney.upstream.saml.credentials import (
    UnusableCredentialError,
    make_credential,
    read_certificate_key,
    read_credential,
)
from jitney.upstream.saml.metadata import MOST_CERTIFICATES, read_metadata

Part = TypeVar("Part")

_ACCEPTED: Final = "application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"


class SAMLMetadataSource:
    """Implements the port ``SAMLSource``."""

    def __init__(self, outgoing: OutgoingClient) -> None:
        self._outgoing = outgoing

    async def fetch_metadata(self, url: str) -> bytes:
        """Return the document at an address, whatever type it says it has; see ``ports.SAMLSource``.

        Raises ``UpstreamUnavailable`` (``saml_metadata_failed``, the outgoing client's codes).
        """
        with call_to("saml_metadata"):
            answer = await self._outgoing.get_bytes(url, accept=_ACCEPTED)
        if answer.status != 200:
            raise refusal("saml_metadata_failed", status=answer.status)
        return answer.body

    def read_metadata(
        self, document: bytes, *, entity_id: str | None, certificates: Sequence[str], now: datetime
    ) -> SAMLMetadata:
        """Read what a document says about one identity provider; see ``ports.SAMLSource``."""
        return read_metadata(document, entity_id=entity_id, certificates=certificates, now=now)

    def make_credential(self, name: str, *, now: datetime) -> SAMLCredential:
        """Make a key pair of our own with a self-signed certificate on this name."""
        return make_credential(name, now=now)

    def read_credential(
        self, certificate: str, private_key: str, *, now: datetime, must_decrypt: bool = False
    ) -> SAMLCredential:
        """Return a key pair that an operator brings, ready to be kept; see ``ports.SAMLSource``."""
        return read_brought(certificate, private_key, now=now, must_decrypt=must_decrypt)

    def check_connection(self, connection: SAMLConnection) -> Mapping[str, str]:
        """Return what is wrong with a connection's certificates and keys, by field; see ``ports.SAMLSource``."""
        faults = {
            "signing_certificates": _first_flaw(
                "certificate", connection.signing_certificates, read_certificate_key
            ),
            "metadata_certificates": _first_flaw(
                "certificate", connection.metadata_certificates, read_certificate_key
            ),
            "credentials": _first_flaw("key pair", connection.credentials, read_credential),
        }
        if len(connection.signing_certificates) > MOST_CERTIFICATES:
            faults["signing_certificates"] = (
                f"At most {MOST_CERTIFICATES} certificates may be in force at once."
            )
        if not connection.signing_certificates:
            faults["signing_certificates"] = (
                "There must be a certificate of the provider: without one nothing that it says can be verified."
            )
        if not connection.credentials and (needs := _need_of_credentials(connection)):
            faults["credentials"] = f"There must be a key pair, since {needs}."
        return {field: fault for field, fault in faults.items() if fault is not None}


def _first_flaw(kind: str, parts: Sequence[Part], read: Callable[[Part], object]) -> str | None:
    for number, part in enumerate(parts, start=1):
        try:
            read(part)
        except UnusableCredentialError as error:
            return f"The {kind} number {number} {error}."
    return None


def _need_of_credentials(connection: SAMLConnection) -> str | None:
    if connection.signs_requests:
        return "requests are to be signed"
    if connection.passes_logout_on:
        return "requests to sign out are always signed"
    return "assertions are to be encrypted for us" if connection.wants_encryption else None
