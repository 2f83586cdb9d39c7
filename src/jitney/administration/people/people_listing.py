"""Lists people page by page over several user stores, and goes on beside one that gives no answer (P-11)."""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.errors import UserStoreUnavailable
from jitney.model.account_link import AccountLink
from jitney.model.user import User
from jitney.ports import AccountLinks, UserStore
from jitney.provisioning.store_rules import canonical_username


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page has ended: in this store, behind this key."""

    domain: str = ""
    key: str = ""

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read what ``str`` has written; whatever else comes is a place too, and only bounds what is listed."""
        domain, _, key = text.partition("/")
        return cls(domain, key)

    def __str__(self) -> str:
        return f"{self.domain}/{self.key}"


@dataclass(frozen=True, slots=True)
class Listed:
    """People, each with the subject by which they were found; stores that gave no answer; and where to go on."""

    people: tuple[tuple[User, str | None], ...] = ()
    silent: tuple[str, ...] = ()
    after: str | None = None

    def joined(self, *others: "Listed") -> "Listed":
        """Return these people and then the others, each once; the last one says where to go on."""
        everybody = [each for one in (self, *others) for each in one.people]
        people = {user.id: (user, subject) for user, subject in reversed(everybody)}
        order = dict.fromkeys(user.id for user, _ in everybody)
        silent = dict.fromkeys(domain for one in (self, *others) for domain in one.silent)
        after = others[-1].after if others else self.after
        return Listed(tuple(people[each] for each in order), tuple(silent), after)


@dataclass(frozen=True, slots=True)
class PeopleListing:
    """Lists the people of these stores, one after the other; those of a silent one as our own records know them."""

    stores: Sequence[UserStore]
    account_links: AccountLinks

    async def by_name(self, start: str, place: Place, *, limit: int) -> Listed:
        """List those whose user name begins with ``start``, by store and name key, from behind ``place``.

        Who is called exactly ``start`` is left to whoever asks for them, since a page begins behind it.
        """
        found: list[User] = []
        silent: list[str] = []
        for store in self._from(place.domain):
            domain = store.description.domain
            behind = place.key if place.domain == domain else ""
            try:
                users, is_last = await _begins_with(store, start, behind, limit)
            except UserStoreUnavailable:
                silent.append(domain)
                users, is_last = await _begins_with(store.records, start, behind, limit)
            found += users
            if len(found) > limit or not is_last:
                return _cut(found, limit, tuple(silent))
        return Listed(tuple((user, None) for user in found), tuple(silent))

    async def of_provider(self, idp_id: str, after: str, *, limit: int) -> Listed:
        """List the people of an identity provider by subject, from behind ``after``, as our records say."""
        links = await self.account_links.page_of(idp_id, after=after, limit=limit + 1)
        listed = await self.behind(links[:limit])
        return Listed(listed.people, (), links[limit - 1].subject if len(links) > limit else None)

    async def behind(self, links: Sequence[AccountLink]) -> Listed:
        """Return the people that these links open; no store outside our database is asked."""
        stores = {store.description.domain: store for store in self.stores}
        found: list[tuple[User, str | None]] = []
        for link in links:
            store = stores.get(link.domain)
            user = await store.records.find(link.user_id) if store else None
            if user is not None:
                found.append((user, link.subject))
        return Listed(tuple(found))

    def _from(self, domain: str) -> Sequence[UserStore]:
        """Return the stores from the one on in which a page goes on."""
        domains = [store.description.domain for store in self.stores]
        return self.stores[domains.index(domain) :] if domain in domains else self.stores


async def _begins_with(store: UserStore, start: str, behind: str, limit: int) -> tuple[Sequence[User], bool]:
    """Return a page of those whose key begins with ``start``, and whether there are no more.

    All of them stand together in the order of the keys, right behind ``start`` itself; stores outside our database
    list by lower case, also where they tell cases apart, and their pages may be shorter than asked for.
    """
    key = canonical_username(store.description, start).key
    page = await store.page(after=behind or key, limit=limit + 1)
    fitting = [user for user in page if user.username.key.lower().startswith(key.lower())]
    is_short = store.entries is None and len(page) <= limit
    return fitting, not page or is_short or len(fitting) < len(page)


def _cut(found: Sequence[User], limit: int, silent: tuple[str, ...]) -> Listed:
    shown = found[:limit]
    last = shown[-1].username if shown else None
    after = str(Place(last.domain, last.key)) if last else None
    return Listed(tuple((user, None) for user in shown), silent, after)
