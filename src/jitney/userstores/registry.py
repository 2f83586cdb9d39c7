"""Registry: domain → user store."""

from collections.abc import Iterable, Sequence

from jitney.errors import Misconfigured
from jitney.model.user import PRIMARY
from jitney.ports import UserStore


class UserStoreRegistry:
    """The user stores by domain; raises ``Misconfigured`` where a domain comes twice or PRIMARY is missing."""

    def __init__(self, stores: Iterable[UserStore]) -> None:
        self._stores: dict[str, UserStore] = {}
        for store in stores:
            domain = store.description.domain.upper()
            if domain in self._stores:
                raise Misconfigured(
                    "user_store_domain_taken", "Two user stores have the same domain.", path="user_store",
                    domain=domain,
                )  # fmt: skip
            self._stores[domain] = store
        if PRIMARY not in self._stores:
            raise Misconfigured(
                "user_store_primary_missing", "There is no PRIMARY user store.", path="user_store"
            )

    def find(self, domain: str) -> UserStore | None:
        """Find a store, enabled or not; the domain is compared without case."""
        return self._stores.get(domain.upper())

    def domains(self) -> Sequence[str]:
        """List the domains in upper case, PRIMARY first."""
        return (PRIMARY, *sorted(self._stores.keys() - {PRIMARY}))
