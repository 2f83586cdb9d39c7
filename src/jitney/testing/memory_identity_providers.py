"""Memory identity providers: found as the databases find them, by walking through all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.testing.memory_state import MemoryState

_MOST_OF_A_DOMAIN = 20
_MOST_LABELS_ABOVE = 9
_LONGEST_DOMAIN = 253
_MOST_ON_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class MemoryIdentityProviders:
    """Finds identity providers in the state that ``look`` returns."""

    look: Callable[[], MemoryState]

    async def find(self, id: str) -> IdentityProvider | None:
        """Find by internal id."""
        return self.look().identity_providers.get(id)

    async def find_by_name(self, name: str) -> IdentityProvider | None:
        """Find by short name."""
        return next((each for each in self._by_name() if each.name == name), None)

    async def find_by_home_realm(self, identifier: str) -> IdentityProvider | None:
        """Find by the home realm identifier, enabled or not."""
        return next((each for each in self._by_name() if each.home_realm.identifier == identifier), None)

    async def list(self) -> Sequence[IdentityProvider]:
        """List all, by name."""
        return self._by_name()

    async def page(self, *, text: str = "", after: str = "", limit: int = 50) -> Sequence[IdentityProvider]:
        """List those in whose short or shown name a text stands, by short name, from behind ``after``."""
        wanted = text.strip().lower()
        found = [
            each
            for each in self._by_name()
            if each.name > after and (wanted in each.name.lower() or wanted in each.display_name.lower())
        ]
        return found[: max(0, min(limit, _MOST_ON_A_PAGE))]

    async def shown(self, *, limit: int = 50) -> Sequence[IdentityProvider]:
        """List those that are enabled and offered on the sign-in page, by name, at most ``limit``."""
        return [each for each in self._enabled() if each.home_realm.is_shown][: max(0, limit)]

    async def any_found_by_domain(self) -> bool:
        """Say whether people of any enabled provider are found by the domain of their address."""
        return any(each.home_realm.domains for each in self._enabled())

    async def find_by_domain(self, domain: str) -> Sequence[IdentityProvider]:
        """Find the enabled providers of an e-mail domain, by name, at most 20, of the best kind only."""
        if "*" in domain or len(domain) > _LONGEST_DOMAIN:
            return []
        labels = domain.split(".")
        above = range(max(1, len(labels) - _MOST_LABELS_ABOVE), len(labels))
        for candidate in (domain, *(f"*.{'.'.join(labels[start:])}" for start in above)):
            found = [each for each in self._enabled() if candidate in each.home_realm.domains]
            if found:
                return found[:_MOST_OF_A_DOMAIN]
        return []

    async def due_for_metadata(self, now: datetime, *, limit: int = 20) -> Sequence[IdentityProvider]:
        """List the SAML providers whose metadata shall be fetched again now, the longest due first."""
        moments = {each.id: _refresh_due(each) for each in self._by_name()}
        due = sorted((moment, key) for key, moment in moments.items() if moment is not None and moment <= now)
        return [self.look().identity_providers[key] for _, key in due[: max(0, limit)]]

    def _by_name(self) -> Sequence[IdentityProvider]:
        return sorted(self.look().identity_providers.values(), key=lambda each: each.name)

    def _enabled(self) -> Sequence[IdentityProvider]:
        return [each for each in self._by_name() if each.enabled]


def _refresh_due(idp: IdentityProvider) -> datetime | None:
    return idp.connection.metadata_due if isinstance(idp.connection, SAMLConnection) else None
