"""Define and remove roles."""

from dataclasses import dataclass
from typing import Final

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.errors import Conflict, NotAllowed, NotFound, UserStoreRejected
from jitney.model.audit_event import Action
from jitney.model.changes import AddRole, RemoveRole
from jitney.model.user import EVERYONE, OPERATOR_ROLES, PRIMARY
from jitney.ports import Applications, IdentityProviders, Roles, UnitOfWork, UserStores
from jitney.provisioning.store_rules import MAX_ROLE_NAME, RulesOf, Violation, role_violation

_SENTENCES: Final = {"role_name_too_long": f"A role name has at most {MAX_ROLE_NAME} characters."}
_NOT_SEEN: Final = "A role name has letters and digits that everybody can see."


def role_name_fault(violation: Violation) -> str:
    """Return what is wrong with the name of a role, for whoever gave it."""
    return violation.sentence or _SENTENCES.get(violation.reasons[-1].code, _NOT_SEEN)


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
        operator.need(Right.SEE)
        return tuple(sorted(await self.roles.names()))

    async def add(self, operator: Operator, name: str) -> None:
        """Define a role; raises ``Conflict`` (``role_taken``) and ``UserStoreRejected`` (``role_name_…``)."""
        operator.need(Right.ADMINISTER)
        if any(name.casefold() == one.casefold() for one in await self._taken(name)):
            raise Conflict("role_taken", "A role of this name exists.", what="role")
        primary = await self.user_stores.find(PRIMARY)
        violation = role_violation(name, self.rules_of(primary.description)) if primary else None
        if violation is not None:
            raise UserStoreRejected(violation.reasons[-1].code, role_name_fault(violation))
        event = self.trail.record(operator, Action.ROLE_ADDED, f"role:{name}")
        await self.work.commit(AddRole(name), event)

    async def remove(self, operator: Operator, name: str) -> None:
        """Remove a role that nobody holds, no identity provider gives and no application's policy names.

        Raises ``NotFound``, ``NotAllowed`` (``role_reserved``, ``role_in_use``), and ``Conflict`` with
        ``what`` ``role`` where somebody holds it.
        """
        operator.need(Right.ADMINISTER)
        if name == EVERYONE or name in OPERATOR_ROLES:
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

    async def _taken(self, name: str) -> frozenset[str]:
        """Return the names that a new role may not resemble; our own may be defined before they are given."""
        return await self.roles.names() | (OPERATOR_ROLES - {name}) | {EVERYONE}
