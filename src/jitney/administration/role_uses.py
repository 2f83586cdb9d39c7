"""Who gives a role, and whose sign-in policy names it: what stands in the way of its removal."""

from dataclasses import dataclass

from jitney.administration.operator import Operator, Right
from jitney.model.application import Application
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import Applications, IdentityProviders


@dataclass(frozen=True, slots=True)
class RoleUse:
    """Identity providers that give a role, by default or by a mapping, and applications whose policies name it."""

    identity_providers: tuple[IdentityProvider, ...] = ()
    applications: tuple[Application, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleUses:
    """Looks the uses of a role up; who holds it is not asked."""

    identity_providers: IdentityProviders
    applications: Applications

    async def of(self, operator: Operator, name: str) -> RoleUse:
        """Return what names this role."""
        operator.need(Right.SEE)
        providers, applications = await self.identity_providers.list(), await self.applications.list()
        return RoleUse(
            tuple(idp for idp in providers if gives_role(idp, name)),
            tuple(one for one in applications if names_role(one, name)),
        )


def gives_role(idp: IdentityProvider, name: str) -> bool:
    """Say whether people of this provider may get the role from it."""
    return name in idp.policy.default_roles or any(row.local == name for row in idp.mappings.roles)


def names_role(application: Application, name: str) -> bool:
    """Say whether a rule of the application's policy asks for the role."""
    return any(name in rule.roles for rule in application.sign_in_policy.rules)
