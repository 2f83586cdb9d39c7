"""Find people by whatever an operator knows of them, over all user stores, with a bounded number of queries."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jitney.administration.operator import Operator, Right
from jitney.administration.people.people_listing import Listed, PeopleListing, Place
from jitney.errors import InvalidInput, UserStoreUnavailable
from jitney.model.identity_provider import IdentityProvider
from jitney.model.user import PRIMARY, User
from jitney.ports import AccountLinks, IdentityProviders, UserStore, UserStores
from jitney.provisioning.display_names import display_name_of
from jitney.provisioning.store_rules import canonical_username

LONGEST_TEXT = 320
"""As long as an address may be; subjects and user names are shorter."""

MOST_PROVIDERS = 20
"""How many identity providers are asked for a subject where none is named."""

PAGE = 50
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class PeopleSought:
    """What an operator knows.

    ``text`` is a user name or how one begins, ``DOMAIN/name``, an id, an address, or a subject; blank lists.
    ``domain`` and ``idp``, a short name, narrow it down; ``after`` is where the page before has ended.
    """

    text: str = ""
    domain: str = ""
    idp: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A row: ``provisioned_by`` is the display name of the provider that somebody came from, ``None`` if local.

    ``name`` is what people know them by; ``subject`` is shown where a provider was asked for.
    """

    user: User
    name: str | None
    provisioned_by: str | None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """A page of people: the exact matches first, then those whose name begins so.

    ``silent`` are the domains of the stores that gave no answer (P-11); ``after`` begins the next page, ``None`` on
    the last one. ``subjects_skipped`` says that there are too many providers to ask for a subject.
    """

    people: tuple[FoundPerson, ...]
    silent: tuple[str, ...] = ()
    after: str | None = None
    subjects_skipped: bool = False


