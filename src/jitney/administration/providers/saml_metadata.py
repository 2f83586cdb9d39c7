"""Fetch the metadata of SAML providers again, because an operator asks for it or because it is time (R-070)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jitney.administration.differences import changed_fields
from jitney.administration.operator import Operator, Right
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.administration.providers.saml_imports import (
    check_not_older,
    check_same_places,
    with_fault,
    with_metadata,
)
from jitney.errors import Conflict, InvalidInput, JitneyError, NotAllowed, NotFound
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection, SAMLMetadata

BY_THE_CLOCK = "system"
"""The actor of audit events about what is done because it is time."""

_STATE = "connection.metadata."


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A provider whose metadata were looked at: the fields that changed, or why they could not be taken."""

    idp: IdentityProvider
    fields: tuple[str, ...] = ()
    fault: JitneyError | None = None


@dataclass(frozen=True, slots=True)
class SAMLMetadataVerbs:
    """Keeps the metadata of SAML providers up to date.

    From the address that an operator gave, and where keys are pinned only under their signature, new certificates
    are taken over and those that are gone are dropped; another entity or host only when an operator accepts it.
    """

    administration: IdentityProviderAdministration

    async def refresh(self, operator: Operator, name: str, *, accept: bool = False) -> Refreshed:
        """Fetch a provider's metadata now; ``accept`` takes another entity, and endpoints on other hosts, too.

        Raises ``NotFound``, ``NotAllowed`` (``saml_metadata_not_fetched``) where there is no address, and what
        keeps the metadata from being taken: ``UpstreamUnavailable``, ``InvalidInput`` (``saml_metadata_…``).
        """
        operator.need(Right.ADMINISTER)
        idp = await self.administration.get(operator, name)
        connection = _saml(idp)
        if connection.metadata_url is None:
            raise NotAllowed(
                "saml_metadata_not_fetched", "The metadata of this identity provider came from no address."
            )
        refreshed = await self._refresh(operator.actor, idp, connection, accept=accept)
        if refreshed.fault is not None:
            raise refreshed.fault
        return refreshed

    async def import_document(
        self, operator: Operator, name: str, document: bytes, *, accept: bool = False
    ) -> Refreshed:
        """Take a provider's metadata from a document that the operator brings.

        Raises ``NotFound``, ``InvalidInput`` (``saml_metadata_…``), ``Conflict``.
        """
        operator.need(Right.ADMINISTER)
        idp = await self.administration.get(operator, name)
        connection = _saml(idp)
        metadata = self._read(connection, document)
        # What an operator brings says nothing of the address, which is asked again in its time.
        wanted = with_metadata(connection, metadata, checked=connection.metadata.checked)
        await self._check(idp, metadata, wanted, accept=accept)
        return await self._save(operator.actor, idp, wanted)

    def described(self, operator: Operator, wanted: IdentityProvider, document: bytes) -> IdentityProvider:
        """Return a SAML provider that is not kept yet, as a document of its metadata describes it.

        Raises ``InvalidInput`` (``saml_metadata_…``).
        """
        operator.need(Right.ADMINISTER)
        connection = _saml(wanted)
        metadata = self.administration.preparation.read(document, connection)
        return replace(wanted, connection=with_metadata(connection, metadata, checked=None))

    async def refresh_due(self) -> Sequence[Refreshed]:
        """Fetch the metadata of all whose time has come; what went wrong with one is no matter of the others.

        Two nodes may do so at once: the one that saves second finds another version, and leaves it at that.
        """
        stored, now = self.administration.identity_providers, self.administration.preparation.clock.now()
        return [
            await self._refresh_in_turn(idp, idp.connection)
            for idp in await stored.due_for_metadata(now)
            if isinstance(idp.connection, SAMLConnection)
        ]

    async def _refresh_in_turn(self, idp: IdentityProvider, connection: SAMLConnection) -> Refreshed:
        try:
            return await self._refresh(BY_THE_CLOCK, idp, connection, accept=False)
        except Conflict as fault:
            return Refreshed(idp, fault=fault)
        except Exception as bug:  # whatever one provider's document does, the others get their turn
            return await self._set_aside(idp, connection, bug)

    async def _set_aside(
        self, idp: IdentityProvider, connection: SAMLConnection, bug: Exception
    ) -> Refreshed:
        """Note that a document could not be dealt with, so that it is looked at again in its time."""
        fault = InvalidInput(
            "saml_metadata_malformed", "The metadata cannot be understood.", cause=type(bug).__name__
        )
        now = self.administration.preparation.clock.now()
        try:
            saved = await self._save(BY_THE_CLOCK, idp, with_fault(connection, fault.code, checked=now))
        except JitneyError:
            return Refreshed(idp, fault=fault)
        return replace(saved, fault=fault)

    async def _refresh(
        self, actor: str, idp: IdentityProvider, connection: SAMLConnection, *, accept: bool
    ) -> Refreshed:
        """Take the new metadata, or keep the old ones and note why; either way it is written when that was."""
        preparation = self.administration.preparation
        now = preparation.clock.now()
        try:
            metadata = self._read(connection, await preparation.fetch(connection))
            wanted = with_metadata(connection, metadata, checked=now)
            await self._check(idp, metadata, wanted, accept=accept)
        except JitneyError as fault:
            failed = await self._save(actor, idp, with_fault(connection, fault.code, checked=now))
            return replace(failed, fault=fault)
        return await self._save(actor, idp, wanted)

    async def _check(
        self, idp: IdentityProvider, metadata: SAMLMetadata, wanted: SAMLConnection, *, accept: bool
    ) -> None:
        """Refuse what may not change so far unasked, and what would not be sound."""
        if not accept:
            check_same_places(_saml(idp), metadata)
            check_not_older(_saml(idp), metadata)
        await self.administration.checks.check_connection(replace(idp, connection=wanted))

    def _read(self, connection: SAMLConnection, document: bytes) -> SAMLMetadata:
        """Read what the document says about our provider, or else about whom it is: it may have a new name."""
        preparation = self.administration.preparation
        try:
            return preparation.read(document, connection)
        except InvalidInput as fault:
            try:
                return preparation.read(document, connection, of_any_entity=True)
            except InvalidInput:
                raise fault from None

    async def _save(self, actor: str, idp: IdentityProvider, wanted: SAMLConnection) -> Refreshed:
        after = replace(idp, connection=wanted, version=idp.version + 1)
        fields = tuple(name for name in changed_fields(idp, after) if not name.startswith(_STATE))
        await self.administration.save_changed(actor, idp, after, fields)
        return Refreshed(after, fields)


def _saml(idp: IdentityProvider) -> SAMLConnection:
    if not isinstance(idp.connection, SAMLConnection):
        raise NotFound("saml_not_spoken", "This identity provider does not speak SAML.")
    return idp.connection
