"""Find users by what operators call them, and stores that may be written to."""

from dataclasses import dataclass

from jitney.errors import NotFound, UserStoreRejected
from jitney.model.user import PRIMARY, User
from jitney.ports import AccountLinks, IdentityProviders, UserStore, UserStores
from jitney.provisioning.store_rules import canonical_username


@dataclass(frozen=True, slots=True)
class UserFinding:
    """Answers which user a reference means: ``name``, ``DOMAIN/name`` or an id."""

    user_stores: UserStores
    identity_providers: IdentityProviders
    account_links: AccountLinks

    async def store(self, domain: str) -> UserStore:
        """Return a store by its domain; raises ``NotFound``."""
        store = await self.user_stores.find(domain)
        if store is None:
            raise NotFound("user_store_not_found", "There is no such user store.", domain=domain)
        return store

    async def writable_store(self, domain: str) -> UserStore:
        """Return a store that takes changes now.

        Raises ``NotFound``, and ``UserStoreRejected``: ``user_store_disabled``, ``user_store_read_only``.
        """
        store = await self.store(domain)
        if not store.description.enabled:
            raise UserStoreRejected("user_store_disabled", "The user store is disabled.")
        if store.description.read_only:
            raise UserStoreRejected("user_store_read_only", "The user store is read-only.")
        return store

    async def get(self, reference: str) -> User:
        """Return the user that is meant, as the user store says now; raises ``NotFound``, ``UserStoreUnavailable``.

        The attack: somebody takes another person's id for a user name, and the operator who locks or removes
        that person by id meets the wrong account. So an id is an id, and only then a name.
        """
        user = await self.find_by_id(reference) or await self._by_name(reference)
        if user is None:
            raise _not_found(reference)
        return user

    async def get_record(self, reference: str) -> User:
        """Return our own record of the user that is meant, without a word of the user store's own.

        Whoever was only seen there is returned as seen (version 0).
        A user of whom we have a record is found while the store cannot be asked: somebody must be shut out now, and
        not when the directory is back (P-7, P-11).
        Raises ``NotFound``, and ``UserStoreUnavailable`` where nobody but the store could know the name.
        """
        user = await self.find_record(reference) or await self._record_by_name(reference)
        if user is None:
            raise _not_found(reference)
        return user

    async def get_by_id(self, id: str) -> User:
        """Return the user of exactly this id; raises ``NotFound``."""
        user = await self.find_by_id(id)
        if user is None:
            raise NotFound("user_not_found", "There is no such user.")
        return user

    async def find_by_id(self, id: str) -> User | None:
        """Find the user of exactly this id, in whichever store.

        A store outside our database is asked only about its own users, so that one that is down is no trouble for
        those of the others (P-11); raises ``UserStoreUnavailable`` where it is this user's.
        """
        for store in await self._stores():
            if user := await store.find(id):
                return user
        return None

    async def find_record(self, id: str) -> User | None:
        """Find our own record of the user of exactly this id; no store outside our database is asked."""
        for store in await self._stores():
            if user := await store.records.find(id):
                return user
        return None

    async def get_writable(self, reference: str) -> User:
        """Return the user that is meant, if its store takes changes."""
        user = await self.get(reference)
        await self.writable_store(user.username.domain)
        return user

    async def _split(self, reference: str) -> tuple[str, str]:
        domain, slash, name = reference.partition("/")
        known = slash and await self.user_stores.find(domain) is not None
        return (domain, name) if known else (PRIMARY, reference)

    async def _by_name(self, reference: str) -> User | None:
        store, key = await self._named(reference)
        return await store.find_by_name_key(key)

    async def _record_by_name(self, reference: str) -> User | None:
        store, key = await self._named(reference)
        return await store.records.find_by_name_key(key) or await store.find_by_name_key(key)

    async def _named(self, reference: str) -> tuple[UserStore, str]:
        domain, name = await self._split(reference)
        store = await self.store(domain)
        return store, canonical_username(store.description, name).key

    async def _stores(self) -> list[UserStore]:
        found = [await self.user_stores.find(domain) for domain in await self.user_stores.domains()]
        return [store for store in found if store is not None]


def _not_found(reference: str) -> NotFound:
    return NotFound("user_not_found", "There is no such user.", reference=reference)
