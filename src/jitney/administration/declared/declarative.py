"""Bring what is there to what is declared: plan first, then take the plan's steps through the other verbs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from jitney.administration.applications import ApplicationAdministration
from jitney.administration.declared.declaration_check import (
    Known,
    find_declaration_faults,
    find_declaration_warnings,
)
from jitney.administration.declared.declarations import (
    AddApplicationStep,
    AddIdentityProviderStep,
    AddPurposeStep,
    AddRoleStep,
    AddUserStep,
    AddUserStoreStep,
    ChangeApplicationStep,
    ChangeIdentityProviderStep,
    ChangePurposeStep,
    ChangeUserStep,
    ChangeUserStoreStep,
    Declaration,
    Plan,
    Present,
    PresentUser,
    RemoveApplicationStep,
    RemoveIdentityProviderStep,
    RemovePurposeStep,
    RemoveRoleStep,
    Step,
)
from jitney.administration.declared.declared_edits import find_fixed_attributes
from jitney.administration.declared.declared_metadata import with_documents
from jitney.administration.declared.planning import plan_changes
from jitney.administration.operator import Operator, Right
from jitney.administration.people.account_links import AccountLinkAdministration
from jitney.administration.people.account_states import AccountStates
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.administration.people.users import UserAdministration
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.administration.providers.surroundings import descriptions_of, find_absent, find_repeated
from jitney.administration.purposes import PurposeAdministration
from jitney.administration.removal.provider_removal import ProviderRemoving
from jitney.administration.roles import RoleAdministration
from jitney.administration.stores.user_stores import UserStoreAdministration
from jitney.errors import InvalidInput
from jitney.model.user import User
from jitney.ports import UserStore
from jitney.provisioning.store_rules import canonical_username


@dataclass(slots=True)
class Applied:
    """What came of a plan: how many steps were taken, and the secrets that were made."""

    steps: int = 0
    secrets: dict[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True)
class Declarations:
    """What ``jitney apply`` does. Each step is one commit; taken again after a failure, the rest follows."""

    identity_providers: IdentityProviderAdministration
    applications: ApplicationAdministration
    roles: RoleAdministration
    users: UserAdministration
    account_states: AccountStates
    purposes: PurposeAdministration
    account_links: AccountLinkAdministration
    user_stores: UserStoreAdministration
    provider_removing: ProviderRemoving

    async def plan(self, operator: Operator, declaration: Declaration, *, prune: bool = False) -> Plan:
        """Return the steps that are needed, with warnings about them; changes nothing.

        Raises ``InvalidInput`` (``declaration_invalid``) with every fault of the declaration in its fields.
        """
        operator.need(Right.ADMINISTER)
        providers = self.identity_providers
        declaration = with_documents(declaration, providers.preparation)
        present = await self._present(operator, declaration)
        plan = plan_changes(declaration, present, prune=prune)
        stores = self.users.finding.user_stores
        policies = [one.idp.policy for one in declaration.identity_providers]
        known = Known(
            stores=await descriptions_of(stores),
            rules_of=self.users.rules_of,
            store_surroundings=self.user_stores.surroundings,
            saml=providers.preparation.surroundings({}),
            http_issuers_allowed_risky=providers.checks.http_issuers_allowed_risky,
            repeated=await find_repeated(stores, policies),
            absent=await find_absent(stores, policies),
            enhanced=providers.checks.enhanced,
        )
        fixed = find_fixed_attributes(plan, present, enhanced=self.users.edits.enhanced)
        if faults := {**find_declaration_faults(declaration, plan, present, known), **fixed}:
            raise InvalidInput("declaration_invalid", "The declaration is wrong.", fields=faults)
        return replace(plan, warnings=find_declaration_warnings(declaration, plan, present, known))

    async def apply(self, operator: Operator, plan: Plan, applied: Applied | None = None) -> Applied:
        """Take the steps in their order; raises what the verbs raise, and leaves the steps before it taken.

        Who wants to know of those hands in ``applied``: it tells them after a fault too.
        """
        operator.need(Right.ADMINISTER)
        applied = applied or Applied()
        for step in plan.steps:
            await self._take(operator, step, applied)
            applied.steps += 1
        return applied

    async def _take(self, operator: Operator, step: Step, applied: Applied) -> None:
        match step:
            case AddRoleStep(name):
                await self.roles.add(operator, name)
            case AddUserStoreStep(record):
                await self.user_stores.add(operator, record, untested=True)
            case ChangeUserStoreStep(record, present, _):
                await self.user_stores.edit(operator, record, version=present.version)
            case AddPurposeStep(purpose):
                await self.purposes.add(operator, purpose)
            case ChangePurposeStep(purpose, version, _):
                await self.purposes.change(operator, purpose.name, purpose, version=version)
            case AddIdentityProviderStep(idp):
                await self.identity_providers.add(operator, idp)
            case ChangeIdentityProviderStep(idp, version, _):
                await self.identity_providers.change(operator, idp, version=version)
            case AddApplicationStep(application, secret):
                made = await self.applications.register(operator, application, secret=secret)
                _keep_secret(applied, application.id, made.secret)
            case ChangeApplicationStep(application, secret, version, _):
                made = await self.applications.change(operator, application, version=version, secret=secret)
                _keep_secret(applied, application.id, made.secret)
            case AddUserStep(new):
                await self.users.add(operator, new)
            case ChangeUserStep():
                await self._change_user(operator, step)
            case RemoveApplicationStep(id):
                await self.applications.remove(operator, id)
            case RemoveIdentityProviderStep(name):
                await self.provider_removing.remove_unused(operator, name)
            case RemovePurposeStep(name):
                await self.purposes.remove(operator, name)
            case RemoveRoleStep(name):
                await self.roles.remove(operator, name)

    async def _change_user(self, operator: Operator, step: ChangeUserStep) -> None:
        await self.users.change(operator, step.reference, step.edit)
        for key in step.links:
            await self.account_links.link(operator, step.reference, key, privileged=step.privileged)
        if step.password is not None:
            await self.account_states.set_password(operator, step.reference, step.password)
        if step.locked is not None:
            await self.account_states.lock(operator, step.reference, reason=step.locked)

    async def _present(self, operator: Operator, declaration: Declaration) -> Present:
        stores = {one.description.domain: one for one in await self.user_stores.records.list()}
        declared = {one.domain for one in declaration.user_stores}.intersection(stores)
        count = self.user_stores.records.count_users
        return Present(
            roles=frozenset(await self.roles.names(operator)),
            user_stores=stores,
            accounts={domain: await count(domain) for domain in declared},
            purposes={purpose.name: purpose for purpose in await self.purposes.list(operator)},
            identity_providers={idp.name: idp for idp in await self.identity_providers.list(operator)},
            applications={one.id: one for one in await self.applications.list(operator)},
            users=await self._present_users(operator, declaration),
        )

    async def _present_users(
        self, operator: Operator, declaration: Declaration
    ) -> Mapping[tuple[str, str], PresentUser]:
        names = {idp.id: idp.name for idp in await self.identity_providers.list(operator)}
        found: dict[tuple[str, str], PresentUser] = {}
        for new in declaration.users:
            if user := await self._present_user(new, names):
                found[new.domain, new.name] = user
        return found

    async def _present_user(self, new: NewUser, idp_names: Mapping[str, str]) -> PresentUser | None:
        store = await self.users.finding.user_stores.find(new.domain)
        if store is None:
            return None
        user = await store.find_by_name_key(canonical_username(store.description, new.name).key)
        if user is None:
            return None
        links = await self.users.account_links.of_user(user.id)
        keys = frozenset(FederatedKey(idp_names.get(link.idp, ""), link.subject) for link in links)
        fits = new.password is None or await self._fits(store, user, new.password)
        return PresentUser(user, keys, fits)

    async def _fits(self, store: UserStore, user: User, password: str) -> bool:
        if store.entries is not None:
            return await store.entries.check_password(user.entry, password)
        return await self.users.passwords.verify(password, await store.find_password_hash(user.id))


def _keep_secret(applied: Applied, id: str, secret: str | None) -> None:
    if secret is not None:
        applied.secrets[id] = secret
