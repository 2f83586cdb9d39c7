"""The user store in memory: users in a dictionary that somebody else writes."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from jitney.model.user import User
from jitney.model.user_store import UserStoreDescription
from jitney.userstores.folding import fold

MOST_ON_A_PAGE = 100


class UsersInMemory(Protocol):
    """Users and the hashes of their passwords, both by user id."""

    @property
    def users(self) -> Mapping[str, User]:
        """Return the users by id."""
        ...

    @property
    def password_hashes(self) -> Mapping[str, str]:
        """Return the hashes by user id."""
        ...


class MemoryUserStore:
    """One user store; ``look`` returns the users as last committed."""

    entries = None

    def __init__(self, description: UserStoreDescription, look: Callable[[], UsersInMemory]) -> None:
        self._description = description
        self._look = look

    @property
    def records(self) -> "MemoryUserStore":
        """Return this store: all that there is of its users is our own."""
        return self

    @property
    def description(self) -> UserStoreDescription:
        """Return the store's name, state and rules."""
        return self._description

    async def find(self, user_id: str) -> User | None:
        """Find by immutable id."""
        return next((user for user in self._users() if user.id == user_id), None)

    async def find_by_name_key(self, key: str) -> User | None:
        """Find by the canonical form of the name."""
        return next((user for user in self._users() if user.username.key == key), None)

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> Sequence[User]:
        """Find the users one of whose values is this one, by name key; ASCII letters compare without case."""
        folded = fold(value)
        found = [user for user in self._users() if folded in map(fold, user.values(attribute))]
        found.sort(key=lambda user: user.username.key)
        return found[: max(0, min(limit, MOST_ON_A_PAGE))]

    async def find_by_entries(self, entries: Sequence[str]) -> Mapping[str, User]:
        """Find the users whose record names one of these entries, by entry."""
        wanted = frozenset(entries)
        return {user.entry: user for user in self._users() if user.entry is not None and user.entry in wanted}

    async def find_repeated(self, attribute: str) -> str | None:
        """Return a value that two users share, its ASCII letters in lower case; ``None`` where all differ."""
        holders = Counter(value for user in self._users() for value in set(map(fold, user.values(attribute))))
        return min((value for value, count in holders.items() if count > 1), default=None)

    async def find_password_hash(self, user_id: str) -> str | None:
        """Return the hash of the user's password, ``None`` where there is none."""
        if await self.find(user_id) is None:
            return None
        return self._look().password_hashes.get(user_id)

    async def page(self, *, after: str = "", limit: int = 50) -> Sequence[User]:
        """List users by name key, from behind ``after``; at most 100."""
        behind = [user for user in self._users() if user.username.key > after]
        behind.sort(key=lambda user: user.username.key)
        return behind[: max(0, min(limit, MOST_ON_A_PAGE))]

    def _users(self) -> list[User]:
        return [u for u in self._look().users.values() if u.username.domain == self._description.domain]