@dataclass(frozen=True, slots=True)
class SearchChoices:
    """What a search can be narrowed down to: the stores' domains, and providers by short and display name.

    There may be thousands of providers: these are those that the sign-in page offers, and others can be named too.
    """

    domains: Sequence[str]
    providers: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PeopleSearch:
    """What the search of the console asks; a store that does not answer hides nobody of the others."""

    user_stores: UserStores
    identity_providers: IdentityProviders
    account_links: AccountLinks

    async def find(self, operator: Operator, sought: PeopleSought) -> FoundPeople:
        """Return a page of people.

        Without a text it is a page of the people of ``idp``, else of the store, PRIMARY where none is named.
        Raises ``InvalidInput`` (``people_search_invalid``) with the fields ``q``, ``store`` and ``idp``.
        """
        operator.need(Right.SEE)
        sought = replace(sought, text=sought.text.strip())
        if len(sought.text) > LONGEST_TEXT or "\0" in sought.text + sought.after:
            raise _invalid("q", "Nobody's name is as long as this.")
        idp = await self._idp(sought.idp)
        stores = await self._stores(sought)
        listing = PeopleListing(stores, self.account_links)
        if not sought.text and idp is not None:
            found = await listing.of_provider(idp.id, sought.after, limit=PAGE)
        elif not sought.text:
            found = await listing.by_name("", Place.parse(sought.after), limit=PAGE)
        else:
            return await self._search(sought, idp, stores)
        return await self._page(found, idp=idp)

    async def choices(self, operator: Operator) -> SearchChoices:
        """Return what a search can be narrowed down to."""
        operator.need(Right.SEE)
        offered = await self.identity_providers.shown(limit=PAGE)
        return SearchChoices(
            await self.user_stores.domains(), [(one.name, one.display_name) for one in offered]
        )

    async def _search(
        self, sought: PeopleSought, idp: IdentityProvider | None, stores: Sequence[UserStore]
    ) -> FoundPeople:
        """Look for exactly this, on the first page, and for names that begin so."""
        stores, text = await self._without_domain(sought.text, stores, is_narrowed=bool(sought.domain))
        place = Place.parse(sought.after)
        exact, skipped = Listed(), False
        if not sought.after:
            exact = await self._exactly(sought.text, text, stores)
            subjects, skipped = await self._by_subject(sought.text, idp, stores)
            exact = exact.joined(subjects)
        found = exact.joined(await PeopleListing(stores, self.account_links).by_name(text, place, limit=PAGE))
        if idp is not None:
            found = await self._linked_to(idp, found)
        return replace(await self._page(found, idp=idp), subjects_skipped=skipped)

    async def _exactly(self, whole: str, text: str, stores: Sequence[UserStore]) -> Listed:
        """Ask every store at once for this id, this name and this address, so that a slow one delays none twice."""
        return Listed().joined(*await asyncio.gather(*(_look(store, whole, text) for store in stores)))

    async def _by_subject(
        self, subject: str, idp: IdentityProvider | None, stores: Sequence[UserStore]
    ) -> tuple[Listed, bool]:
        """Return whom this subject opens, byte for byte, by our own records; and whether it was not asked for."""
        few = MOST_PROVIDERS + 1
        idps = [idp] if idp is not None else await self.identity_providers.page(limit=few)
        if len(idps) > MOST_PROVIDERS:
            return Listed(), True
        links = [await self.account_links.find(one.id, subject) for one in idps]
        return await PeopleListing(stores, self.account_links).behind([one for one in links if one]), False

    async def _linked_to(self, idp: IdentityProvider, found: Listed) -> Listed:
        """Leave those who come through a provider, with the subject by which they do."""
        people: list[tuple[User, str | None]] = []
        for user, subject in found.people:
            links = await self.account_links.of_user(user.id)
            subjects = [link.subject for link in links if link.idp == idp.id]
            if subjects:
                people.append((user, subject if subject in subjects else subjects[0]))
        return replace(found, people=tuple(people))

    async def _without_domain(
        self, text: str, stores: Sequence[UserStore], *, is_narrowed: bool
    ) -> tuple[Sequence[UserStore], str]:
        """Read ``DOMAIN/name``: the one store, and the name in it."""
        domain, slash, name = text.partition("/")
        store = await self.user_stores.find(domain) if slash and domain else None
        if store is None or (is_narrowed and store.description.domain != stores[0].description.domain):
            return stores, text
        return (store,), name

    async def _stores(self, sought: PeopleSought) -> Sequence[UserStore]:
        if sought.domain:
            store = await self.user_stores.find(sought.domain)
            if store is None:
                raise _invalid("store", "There is no such user store.")
            return (store,)
        everywhere = bool(sought.text or sought.idp)
        domains = await self.user_stores.domains() if everywhere else (PRIMARY,)
        found = [await self.user_stores.find(domain) for domain in domains]
        return [store for store in found if store is not None]

    async def _idp(self, name: str) -> IdentityProvider | None:
        if not name:
            return None
        idp = await self.identity_providers.find_by_name(name)
        if idp is None:
            raise _invalid("idp", "There is no such identity provider.")
        return idp

    async def _page(self, found: Listed, *, idp: IdentityProvider | None) -> FoundPeople:
        """Name the people and the providers that they came from, each provider once."""
        names = {idp.id: idp.display_name} if idp else {}
        for origin in {user.origin for user, _ in found.people if user.origin} - names.keys():
            known = await self.identity_providers.find(origin)
            names[origin] = known.display_name if known else "a provider that is gone"
        people = tuple(
            FoundPerson(
                user,
                display_name_of(user),
                names[user.origin] if user.origin else None,
                subject if idp else None,
            )
            for user, subject in found.people
        )
        return FoundPeople(people, found.silent, found.after)


async def _look(store: UserStore, whole: str, text: str) -> Listed:
    """Ask one store; where it gives no answer, our own records say whom we know."""
    try:
        return Listed(tuple([(user, None) for user in await _matches(store, whole, text)]))
    except UserStoreUnavailable:
        known = await _matches(store.records, whole, text)
        return Listed(tuple([(user, None) for user in known]), (store.description.domain,))


async def _matches(store: UserStore, whole: str, text: str) -> list[User]:
    """Return whom an id, a name or an address means; an id is an id, and only then a name."""
    found = [await store.find(whole)] if _ID.fullmatch(whole) else []
    found.append(await store.find_by_name_key(canonical_username(store.description, text).key))
    if "@" in text:
        found += await store.find_by_attribute("email", text, limit=PAGE)
    return [user for user in found if user is not None]


def _invalid(field: str, sentence: str) -> InvalidInput:
    return InvalidInput("people_search_invalid", "This cannot be searched for.", fields={field: sentence})
