"""Define and remove roles."""

from dataclasses import dataclass

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator
from jitney.errors import Conflict, NotAllowed, NotFound, UserStoreRejected
from jitney.model.audit_event import Action
from jitney.model.changes import AddRole, RemoveRole
from jitney.model.user import EVERYONE, OPERATOR_ROLE, PRIMARY
from jitney.ports import Applications, IdentityProviders, Roles, UnitOfWork, UserStores
from jitney.provisioning.store_rules import RulesOf, role_violation


@dataclass(frozen=True, slots=True)
class RoleAdministration:
    """What an operator may do with roles."""

    roles: Roles
    identity_providers: IdentityProviders
    user_stores: UserStores
    rules_of: RulesOf
    work: UnitOfWork
    trail: AuditTrail
    applications: Applications

    async def names(self, operator: Operator) -> tuple[str, ...]:
        """List all roles by name."""
        return tuple(sorted(await self.roles.names()))

    async def add(self, operator: Operator, name: str) -> None:
        """Define a role; raises ``Conflict`` (``role_taken``) and ``UserStoreRejected`` (``role_name_…``)."""
        if any(name.casefold() == one.casefold() for one in await self.roles.names() | {EVERYONE}):
            raise Conflict("role_taken", "A role of this name exists.", what="role")
        primary = await self.user_stores.find(PRIMARY)
        violation = role_violation(name, self.rules_of(primary.description)) if primary else None
        if violation is not None:
            sentence = violation.sentence or "A role name has letters and digits that everybody can see."
            raise UserStoreRejected(violation.reasons[-1].code, sentence)
        event = self.trail.record(operator, Action.ROLE_ADDED, f"role:{name}")
        await self.work.commit(AddRole(name), event)

    async def remove(self, operator: Operator, name: str) -> None:
        """Remove a role that nobody holds, no identity provider gives and no application's policy names.

        Raises ``NotFound``, ``NotAllowed`` (``role_reserved``, ``role_in_use``), and ``Conflict`` with
        ``what`` ``role`` where somebody holds it.
        """
        if name in (EVERYONE, OPERATOR_ROLE):
            raise NotAllowed("role_reserved", "This role belongs to Jitney itself.")
        if name not in await self.roles.names():
            raise NotFound("role_not_found", "There is no such role.", name=name)
        for idp in await self.identity_providers.list():
            if name in idp.policy.default_roles or any(row.local == name for row in idp.mappings.roles):
                raise NotAllowed("role_in_use", "An identity provider gives this role.", idp=idp.name)
        for application in await self.applications.list():
            if any(name in rule.roles for rule in application.sign_in_policy.rules):
                raise NotAllowed(
                    "role_in_use", "The sign-in policy of an application names this role.",
                    application=application.id,
                )  # fmt: skip
        event = self.trail.record(operator, Action.ROLE_REMOVED, f"role:{name}")
        await self.work.commit(RemoveRole(name), event)
