"""Find what decides the fate of one person whose identity provider goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jitney.administration.people.user_finding import UserFinding
from jitney.administration.removal.fates import Going, fate_of
from jitney.model.account_link import AccountLink
from jitney.model.provider_removal import Fate
from jitney.model.user import User, UserState
from jitney.ports import UserStore

_UNDER_WAY = frozenset({UserState.PENDING, UserState.LEAVING})


@dataclass(frozen=True, slots=True)
class Concerned:
    """Somebody whom a provider opens, or has brought.

    ``user`` is our own record; ``links`` are those of this provider alone; ``others`` those that open the user
    beside them.
    """

    user: User
    store: UserStore
    links: tuple[AccountLink, ...]
    others: tuple[AccountLink, ...]
    fate: Fate

    @property
    def is_under_way(self) -> bool:
        """Say whether the user is being made or removed right now, and is nobody's to judge."""
        return self.user.state in _UNDER_WAY

    @property
    def goes_outside(self) -> bool:
        """Say whether an entry in a store outside our database would go too, if it is ours."""
        return self.fate is Fate.DELETED and self.store.entries is not None


@dataclass(frozen=True, slots=True)
class FateFinding:
    """Looks people up, first in our own records, and in their store only where that could matter."""

    users: UserFinding

    async def look(self, user_id: str, domain: str, going: Going) -> Concerned | None:
        """Return somebody as our own records know them; ``None`` where there is nobody any more."""
        store = await self.users.store(domain)
        user = await store.records.find(user_id)
        if user is None:
            return None
        links = await self.users.account_links.of_user(user_id)
        ours = tuple(link for link in links if link.idp == going.idp)
        others = await self._open([link for link in links if link.idp != going.idp])
        return Concerned(user, store, ours, others, fate_of(user, (*ours, *others), going))

    async def ask(self, person: Concerned, going: Going) -> Concerned:
        """Return somebody whose store was asked whether the entry is ours, if that could make a difference.

        Raises ``UserStoreUnavailable``.
        """
        if not person.goes_outside or person.store.entries is None or person.user.entry is None:
            return person
        entry = await person.store.entries.find(person.user.entry)
        links = (*person.links, *person.others)
        return replace(person, fate=fate_of(person.user, links, going, entry=entry))

    async def is_linked(self, user_id: str, idp: str) -> bool:
        """Say whether a provider opens a user; who is, is found by the link."""
        return any(link.idp == idp for link in await self.users.account_links.of_user(user_id))

    async def _open(self, links: Sequence[AccountLink]) -> tuple[AccountLink, ...]:
        """Leave out the links of providers that are gone themselves: they let nobody in any more."""
        providers = self.users.identity_providers
        living = {idp for idp in {link.idp for link in links} if await providers.find(idp) is not None}
        return tuple(link for link in links if link.idp in living)
