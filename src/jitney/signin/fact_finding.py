"""Gathers Facts through the ports, in the order in which one thing leads to the next; reads, never writes."""

from dataclasses import dataclass, replace

from jitney.errors import NotFound, UserStoreUnavailable
from jitney.locked_identities import LockedIdentities
from jitney.model.application import Application
from jitney.model.consent import Purpose
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import Reason
from jitney.model.policy import FixedPlacement, OnNameTaken, PromptMode
from jitney.model.user import PRIMARY
from jitney.ports import AccountLinks, Applications, Clock, IdentityProviders, Purposes, Roles, UserStores
from jitney.provisioning.claim_mapping import Mapped, NamingRule, map_claims
from jitney.provisioning.facts import (
    Answers,
    Facts,
    LinkedUser,
    LocalProof,
    ServerRules,
    StoreState,
    TargetStore,
)
from jitney.provisioning.federated_user_id import federated_user_id
from jitney.provisioning.identity_locks import emails_of_arrival
from jitney.provisioning.placement import Placed, PlacementRefused, place
from jitney.provisioning.store_rules import RulesOf, canonical_username
from jitney.provisioning.wanted_name import suffixed, wanted_of
from jitney.signin.candidate_finding import CandidateFinder, Found

MOST_SUFFIXES = 50
"""How many numbers are tried behind a name that is taken."""


