"""What a record of an operator is judged against before it is saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jitney.administration.providers.saml_connection_rules import SAMLSurroundings
from jitney.model.policy import ProvisioningPolicy
from jitney.model.user_store import UserStoreDescription
from jitney.ports import UserStore, UserStores
from jitney.provisioning.store_rules import RulesOf

MOST_PAGES = 10
"""Pages of users of one store that are looked through for an attribute that perhaps nobody has."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The user stores and their rules, the roles, and what the installation allows.

    ``repeated`` maps an attribute by which people would be looked up to a store in which two users share a value.
    ``absent`` are those that no user was found to have.
    ``saml`` is what a SAML connection is judged against beside them.
    ``http_issuers_allowed_risky`` is for development; ``enhanced`` is ``enable_enhanced_feature``.
    """

    stores: Mapping[str, UserStoreDescription]
    roles: frozenset[str]
    rules_of: RulesOf
    saml: SAMLSurroundings
    http_issuers_allowed_risky: bool = False
    repeated: Mapping[str, str] = field(default_factory=dict[str, str])
    absent: frozenset[str] = frozenset()
    enhanced: bool = False


async def descriptions_of(stores: UserStores) -> dict[str, UserStoreDescription]:
    """Return what is known of each store, by domain."""
    found = [(domain, await stores.find(domain)) for domain in await stores.domains()]
    return {domain: store.description for domain, store in found if store is not None}


async def find_repeated(stores: UserStores, policies: Iterable[ProvisioningPolicy]) -> dict[str, str]:
    """Return the lookup attributes of these policies of which two users share a value, each with the store.

    Raises ``UserStoreUnavailable``: where a store cannot be asked, nobody can say that an attribute identifies.
    """
    wanted = _looked_up(policies)
    repeated: dict[str, str] = {}
    for domain in await stores.domains():
        store = await stores.find(domain)
        if store is None or not store.description.enabled:
            continue
        for attribute in sorted(wanted):
            if await store.find_repeated(attribute) is not None:
                repeated.setdefault(attribute, domain)
    return repeated


async def find_absent(
    stores: UserStores, policies: Iterable[ProvisioningPolicy], *, most_pages: int = MOST_PAGES
) -> frozenset[str]:
    """Return the lookup attributes of these policies that no user has.

    Where a store is larger than ``most_pages`` pages nothing is said: somebody behind them may have them.
    Raises ``UserStoreUnavailable``.
    """
    absent = _looked_up(policies)
    for domain in await stores.domains():
        store = await stores.find(domain)
        if absent and store is not None and store.description.enabled:
            absent = await _absent_in(store, absent, most_pages)
    return frozenset(absent)


async def _absent_in(store: UserStore, wanted: set[str], most_pages: int) -> set[str]:
    after = ""
    for _ in range(most_pages):
        page = await store.page(after=after, limit=100)
        wanted = wanted - {name for user in page for name in user.attributes}
        if not page or not wanted:
            return wanted
        after = page[-1].username.key
    return set()


def _looked_up(policies: Iterable[ProvisioningPolicy]) -> set[str]:
    return {row.local for policy in policies if policy.linking.enabled for row in policy.linking.lookups}
