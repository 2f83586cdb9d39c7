"""Add, find, change and remove users of our own user stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator
from jitney.administration.provenance_names import DescribedUser, name_givers
from jitney.administration.setup import set_up_mark
from jitney.administration.user_drafts import FederatedKey, NewUser, attribute_values, draft_user
from jitney.administration.user_finding import UserFinding
from jitney.errors import Conflict, InvalidInput, NotFound
from jitney.model.account_link import AccountLink, LinkedBy
from jitney.model.audit_event import Action
from jitney.model.changes import (
    AddAccountLink,
    AddRole,
    AddUser,
    Change,
    ChangeUser,
    EndSessionsOfUser,
    RemoveUser,
)
from jitney.model.claims import Attributes
from jitney.model.user import EVERYONE, OPERATOR_ROLE, GivenBy, Grant, Provenance, User, UserChanges
from jitney.ports import AccountLinks, Clock, Entropy, IdentityProviders, Passwords, Roles, UnitOfWork
from jitney.provisioning.claim_mapping import VERIFIED_FLAGS
from jitney.provisioning.store_rules import StoreRules


@dataclass(frozen=True, slots=True)
class UserEdit:
    """What an operator changes; an attribute without values is removed."""

    attributes: Attributes = field(default_factory=dict[str, tuple[str, ...]])
    roles_added: tuple[str, ...] = ()
    roles_removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserAdministration:
    """What an operator may do with the record of a user; ``account_states`` holds what is done to its use."""

    finding: UserFinding
    identity_providers: IdentityProviders
    account_links: AccountLinks
    roles: Roles
    passwords: Passwords
    store_rules: Mapping[str, StoreRules]
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock
    entropy: Entropy

    async def get(self, operator: Operator, reference: str) -> User:
        """Return a user by ``name``, ``DOMAIN/name`` or id; raises ``NotFound``."""
        return await self.finding.get(reference)

    async def list(
        self, operator: Operator, *, domain: str, after: str = "", limit: int = 50
    ) -> Sequence[User]:  # fmt: skip
        """List a page of a store's users by name key, from behind ``after``; raises ``NotFound``."""
        return await self.finding.store(domain).page(after=after, limit=min(max(limit, 1), 100))

    async def describe(self, operator: Operator, reference: str) -> DescribedUser:
        """Return a user with its links and the names of all who gave it something; raises ``NotFound``."""
        user = await self.finding.get(reference)
        links = await self.account_links.of_user(user.id)
        givers = await name_givers(
            user, links, finding=self.finding, identity_providers=self.identity_providers
        )
        return DescribedUser(user, links, givers)

    async def add(self, operator: Operator, new: NewUser) -> User:
        """Add a user with its roles and links, all in one commit.

        Raises ``UserStoreRejected`` (a rule of the store), ``InvalidInput`` (``role_not_found``),
        ``NotFound`` (store, identity provider) and ``Conflict`` (``user_name_taken``, ``account_link_taken``).
        """
        store = self.finding.writable_store(new.domain)
        giver = Provenance(GivenBy.OPERATOR, operator.id)
        rules = self.store_rules[store.description.domain]
        user = draft_user(new, rules, id=self.entropy.id(), now=self.clock.now(), giver=giver)
        await self._check_roles(new.roles)
        if await store.find_by_name_key(user.username.key) is not None:
            raise Conflict("user_name_taken", "A user of this name exists.", what="user_name")
        password_hash = None if new.password is None else await self.passwords.hash(new.password)
        links = await self._new_links(user, new.links)
        about = {"user_name": str(user.username), "roles": ", ".join(new.roles)}
        event = self.trail.record(operator, Action.USER_ADDED, f"user:{user.id}", **about)
        marks = self._marks(operator, user.id, new.roles)
        await self.work.commit(*marks, AddUser(user, password_hash), *links, event)
        return user

    async def change(self, operator: Operator, reference: str, edit: UserEdit) -> User:
        """Change attributes and roles; what an operator gives has the operator as its provenance.

        A role that is taken away ends the user's sessions (R-084).
        Raises ``NotFound``, ``InvalidInput`` (``role_not_found``), ``Conflict``.
        """
        user = await self.finding.get_writable(reference)
        await self._check_roles(edit.roles_added)
        changes = _changes(user, edit, Provenance(GivenBy.OPERATOR, operator.id))
        if changes.is_empty():
            return user
        about = _about(edit)
        todo: list[Change] = [ChangeUser(user.id, user.version, changes)]
        if changes.roles_removed:
            todo.append(EndSessionsOfUser(user.id, self.clock.now()))
        todo.append(self.trail.record(operator, Action.USER_CHANGED, f"user:{user.id}", **about))
        await self.work.commit(*self._marks(operator, user.id, edit.roles_added), *todo)
        return await self.finding.get_by_id(user.id)

    async def remove(self, operator: Operator, reference: str) -> None:
        """Remove a user with its links, sessions, codes and tokens; the id is never used again (R-015)."""
        user = await self.finding.get_writable(reference)
        about = {"user_name": str(user.username)}
        event = self.trail.record(operator, Action.USER_REMOVED, f"user:{user.id}", **about)
        await self.work.commit(RemoveUser(user.id, user.version), event)

    async def _check_roles(self, wanted: tuple[str, ...]) -> None:
        unknown = set(wanted) - await self.roles.names() - {EVERYONE, OPERATOR_ROLE}
        if unknown:
            text = f"There is no role {', '.join(sorted(unknown))}."
            raise InvalidInput("role_not_found", "A role does not exist.", fields={"roles": text})

    async def _new_links(self, user: User, keys: Sequence[FederatedKey]) -> Sequence[AddAccountLink]:
        """Return the links to add; raises ``Conflict`` for a key that opens somebody else."""
        added: list[AddAccountLink] = []
        for key in keys:
            idp = await self.identity_providers.find_by_name(key.idp_name)
            if idp is None:
                raise NotFound(
                    "identity_provider_not_found", "There is no such identity provider.", name=key.idp_name
                )
            present = await self.account_links.find(idp.id, key.subject)
            if present is not None and present.user_id != user.id:
                raise Conflict("account_link_taken", "This identity opens another user.", what="account_link")
            if present is None:
                domain, now = user.username.domain, self.clock.now()
                link = AccountLink(idp.id, key.subject, user.id, domain, now, LinkedBy.OPERATOR)
                added.append(AddAccountLink(link))
        return added

    def _marks(self, operator: Operator, user_id: str, roles: Sequence[str]) -> Sequence[Change]:
        """Note that an operator exists now, so that no further set-up link is offered."""
        if OPERATOR_ROLE not in roles:
            return ()
        return AddRole(OPERATOR_ROLE), set_up_mark(self.trail, operator, user_id)


def _changes(user: User, edit: UserEdit, giver: Provenance) -> UserChanges:
    values = attribute_values(edit.attributes, giver)
    attributes = {
        name: values.get(name, ())
        for name, wanted in edit.attributes.items()
        if user.values(name) != tuple(wanted)
    }
    # A flag speaks of one value: another value was not verified, unless the operator says so.
    for flag, of in VERIFIED_FLAGS.items():
        if of in attributes and (user.values(flag) or flag in edit.attributes):
            attributes[flag] = values.get(flag, ())
    held = {grant.name for grant in user.roles}
    added = [role for role in dict.fromkeys(edit.roles_added) if role not in held and role != EVERYONE]
    removed = tuple(grant for grant in user.roles if grant.name in edit.roles_removed)
    return UserChanges(attributes, tuple(Grant(role, giver) for role in added), removed)


def _about(edit: UserEdit) -> dict[str, str]:
    """Name what was changed: attributes by name alone, since their values are personal (R-123)."""
    parts = {
        "attributes": edit.attributes,
        "roles_added": edit.roles_added,
        "roles_removed": edit.roles_removed,
    }
    return {name: ", ".join(names) for name, names in parts.items() if names}