@dataclass(frozen=True, slots=True)
class FactFinder:
    """Finds what the decision may look at.

    ``identity_providers``, ``applications`` and ``purposes`` may remember a record for a moment: the commit
    requires the version that was decided on, and where it has changed, the hall looks again (R-021).
    """

    identity_providers: IdentityProviders
    applications: Applications
    links: AccountLinks
    user_stores: UserStores
    roles: Roles
    purposes: Purposes
    candidates: CandidateFinder
    locked: LockedIdentities
    clock: Clock
    rules_of: RulesOf
    server: ServerRules

    async def find(
        self,
        identity: FederatedIdentity,
        *,
        application: Application | None,
        answers: Answers | None = None,
        proof: LocalProof | None = None,
        setback: Reason | None = None,
    ) -> Facts:
        """Gather the facts about one arrival; raises ``NotFound`` when its identity provider is gone.

        ``setback`` is what a store has just answered to what was decided before.
        """
        idp = await self.identity_providers.find(identity.idp)
        if idp is None:
            raise NotFound("identity_provider_unknown", "This way of signing in does not exist any more.")
        facts = await self.find_under(idp, identity, application=application, answers=answers, proof=proof)
        return replace(facts, setback=setback) if setback else facts

    async def find_under(
        self,
        idp: IdentityProvider,
        identity: FederatedIdentity,
        *,
        application: Application | None,
        answers: Answers | None = None,
        proof: LocalProof | None = None,
    ) -> Facts:
        """Gather the facts under these settings of the provider, which need not be the stored ones.

        Raises ``UserStoreUnavailable`` where nobody can say who would match.
        """
        mapped = map_claims(identity, idp.mappings, self._naming(idp, identity))
        locked = await self.locked.find(idp.id, identity.subject, emails=emails_of_arrival(identity, mapped))
        if locked is not None:
            # Nothing of somebody who is locked out is looked at, nor any store asked.
            now = self.clock.now()
            return Facts(idp, identity, now, mapped, server=self.server, identity_lock=locked.lock)
        linked = await self._linked(identity)
        placed, target, found = None, TargetStore(), Found()
        is_new = linked is None or linked.present_user is None
        if isinstance(mapped, Mapped) and idp.policy.enabled and is_new:
            wanted = wanted_of(mapped.wanted, idp.policy, typed=answers.username if answers else None)
            placed = place(idp.policy, wanted, frozenset(await self.user_stores.domains()))
            target = await self._target(idp, placed)
            if target.name_owner is not None:
                # The name's owner may be this very person, made by another of their browsers since the link was
                # looked for: then they come in as that user, and are no stranger who wants a taken name (P-1).
                linked = await self._linked(identity)
            named = target.name_owner if self.server.equal_name_may_link else None
            found = await self.candidates.find(
                idp, identity, mapped, application=application, named=named if not _typed(answers) else None
            )
        # A store that has just not answered is asked nothing more: what follows from that is for the decision.
        homes = _homes(linked, placed if target.state.may_be_read else None, found, proof)
        return Facts(
            idp=idp,
            identity=identity,
            now=self.clock.now(),
            mapped=mapped,
            linked=linked,
            placed=placed,
            target=target,
            roles=await self._roles(idp, mapped),
            groups=await self._groups(_wanted_roles(idp, mapped), homes),
            candidates=found.candidates,
            proof=proof,
            vouchers=found.vouchers,
            others=found.others,
            purposes=await self._purposes(idp, is_new=is_new),
            required_attributes=application.required_attributes if application else (),
            answers=answers,
            requires_local_account=application is not None and application.requires_local_account,
            server=self.server,
        )

    def _naming(self, idp: IdentityProvider, identity: FederatedIdentity) -> NamingRule:
        """Return what may name the person; their own id here only where the provider's people go by it."""
        goes_by_id = idp.enhanced.resolved(default=self.server.enhanced).federated_unique_user_id
        user_id = federated_user_id(idp.id, identity.subject) if goes_by_id else None
        return NamingRule(idp.policy.username_template, user_id)

    async def _linked(self, identity: FederatedIdentity) -> LinkedUser | None:
        link = await self.links.find(identity.idp, identity.subject)
        if link is None:
            return None
        store = await self.user_stores.find(link.domain)
        state = StoreState.of(store.description if store else None)
        if store is None or not state.may_be_read:
            return LinkedUser(link, None, state)
        try:
            return LinkedUser(link, await store.find(link.user_id), state)
        except UserStoreUnavailable as fault:
            return LinkedUser(link, None, StoreState.UNREACHABLE, _why(fault))

    async def _target(self, idp: IdentityProvider, placed: Placed | PlacementRefused) -> TargetStore:
        if isinstance(placed, PlacementRefused):
            return await self._rules_beside_a_refusal(idp)
        store = await self.user_stores.find(placed.domain)
        if store is None:
            return TargetStore(StoreState.UNKNOWN)
        state, rules = StoreState.of(store.description), self.rules_of(store.description)
        if state is not StoreState.READY:
            return TargetStore(state, rules)
        key = canonical_username(store.description, placed.name).key
        try:
            owner = await store.find_by_name_key(key)
            if owner is None or idp.policy.name_taken_rule is not OnNameTaken.SUFFIX:
                return TargetStore(state, rules, owner)
            for number in range(2, MOST_SUFFIXES + 2):
                name = suffixed(placed.name, number)
                if await store.find_by_name_key(canonical_username(store.description, name).key) is None:
                    return TargetStore(state, rules, owner, name)
        except UserStoreUnavailable as fault:
            return TargetStore(StoreState.UNREACHABLE, rules, fault=_why(fault))
        return TargetStore(state, rules, owner)

    async def _rules_beside_a_refusal(self, idp: IdentityProvider) -> TargetStore:
        """Return the store whose rules a page shows while a typed name has no place; nobody is looked up in it."""
        placement = idp.policy.placement
        domain = placement.domain.upper() if isinstance(placement, FixedPlacement) else PRIMARY
        store = await self.user_stores.find(domain)
        if store is None:
            return TargetStore(StoreState.UNKNOWN)
        return TargetStore(StoreState.of(store.description), self.rules_of(store.description))

    async def _purposes(self, idp: IdentityProvider, *, is_new: bool) -> tuple[Purpose, ...]:
        """Return the purposes; nobody is asked for them where no page would show them."""
        asks = is_new and idp.policy.enabled and idp.policy.prompt_mode is not PromptMode.SILENT
        return tuple(await self.purposes.list()) if asks else ()

    async def _roles(self, idp: IdentityProvider, mapped: object) -> frozenset[str]:
        """Return the roles that exist; nobody is asked where no role could be given."""
        return await self.roles.names() if _wanted_roles(idp, mapped) else frozenset()

    async def _groups(self, wanted: tuple[str, ...], homes: frozenset[str]) -> frozenset[str]:
        """Return the wanted roles that are groups of a store in which the person may be, as in ``ENG/staff``."""
        found: set[str] = set()
        for domain in homes:
            prefix = f"{domain}/"
            names = [name.removeprefix(prefix) for name in wanted if name.startswith(prefix)]
            store = await self.user_stores.find(domain) if names else None
            if store is not None and store.entries is not None and store.description.enabled:
                found |= {prefix + name for name in await store.entries.find_groups(names)}
        return frozenset(found)


def _wanted_roles(idp: IdentityProvider, mapped: object) -> tuple[str, ...]:
    brought = mapped.roles or () if isinstance(mapped, Mapped) else ()
    return (*brought, *idp.policy.default_roles)


def _homes(
    linked: LinkedUser | None,
    placed: Placed | PlacementRefused | None,
    found: Found,
    proof: LocalProof | None,
) -> frozenset[str]:
    """Return the domains in which the arriving person is, or may come to be."""
    homes = {one.user.username.domain for one in found.candidates or ()}
    if linked and linked.present_user:
        homes.add(linked.link.domain)
    if isinstance(placed, Placed):
        homes.add(placed.domain)
    if proof:
        homes.add(proof.user.username.domain)
    return frozenset(homes)


def _why(fault: UserStoreUnavailable) -> Reason:
    """Return the cause for operators, without what the store may have said of anybody."""
    return Reason(fault.code)


def _typed(answers: Answers | None) -> bool:
    """Say whether the name was typed: such a name can only create, never link (CVE-2023-6837)."""
    return answers is not None and answers.username is not None
