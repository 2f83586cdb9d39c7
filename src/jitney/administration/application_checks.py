"""Judge an application against everything around it before it is saved."""

from dataclasses import dataclass

from jitney.administration.application_rules import find_faults
from jitney.administration.sign_in_policy_reach import find_application_warnings
from jitney.administration.sign_in_policy_rules import PolicySurroundings
from jitney.errors import InvalidInput
from jitney.model.application import Application
from jitney.ports import IdentityProviders, Roles, UserStores


@dataclass(frozen=True, slots=True)
class ApplicationChecks:
    """Refuses what could not work or would be dangerous; ``enhanced`` is ``enable_enhanced_feature``."""

    identity_providers: IdentityProviders
    roles: Roles
    user_stores: UserStores
    enhanced: bool = False

    async def check(self, application: Application) -> tuple[str, ...]:
        """Return what of a sound application is worth a second look.

        Raises ``InvalidInput`` (``application_invalid``) with every fault by its field.
        """
        surroundings = PolicySurroundings(
            providers={idp.name: idp for idp in await self.identity_providers.list()},
            roles=await self.roles.names(),
            domains=frozenset(await self.user_stores.domains()),
            enhanced=self.enhanced,
        )
        if faults := find_faults(application, surroundings):
            raise InvalidInput("application_invalid", "This application cannot be saved.", fields=faults)
        return tuple(find_application_warnings(application, surroundings))
