"""Gathers Facts through the ports, in the order in which one thing leads to the next; reads, never writes."""

from collections.abc import Mapping
from dataclasses import dataclass

from jitney.errors import NotFound, UserStoreUnavailable
from jitney.model.application import Application
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import AccountLinks, Applications, Clock, IdentityProviders, Roles, UserStores
from jitney.provisioning.claim_mapping import Mapped, NamingRule, map_claims
from jitney.provisioning.facts import Facts, LinkedUser, ServerRules, StoreState, TargetStore
from jitney.provisioning.placement import Placed, PlacementRefused, place
from jitney.provisioning.store_rules import StoreRules, canonical_username


@dataclass(frozen=True, slots=True)
class FactFinder:
    """Finds what the decision may look at.

    ``identity_providers`` and ``applications`` may remember a record for a moment: the commit requires the version
    that was decided on, and where it has changed, the hall looks again (R-021).
    ``store_rules`` are the stores' patterns, compiled, by domain.
    """

    identity_providers: IdentityProviders
    applications: Applications
    links: AccountLinks
    user_stores: UserStores
    roles: Roles
    clock: Clock
    store_rules: Mapping[str, StoreRules]
    server: ServerRules

    async def find(self, identity: FederatedIdentity, *, application: Application | None) -> Facts:
        """Gather the facts about one arrival; raises ``NotFound`` when its identity provider is gone."""
        idp = await self.identity_providers.find(identity.idp)
        if idp is None:
            raise NotFound("identity_provider_unknown", "This way of signing in does not exist any more.")
        return await self.find_under(idp, identity, application=application)

    async def find_under(
        self, idp: IdentityProvider, identity: FederatedIdentity, *, application: Application | None
    ) -> Facts:
        """Gather the facts under these settings of the provider, which need not be the stored ones."""
        mapped = map_claims(identity, idp.mappings, NamingRule(template=idp.policy.username_template))
        linked = await self._linked(identity)
        placed, target = None, TargetStore()
        if (
            isinstance(mapped, Mapped)
            and idp.policy.enabled
            and (linked is None or linked.present_user is None)
        ):
            placed = place(idp.policy, mapped.wanted, frozenset(self.user_stores.domains()))
            target = await self._target(placed)
            if target.name_owner is not None:
                # The name's owner may be this very person, made by another of their browsers since the link was
                # looked for: then they come in as that user, and are no stranger who wants a taken name (P-1).
                linked = await self._linked(identity)
        return Facts(
            idp=idp,
            identity=identity,
            now=self.clock.now(),
            mapped=mapped,
            linked=linked,
            placed=placed,
            target=target,
            roles=await self._roles(idp, mapped),
            requires_local_account=application is not None and application.requires_local_account,
            server=self.server,
        )

    async def _linked(self, identity: FederatedIdentity) -> LinkedUser | None:
        link = await self.links.find(identity.idp, identity.subject)
        if link is None:
            return None
        store = self.user_stores.find(link.domain)
        state = StoreState.of(store.description if store else None)
        if store is None or not state.may_be_read:
            return LinkedUser(link, None, state)
        try:
            return LinkedUser(link, await store.find(link.user_id), state)
        except UserStoreUnavailable:
            return LinkedUser(link, None, StoreState.UNREACHABLE)

    async def _target(self, placed: Placed | PlacementRefused) -> TargetStore:
        if isinstance(placed, PlacementRefused):
            return TargetStore()
        store, rules = self.user_stores.find(placed.domain), self.store_rules.get(placed.domain)
        state = StoreState.of(store.description if store else None)
        if store is None or rules is None or state is not StoreState.READY:
            return TargetStore(state, rules)
        key = canonical_username(store.description, placed.name).key
        try:
            return TargetStore(state, rules, await store.find_by_name_key(key))
        except UserStoreUnavailable:
            return TargetStore(StoreState.UNREACHABLE, rules)

    async def _roles(self, idp: IdentityProvider, mapped: object) -> frozenset[str]:
        """Return the roles that exist; nobody is asked where no role could be given."""
        given = bool(idp.policy.default_roles) or (isinstance(mapped, Mapped) and bool(mapped.roles))
        return await self.roles.names() if given else frozenset()
