"""Find users by what operators call them, and stores that may be written to."""

from dataclasses import dataclass

from jitney.errors import NotAllowed, NotFound, UserStoreRejected
from jitney.model.user import PRIMARY, User
from jitney.ports import AccountLinks, IdentityProviders, UserStore, UserStores
from jitney.provisioning.store_rules import canonical_username


@dataclass(frozen=True, slots=True)
class UserFinding:
    """Answers which user a reference means: ``name``, ``DOMAIN/name`` or an id."""

    user_stores: UserStores
    identity_providers: IdentityProviders
    account_links: AccountLinks

    def store(self, domain: str) -> UserStore:
        """Return a store by its domain; raises ``NotFound``."""
        store = self.user_stores.find(domain)
        if store is None:
            raise NotFound("user_store_not_found", "There is no such user store.", domain=domain)
        return store

    def writable_store(self, domain: str) -> UserStore:
        """Return a store that takes changes now.

        Raises ``NotFound``, and ``UserStoreRejected``: ``user_store_disabled``, ``user_store_read_only``.
        """
        store = self.store(domain)
        if not store.description.enabled:
            raise UserStoreRejected("user_store_disabled", "The user store is disabled.")
        if store.description.read_only:
            raise UserStoreRejected("user_store_read_only", "The user store is read-only.")
        if not store.joins_unit_of_work:
            raise NotAllowed("user_store_elsewhere", "Users of this store are changed where it stands.")
        return store

    async def get(self, reference: str) -> User:
        """Return the user that is meant; raises ``NotFound``.

        The attack: somebody takes another person's id for a user name, and the operator who locks or removes
        that person by id meets the wrong account. So an id is an id, and only then a name.
        """
        user = await self.find_by_id(reference) or await self._by_name(reference)
        if user is None:
            raise NotFound("user_not_found", "There is no such user.", reference=reference)
        return user

    async def get_by_id(self, id: str) -> User:
        """Return the user of exactly this id; raises ``NotFound``."""
        user = await self.find_by_id(id)
        if user is None:
            raise NotFound("user_not_found", "There is no such user.")
        return user

    async def find_by_id(self, id: str) -> User | None:
        """Find the user of exactly this id, in whichever store."""
        for domain in self.user_stores.domains():
            store = self.user_stores.find(domain)
            if store is not None and (user := await store.find(id)):
                return user
        return None

    async def get_writable(self, reference: str) -> User:
        """Return the user that is meant, if its store takes changes."""
        user = await self.get(reference)
        self.writable_store(user.username.domain)
        return user

    async def get_linked(self, idp_name: str, subject: str) -> User:
        """Return the user that a social identity opens; raises ``NotFound``."""
        idp = await self.identity_providers.find_by_name(idp_name)
        link = await self.account_links.find(idp.id, subject) if idp else None
        user = await self.store(link.domain).find(link.user_id) if link else None
        if user is None:
            raise NotFound("user_not_found", "No user is linked to this identity.", idp=idp_name)
        return user

    def _split(self, reference: str) -> tuple[str, str]:
        domain, slash, name = reference.partition("/")
        known = slash and self.user_stores.find(domain) is not None
        return (domain, name) if known else (PRIMARY, reference)

    async def _by_name(self, reference: str) -> User | None:
        domain, name = self._split(reference)
        store = self.store(domain)
        return await store.find_by_name_key(canonical_username(store.description, name).key)
