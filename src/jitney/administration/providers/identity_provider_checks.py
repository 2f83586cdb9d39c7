"""Judge an identity provider against everything around it before it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass

from jitney.administration.faults_by_field import gather
from jitney.administration.providers.connection_rules import find_connection_faults
from jitney.administration.providers.identity_provider_rules import find_faults, find_warnings
from jitney.administration.providers.saml_preparation import SAMLPreparation
from jitney.administration.providers.surroundings import (
    Surroundings,
    descriptions_of,
    find_absent,
    find_repeated,
)
from jitney.errors import Conflict, InvalidInput
from jitney.model.application import Application
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import Applications, IdentityProviders, Roles, UserStores
from jitney.provisioning.store_rules import RulesOf


@dataclass(frozen=True, slots=True)
class IdentityProviderChecks:
    """Refuses what could not work or would be dangerous.

    ``http_issuers_allowed_risky`` is for development; ``enhanced`` is ``enable_enhanced_feature``.
    """

    identity_providers: IdentityProviders
    applications: Applications
    user_stores: UserStores
    roles: Roles
    rules_of: RulesOf
    preparation: SAMLPreparation
    http_issuers_allowed_risky: bool = False
    enhanced: bool = False

    async def check(self, idp: IdentityProvider) -> tuple[str, ...]:
        """Return what of a sound provider is worth a second look.

        Raises ``InvalidInput`` (``identity_provider_invalid``) with every fault by its field.
        """
        surroundings = Surroundings(
            stores=await descriptions_of(self.user_stores),
            roles=await self.roles.names(),
            rules_of=self.rules_of,
            saml=self.preparation.surroundings(await self._applications()),
            http_issuers_allowed_risky=self.http_issuers_allowed_risky,
            repeated=await find_repeated(self.user_stores, [idp.policy]),
            absent=await find_absent(self.user_stores, [idp.policy]),
            enhanced=self.enhanced,
        )
        _refuse(find_faults(idp, surroundings))
        return find_warnings(idp, surroundings)

    async def check_connection(self, idp: IdentityProvider) -> None:
        """Refuse a connection that could not be saved; raises ``InvalidInput`` (``identity_provider_invalid``)."""
        surroundings = self.preparation.surroundings(await self._applications())
        found = find_connection_faults(
            idp.connection, surroundings, http_allowed=self.http_issuers_allowed_risky
        )
        _refuse({f"connection.{name}": text for name, text in gather(found).items()})

    async def check_home_realm(self, idp: IdentityProvider) -> None:
        """Refuse a home realm identifier that another provider has.

        The attack: an operator of one customer takes another's identifier, and that one's people end at his
        provider.
        Raises ``Conflict`` (``identity_provider_home_realm_taken``).
        """
        identifier = idp.home_realm.identifier
        if identifier is None:
            return
        other = await self.identity_providers.find_by_home_realm(identifier)
        if other is not None and other.id != idp.id:
            raise Conflict(
                "identity_provider_home_realm_taken",
                "Another identity provider has this home realm identifier.",
                what="identity_provider_home_realm",
                name=other.name,
            )

    async def _applications(self) -> Mapping[str, Application]:
        return {one.id: one for one in await self.applications.list()}


def _refuse(faults: Mapping[str, str]) -> None:
    if faults:
        raise InvalidInput(
            "identity_provider_invalid", "This identity provider cannot be saved.", fields=faults
        )
