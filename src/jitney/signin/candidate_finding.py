"""Finds the existing users whom an arrival may be, and the providers through which they could prove it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jitney.model.account_link import AccountLink
from jitney.model.application import Application
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.model.user import GivenBy, User
from jitney.ports import AccountLinks, ConsentReceipts, IdentityProviders, UserStores
from jitney.provisioning.claim_mapping import Mapped
from jitney.provisioning.consent import withheld_by
from jitney.provisioning.facts import Candidate, LocalProof, OtherProvider, StoreState
from jitney.provisioning.linking import lookups_of


@dataclass(frozen=True, slots=True)
class Found:
    """Who may be the arriving person; ``candidates`` ``None`` means that nobody was looked for."""

    candidates: tuple[Candidate, ...] | None = None
    vouchers: frozenset[str] = frozenset()
    others: tuple[OtherProvider, ...] = ()


@dataclass(frozen=True, slots=True)
class _Bonds:
    """What ties a user to providers and purposes."""

    links: tuple[AccountLink, ...]
    withheld: tuple[str, ...]
    agreed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CandidateFinder:
    """Looks in every enabled store: a match that is left out would make an ambiguous one look like the only one."""

    identity_providers: IdentityProviders
    links: AccountLinks
    receipts: ConsentReceipts
    user_stores: UserStores

    async def find(
        self,
        idp: IdentityProvider,
        identity: FederatedIdentity,
        mapped: Mapped,
        *,
        application: Application | None,
        named: User | None,
    ) -> Found:
        """Look up who matches by the policy's lookups; ``named`` holds the wanted name, where that counts.

        Raises ``UserStoreUnavailable``: whoever cannot be asked has not said that nobody matches (R-024).
        """
        rule = idp.policy.linking
        if not rule.enabled and named is None:
            return Found()
        users: dict[str, User] = {}
        found_by = "lookup"
        if rule.enabled:
            for lookup, value in lookups_of(rule, mapped, identity):
                users = {user.id: user for user in await self._matching(lookup.local, value)}
                if users:
                    break
        if not users and named is not None:
            users, found_by = {named.id: named}, "equal_name"
        candidates = [await self._candidate(user, found_by) for user in users.values()]
        return Found(
            tuple(candidates),
            await self._vouchers(users.values(), mapped),
            await self._others(idp, application, candidates),
        )

    async def _candidate(self, user: User, found_by: str) -> Candidate:
        bonds = await self._bonds(user)
        state = await self._store_state(user)
        return Candidate(user, found_by, bonds.links, state, bonds.withheld, bonds.agreed)

    async def proof_of(self, user: User, by: str) -> LocalProof:
        """Return that this user has been proven, with what the decision must know of the account."""
        bonds = await self._bonds(user)
        state = await self._store_state(user)
        return LocalProof(user, by, bonds.links, state, bonds.withheld, bonds.agreed)

    async def _bonds(self, user: User) -> "_Bonds":
        """Return a user's links, and what the person said to the purposes, also on links that are gone."""
        links = tuple(await self.links.of_user(user.id))
        receipts = await self.receipts.of_user(user.id)
        agreed = {name for receipt in receipts for name in receipt.live_attributes}
        return _Bonds(links, withheld_by(receipts, links), tuple(sorted(agreed)))

    async def _store_state(self, user: User) -> StoreState:
        store = await self.user_stores.find(user.username.domain)
        return StoreState.of(store.description if store else None)

    async def _matching(self, attribute: str, value: str) -> list[User]:
        found: list[User] = []
        for domain in await self.user_stores.domains():
            store = await self.user_stores.find(domain)
            if store is not None and store.description.enabled:
                found += await store.find_by_attribute(attribute, value)
        return found

    async def _vouchers(self, users: Iterable[User], mapped: Mapped) -> frozenset[str]:
        """Return those providers, among the ones that vouched for a candidate's address, whose word counts for it.

        The attack: somebody makes an account here through a provider that verifies nothing, with the victim's
        address "verified" by it, and waits for the victim to be joined to that account.
        """
        email = mapped.verified_email
        if email is None:
            return frozenset()
        said = {
            value.provenance.id
            for user in users
            for value in user.attributes.get("email_verified", ())
            if value.provenance.given_by is GivenBy.IDENTITY_PROVIDER
        }
        providers = [await self.identity_providers.find(each) for each in sorted(said)]
        return frozenset(
            each.id
            for each in providers
            if each is not None and each.enabled and each.policy.linking.trusts_domain_of(email)
        )

    async def _others(
        self, idp: IdentityProvider, application: Application | None, candidates: Sequence[Candidate]
    ) -> tuple[OtherProvider, ...]:
        """Return the providers through which an account may be proven.

        Those that anybody may see, and those that the one candidate signs in through:
        of the others the page must not tell that they exist.
        """
        known = {each.id: each for each in await self.identity_providers.shown()}
        sole = candidates[0] if len(candidates) == 1 else None
        linked = {link.idp for link in sole.links} if sole is not None else set[str]()
        for hidden in sorted(linked - known.keys()):
            if (found := await self.identity_providers.find(hidden)) is not None and found.enabled:
                known[hidden] = found
        return tuple(
            OtherProvider(each.id, each.name, each.display_name)
            for each in sorted(known.values(), key=lambda each: each.name)
            if each.id != idp.id
            and each.connection.proves_freshness
            and (application is None or application.takes_from(each.name))
        )
