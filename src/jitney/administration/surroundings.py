"""What a record of an operator is judged against before it is saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jitney.model.policy import ProvisioningPolicy
from jitney.model.user_store import UserStoreDescription
from jitney.ports import UserStores
from jitney.provisioning.store_rules import StoreRules


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The user stores and their rules, the roles, and what the installation allows.

    ``repeated`` maps an attribute by which people would be looked up to a store in which two users share a value.
    ``http_issuers_allowed_risky`` is for development.
    """

    stores: Mapping[str, UserStoreDescription]
    roles: frozenset[str]
    http_issuers_allowed_risky: bool = False
    store_rules: Mapping[str, StoreRules] = field(default_factory=dict[str, StoreRules])
    repeated: Mapping[str, str] = field(default_factory=dict[str, str])


def descriptions_of(stores: UserStores) -> dict[str, UserStoreDescription]:
    """Return what is known of each store, by domain."""
    found = ((domain, stores.find(domain)) for domain in stores.domains())
    return {domain: store.description for domain, store in found if store is not None}


async def find_repeated(stores: UserStores, policies: Iterable[ProvisioningPolicy]) -> dict[str, str]:
    """Return the lookup attributes of these policies of which two users share a value, each with the store.

    Raises ``UserStoreUnavailable``: where a store cannot be asked, nobody can say that an attribute identifies.
    """
    wanted = {row.local for policy in policies if policy.linking.enabled for row in policy.linking.lookups}
    repeated: dict[str, str] = {}
    for domain in stores.domains():
        store = stores.find(domain)
        if store is None or not store.description.enabled:
            continue
        for attribute in sorted(wanted):
            if await store.find_repeated(attribute) is not None:
                repeated.setdefault(attribute, domain)
    return repeated
