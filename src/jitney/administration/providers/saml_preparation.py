"""Make a SAML provider ready to be kept: its metadata imported, and a key pair of our own made for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from jitney.administration.providers.saml_connection_rules import SAMLSurroundings
from jitney.administration.providers.saml_imports import needs_import, with_fault, with_metadata
from jitney.errors import Overloaded, UpstreamUnavailable
from jitney.model.application import Application
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection, SAMLMetadata
from jitney.ports import Clock, SAMLSource

ExpiryOf = Callable[[str], datetime | None]
"""Certificate (PEM) → until when it is valid, ``None`` where it cannot be read."""


@dataclass(frozen=True, slots=True)
class SAMLPreparation:
    """Gets SAML connections what they need from ``source``."""

    source: SAMLSource
    expiry_of: ExpiryOf
    clock: Clock

    async def prepare(self, idp: IdentityProvider) -> IdentityProvider:
        """Return the provider with what it lacks; any other than a SAML one is returned as it is.

        Metadata that cannot be fetched now are fetched later, if it is known whose they shall be.
        Raises ``UpstreamUnavailable`` where that is not known, and ``InvalidInput`` (``saml_metadata_…``) for a
        document that does not do.
        """
        connection = idp.connection
        if not isinstance(connection, SAMLConnection):
            return idp
        if needs_import(connection):
            connection = await self._imported(connection)
        return replace(idp, connection=self.with_credential(connection, idp.name))

    def with_credential(self, connection: SAMLConnection, name: str) -> SAMLConnection:
        """Return the connection with a key pair of ours; one that is there stays."""
        if connection.credentials:
            return connection
        made = self.source.make_credential(name, now=self.clock.now())
        return replace(connection, credentials=(made,))

    async def fetch(self, connection: SAMLConnection) -> bytes:
        """Return the document at the metadata's address; raises ``UpstreamUnavailable``."""
        return await self.source.fetch_metadata(connection.metadata_url or "")

    def read(
        self, document: bytes, connection: SAMLConnection, *, of_any_entity: bool = False
    ) -> SAMLMetadata:
        """Return what a document says about the connection's entity, or about the one that it is about.

        Raises ``InvalidInput`` (``saml_metadata_…``): signed by none of the keys that are pinned, too.
        """
        return self.source.read_metadata(
            document,
            entity_id=None if of_any_entity else connection.entity_id or None,
            certificates=connection.metadata_certificates,
            now=self.clock.now(),
        )

    def surroundings(self, applications: Mapping[str, Application]) -> SAMLSurroundings:
        """Return what the rules judge a SAML connection against."""
        return SAMLSurroundings(
            self.source.check_connection, self.expiry_of, self.clock.now(), applications
        )  # fmt: skip

    async def _imported(self, connection: SAMLConnection) -> SAMLConnection:
        now = self.clock.now()
        try:
            document = await self.fetch(connection)
        except (UpstreamUnavailable, Overloaded) as fault:
            if not connection.entity_id:
                raise
            return with_fault(connection, fault.code, checked=now)
        return with_metadata(connection, self.read(document, connection), checked=now)
