"""Add, find, change and remove users, in whichever user store they live."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.administration.operator_reach import check_grants, check_keeps_own_rights, check_reach
from jitney.administration.operator_ways import OperatorWays
from jitney.administration.people.edit_rule import EditRule
from jitney.administration.people.named_users import NamedUser, name_users
from jitney.administration.people.provenance_names import DescribedUser, name_givers
from jitney.administration.people.setup import set_up_mark
from jitney.administration.people.user_drafts import FederatedKey, NewUser, attribute_values, draft_user
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.people.user_readiness import check_standing
from jitney.administration.people.user_removal import UserRemoval
from jitney.administration.people.user_roles import held_by, unknown_roles
from jitney.errors import Conflict, InvalidInput, NotFound
from jitney.model.account_link import AccountLink, LinkedBy
from jitney.model.audit_event import Action
from jitney.model.changes import (
    AddAccountLink,
    AddRole,
    AddUser,
    Change,
    EndSessionsOfUser,
    EndSetupLinks,
    RecordEvent,
    RequireUserStore,
)
from jitney.model.claims import Attributes
from jitney.model.user import (
    EVERYONE,
    OPERATOR_ROLE,
    OPERATOR_ROLES,
    GivenBy,
    Grant,
    Provenance,
    User,
    UserChanges,
)
from jitney.operations.changing import EntryChanging
from jitney.operations.making import Begun, EntryMaking
from jitney.ports import (
    AccountLinks,
    Clock,
    Entropy,
    IdentityProviders,
    Passwords,
    Roles,
    UnitOfWork,
    UserStore,
)
from jitney.provisioning.claim_mapping import VERIFIED_FLAGS
from jitney.provisioning.store_rules import RulesOf

_MOST_ON_A_PAGE = 100


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
    rules_of: RulesOf
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock
    entropy: Entropy
    making: EntryMaking
    changing: EntryChanging
    removal: UserRemoval
    edits: EditRule
    ways: OperatorWays

    async def get(self, operator: Operator, reference: str) -> User:
        """Return a user by ``name``, ``DOMAIN/name`` or id; raises ``NotFound``, ``UserStoreUnavailable``."""
        operator.need(Right.SEE)
        return await self.finding.get(reference)

    async def list(
        self, operator: Operator, *, domain: str, after: str = "", limit: int = 50
    ) -> Sequence[User]:  # fmt: skip
        """List a page of a store's users by name key, from behind ``after``, at most ``most_listed``.

        Raises ``NotFound``, ``UserStoreUnavailable``.
        """
        operator.need(Right.SEE)
        store = await self.finding.store(domain)
        return await store.page(after=after, limit=await self.most_listed(domain, limit))

    async def list_named(
        self, operator: Operator, *, domain: str, after: str = "", limit: int = 50
    ) -> Sequence[NamedUser]:
        """List as ``list`` does, each user with the name that people know them by and their providers."""
        operator.need(Right.SEE)
        users = await self.list(operator, domain=domain, after=after, limit=limit)
        return await self._named(users)

    async def most_listed(self, domain: str, limit: int) -> int:
        """Return how many users stand on a page where ``limit`` are asked for; raises ``NotFound``."""
        most = (await self.finding.store(domain)).description.most_users_listed
        return max(1, min(limit, most or _MOST_ON_A_PAGE, _MOST_ON_A_PAGE))

    async def describe(self, operator: Operator, reference: str) -> DescribedUser:
        """Return a user with its links and the names of all who gave it something; raises ``NotFound``."""
        operator.need(Right.SEE)
        user = await self.finding.get(reference)
        links = await self.account_links.of_user(user.id)
        givers = await name_givers(
            user, links, finding=self.finding, identity_providers=self.identity_providers
        )
        [named] = await self._named([user])
        return DescribedUser(user, links, givers, named.display_name, named.identity_providers)

    async def add(self, operator: Operator, new: NewUser) -> User:
        """Add a user with its roles and links, all of it or nothing.

        Raises ``UserStoreRejected`` (a rule of the store, or what the store itself says), ``InvalidInput``
        (``role_not_found``), ``NotFound`` (store, identity provider), ``Conflict`` (``user_name_taken``,
        ``account_link_taken``), ``UserStoreUnavailable``; and ``StoreUnanswered``, after which the user is there in
        a minute, or nothing of it.
        """
        operator.need(Right.ADMINISTER)
        check_grants(operator, new.roles)
        store = await self.finding.writable_store(new.domain)
        giver = Provenance(GivenBy.OPERATOR, operator.id)
        rules = self.rules_of(store.description)
        user = draft_user(new, rules, id=self.entropy.id(), now=self.clock.now(), giver=giver)
        await self._check_roles(new.roles, store)
        if await store.find_by_name_key(user.username.key) is not None:
            raise Conflict("user_name_taken", "A user of this name exists.", what="user_name")
        bound = (*self._marks(operator, user.id, new.roles), *await self._new_links(user, new.links))
        about = {"user_name": str(user.username), "roles": ", ".join(new.roles)}
        event = self.trail.record(operator, Action.USER_ADDED, f"user:{user.id}", **about)
        if store.entries is not None:
            return await self._add_outside(store, user, new.password, bound, event)
        password_hash = None if new.password is None else await self.passwords.hash(new.password)
        await self.work.commit(AddUser(user, password_hash), *bound, event)
        return user

    async def _add_outside(
        self, store: UserStore, user: User, password: str | None, bound: Sequence[Change], event: RecordEvent
    ) -> User:
        """Reserve, make the entry, and publish (jit.md 11)."""
        version = store.description.version
        still = (RequireUserStore(user.username.domain, version),) if version else ()
        begun = Begun(event.event.actor)
        made = await self.making.make(store, user, password, reserving=(*still, *bound), begun=begun)
        try:
            await self.work.commit(*made.publishing, event)
        except Conflict:
            await self.making.unmake(store, made)
            raise
        return replace(user, entry=made.entry.id)

    async def change(self, operator: Operator, reference: str, edit: UserEdit) -> User:
        """Change attributes and roles; what an operator gives has the operator as its provenance.

        What has a place in a store outside our database is written there first, memberships of its groups
        (``ENG/staff``) too. A role that is taken away ends the user's sessions (R-084).
        Raises ``NotFound``, ``InvalidInput`` (``role_not_found``), ``Conflict``, ``UserStoreRejected``,
        ``UserStoreUnavailable``, ``Locked`` (``user_pending``, ``user_leaving``); and ``NotAllowed``:
        ``SUO-10000`` where an identity provider masters one of the attributes (R-034), ``operator_may_not_grant``
        ``operator_may_not_lock_out_themselves`` (R-112) and ``operators_all_shut_out``; then nothing is changed.
        """
        operator.need(Right.ADMINISTER)
        user = await self.finding.get_writable(reference)
        check_standing(user)
        _check_edit(operator, user, edit)
        await self._check_roles(edit.roles_added, await self.finding.store(user.username.domain))
        changes = _changes(user, edit, Provenance(GivenBy.OPERATOR, operator.id))
        if changes.is_empty():
            return user
        await self.edits.check(user, changes.attributes)
        about = _about(edit)
        closed = [user] if OPERATOR_ROLE in edit.roles_removed else []
        held = await self.ways.holding(operator, *closed)
        marks = self._marks(operator, user.id, edit.roles_added)
        todo = list(await self.changing.follow(user, changes))
        if changes.roles_removed:
            todo += (*held, EndSessionsOfUser(user.id, self.clock.now()))
        todo.append(self.trail.record(operator, Action.USER_CHANGED, f"user:{user.id}", **about))
        await self.work.commit(*marks, *todo)
        return await self.finding.get_by_id(user.id)

    async def remove(self, operator: Operator, reference: str, *, forget: bool = False) -> None:
        """Remove a user, or with ``forget`` only what we keep of it; raises what ``UserRemoval`` raises."""
        operator.need(Right.ADMINISTER)
        if forget:
            await self.removal.forget(operator, reference)
        else:
            await self.removal.remove(operator, reference)

    async def _named(self, users: Sequence[User]) -> Sequence[NamedUser]:
        return await name_users(
            users, account_links=self.account_links, identity_providers=self.identity_providers
        )

    async def _check_roles(self, wanted: tuple[str, ...], store: UserStore) -> None:
        if unknown := await unknown_roles(wanted, await self.roles.names(), store):
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
        """Define the roles of operators where they are given, and note where somebody administers now.

        Then no further set-up link is offered, and one that was offered before opens nothing any more.
        The attack: the first start writes its link into a log, the first administrator is made on the machine, and
        whoever reads the log within the day makes another one.
        """
        given = sorted(OPERATOR_ROLES.intersection(roles))
        is_set_up = OPERATOR_ROLE in given
        mark = (EndSetupLinks(), set_up_mark(self.trail, operator, user_id)) if is_set_up else ()
        return (*map(AddRole, given), *mark)


def _check_edit(operator: Operator, user: User, edit: UserEdit) -> None:
    check_reach(operator, user)
    check_grants(operator, edit.roles_added)
    check_keeps_own_rights(operator, user, added=edit.roles_added, removed=edit.roles_removed)


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
    held = held_by(user)
    names = {grant.name for grant in held}
    added = [role for role in dict.fromkeys(edit.roles_added) if role not in names and role != EVERYONE]
    removed = tuple(grant for grant in held if grant.name in edit.roles_removed)
    return UserChanges(attributes, tuple(Grant(role, giver) for role in added), removed)


def _about(edit: UserEdit) -> dict[str, str]:
    """Name what was changed: attributes by name alone, since their values are personal (R-123)."""
    parts = {
        "attributes": edit.attributes,
        "roles_added": edit.roles_added,
        "roles_removed": edit.roles_removed,
    }
    return {name: ", ".join(names) for name, names in parts.items() if names}
