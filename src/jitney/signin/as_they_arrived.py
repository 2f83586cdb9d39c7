"""Finds facts about somebody as they arrived: without the link, and the account, that this very sign-in made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jitney.model.account_link import AccountLink
from jitney.model.user import User
from jitney.model.user_store import UserStoreDescription
from jitney.ports import AccountLinks, EntryStore, UserStore, UserStores
from jitney.signin.fact_finding import FactFinder


def as_they_arrived(facts: FactFinder, link: AccountLink, *, was_created: bool) -> FactFinder:
    """Return a finder that does not see this link, nor its user where the sign-in created them.

    All else is seen as it stands now: who else has come since, and what operators have changed.
    """
    links = _LinksWithout(facts.links, link)
    stores = _StoresWithout(facts.user_stores, link.user_id) if was_created else facts.user_stores
    candidates = replace(facts.candidates, links=links, user_stores=stores)
    return replace(facts, links=links, user_stores=stores, candidates=candidates)


@dataclass(frozen=True, slots=True)
class _LinksWithout:
    """Implements the port ``AccountLinks`` as if one link were not there."""

    links: AccountLinks
    hidden: AccountLink

    async def find(self, idp: str, subject: str) -> AccountLink | None:
        found = await self.links.find(idp, subject)
        return None if found is None or self._is_hidden(found) else found

    async def of_user(self, user_id: str) -> Sequence[AccountLink]:
        return [link for link in await self.links.of_user(user_id) if not self._is_hidden(link)]

    async def count_of(self, idp: str) -> int:
        return await self.links.count_of(idp)

    async def page_of(self, idp: str, *, after: str = "", limit: int = 100) -> Sequence[AccountLink]:
        page = await self.links.page_of(idp, after=after, limit=limit)
        return [link for link in page if not self._is_hidden(link)]

    def _is_hidden(self, link: AccountLink) -> bool:
        return (link.idp, link.subject) == (self.hidden.idp, self.hidden.subject)


@dataclass(frozen=True, slots=True)
class _StoresWithout:
    """Implements the port ``UserStores`` as if one user were not there."""

    stores: UserStores
    hidden: str

    async def find(self, domain: str) -> UserStore | None:
        store = await self.stores.find(domain)
        return None if store is None else _StoreWithout(store, self.hidden)

    async def domains(self) -> Sequence[str]:
        return await self.stores.domains()


@dataclass(frozen=True, slots=True)
class _StoreWithout:
    """Implements the port ``UserStore`` as if one user, of this id, were not there."""

    store: UserStore
    hidden: str

    @property
    def entries(self) -> EntryStore | None:
        return self.store.entries

    @property
    def records(self) -> UserStore:
        return _StoreWithout(self.store.records, self.hidden)

    @property
    def description(self) -> UserStoreDescription:
        return self.store.description

    async def find(self, user_id: str) -> User | None:
        return None if user_id == self.hidden else await self.store.find(user_id)

    async def find_by_name_key(self, key: str) -> User | None:
        return self._seen(await self.store.find_by_name_key(key))

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> Sequence[User]:
        found = await self.store.find_by_attribute(attribute, value, limit=limit + 1)
        return [user for user in found if user.id != self.hidden][:limit]

    async def find_repeated(self, attribute: str) -> str | None:
        return await self.store.find_repeated(attribute)

    async def find_password_hash(self, user_id: str) -> str | None:
        return None if user_id == self.hidden else await self.store.find_password_hash(user_id)

    async def page(self, *, after: str = "", limit: int = 50) -> Sequence[User]:
        return [user for user in await self.store.page(after=after, limit=limit) if user.id != self.hidden]

    def _seen(self, user: User | None) -> User | None:
        return None if user is None or user.id == self.hidden else user
