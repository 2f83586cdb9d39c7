"""Registry: domain → user store."""

from collections.abc import Iterable, Sequence

from jitney.errors import Misconfigured
from jitney.model.user import PRIMARY
from jitney.ports import UserStore
from jitney.userstores.live_stores import LiveStores


class UserStoreRegistry:
    """The user stores by domain: those that the settings make, and those that operators configured (``live``).

    Raises ``Misconfigured`` where a domain comes twice among the first, or PRIMARY is missing.
    """

    def __init__(self, stores: Iterable[UserStore], live: LiveStores | None = None) -> None:
        self._stores: dict[str, UserStore] = {}
        self._live = live
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

    async def find(self, domain: str) -> UserStore | None:
        """Find a store, enabled or not; the domain is compared without case."""
        store = self._stores.get(domain.upper())
        if store is not None or self._live is None:
            return store
        return await self._live.find(domain)

    async def domains(self) -> Sequence[str]:
        """List the domains in upper case, PRIMARY first."""
        live = await self._live.domains() if self._live else ()
        return (PRIMARY, *sorted({*self._stores, *live} - {PRIMARY}))

    async def aclose(self) -> None:
        """Close what the stores have open."""
        if self._live is not None:
            await self._live.aclose()
