"""Our own keys that SAML providers know us by: roll over to a new one, made here or brought, in two steps."""

from dataclasses import dataclass, replace

from jitney.administration.differences import changed_fields
from jitney.administration.operator import Operator, Right
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.errors import InvalidInput, NotAllowed, NotFound
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection, SAMLCredential


@dataclass(frozen=True, slots=True)
class SAMLKeyVerbs:
    """Rolls keys over in two steps, between which the provider's operator loads our metadata again."""

    administration: IdentityProviderAdministration

    async def begin(self, operator: Operator, name: str) -> IdentityProvider:
        """Make a second key pair: it stands in our metadata and decrypts; the old one still signs.

        Raises ``NotFound``, ``NotAllowed`` (``saml_key_rotation_under_way``) and ``Conflict``.
        """
        operator.need(Right.ADMINISTER)
        idp, connection = await self._find(operator, name)
        _check_not_under_way(connection)
        preparation = self.administration.preparation
        made = preparation.source.make_credential(idp.name, now=preparation.clock.now())
        return await self._save(operator, idp, connection, (*connection.credentials, made))

    async def bring(
        self, operator: Operator, name: str, *, certificate: str, private_key: str
    ) -> IdentityProvider:
        """Publish a key pair (PEM) that the operator brings, as ``begin`` does one of our making.

        Where there is no key of ours yet, it signs at once.
        Raises what ``begin`` raises, and ``InvalidInput`` (``saml_key_pair_unfit``, ``saml_key_pair_known``) with
        the faults by ``certificate`` and ``private_key``.
        """
        operator.need(Right.ADMINISTER)
        idp, connection = await self._find(operator, name)
        _check_not_under_way(connection)
        preparation = self.administration.preparation
        brought = preparation.source.read_credential(
            certificate,
            private_key,
            now=preparation.clock.now(),
            must_decrypt=connection.wants_encryption,
        )
        if any(one.certificate == brought.certificate for one in connection.credentials):
            told = {"certificate": "Bring another one, or publish one that is made here."}
            raise InvalidInput("saml_key_pair_known", "This is the key that signs already.", fields=told)
        return await self._save(operator, idp, connection, (*connection.credentials, brought))

    async def finish(self, operator: Operator, name: str) -> IdentityProvider:
        """Let the new key sign and forget the old one; what is encrypted for the old one cannot be read any more.

        Raises ``NotFound``, ``NotAllowed`` (``saml_key_rotation_not_begun``) and ``Conflict``.
        """
        operator.need(Right.ADMINISTER)
        idp, connection = await self._find(operator, name)
        if len(connection.credentials) < 2:
            raise NotAllowed("saml_key_rotation_not_begun", "There is no new key to go over to.")
        return await self._save(operator, idp, connection, connection.credentials[-1:])

    async def _find(self, operator: Operator, name: str) -> tuple[IdentityProvider, SAMLConnection]:
        idp = await self.administration.get(operator, name)
        if not isinstance(idp.connection, SAMLConnection):
            raise NotFound("saml_not_spoken", "This identity provider does not speak SAML.")
        return idp, idp.connection

    async def _save(
        self,
        operator: Operator,
        idp: IdentityProvider,
        connection: SAMLConnection,
        credentials: tuple[SAMLCredential, ...],
    ) -> IdentityProvider:
        wanted = replace(connection, credentials=credentials)
        after = replace(idp, connection=wanted, version=idp.version + 1)
        await self.administration.save_changed(operator.actor, idp, after, changed_fields(idp, after))
        return after


def _check_not_under_way(connection: SAMLConnection) -> None:
    if len(connection.credentials) > 1:
        raise NotAllowed("saml_key_rotation_under_way", "A new key is published already. Finish that first.")
