"""The user store outside our database: our records of its users, joined with the entries that it holds itself."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from jitney.model.entry import Entry
from jitney.model.user import User, UserState
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import LDAPConnection, OwnDatabase, SQLConnection, UserStoreRecord
from jitney.ports import EntryStore, Operations, UserStore
from jitney.provisioning.store_rules import canonical_username
from jitney.userstores.folding import fold
from jitney.userstores.joining import Seam, join, stranger, vanished

MOST_ON_A_PAGE: Final = 100
_UNDER_WAY: Final = frozenset({UserState.PENDING, UserState.LEAVING})


class UsersOfEntries(UserStore, Protocol):
    """What our own tables hold of the users of one domain."""

    async def find_by_entries(self, entries: Sequence[str]) -> Mapping[str, User]:
        """Find the users whose record names one of these entries, by entry."""
        ...


class FollowingUserStore:
    """One user store of entries that others may write too: what they say is read each time, and never copied.

    A user whom we know by a record is asked for by the id of the entry, so that neither a name that changes hands
    nor a new entry in the place of an old one makes anybody somebody else (R-045).
    ``records`` reads our own tables, for this domain; ``operations`` knows the entries that are being made or given
    up, where there are any.
    """

    def __init__(
        self,
        record_of_store: UserStoreRecord,
        records: UsersOfEntries,
        entries: EntryStore,
        *,
        operations: Operations | None = None,
    ) -> None:
        self._description = replace(record_of_store.description, version=record_of_store.version)
        self._records = records
        self._entries = entries
        self._operations = operations
        self._seam = Seam(
            record_of_store.id, self._description, entries.has_place_for, _reads_groups(record_of_store)
        )

    @property
    def entries(self) -> EntryStore:
        """Return what stands outside our database."""
        return self._entries

    @property
    def records(self) -> UserStore:
        """Return our own records of the users, as they are kept."""
        return self._records

    @property
    def description(self) -> UserStoreDescription:
        """Return the store's name, state and rules."""
        return self._description

    async def find(self, user_id: str) -> User | None:
        """Find by immutable id, by one query and one search; of whom we keep no record nobody has the id."""
        record = await self._records.find(user_id)
        return None if record is None else await self._joined(record)

    async def find_by_name_key(self, key: str) -> User | None:
        """Find by the canonical form of the name: whoever has it here, else whoever has it in the store."""
        record = await self._records.find_by_name_key(key)
        if record is not None:
            return await self._joined(record)
        entry = await self._entries.find_by_name(key)
        return None if entry is None else (await self._users_of([entry]))[0]

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> Sequence[User]:
        """Find the users one of whose values is this one, by name key; ASCII letters compare without case."""
        most = max(0, min(limit, MOST_ON_A_PAGE))
        if not self._entries.has_place_for(attribute):
            records = await self._records.find_by_attribute(attribute, value, limit=most)
            return [await self._joined(record) for record in records]
        if not most:
            return []
        found = await self._entries.find_by_attribute(attribute, value, limit=most)
        same = _with_value(found, attribute, value)
        if len(same) < len(found) == most:
            # What only looks alike to the store must not hide a second one who is meant as well.
            found = await self._entries.find_by_attribute(attribute, value, limit=MOST_ON_A_PAGE)
            same = _with_value(found, attribute, value)[:most]
        return sorted(await self._users_of(same), key=lambda user: user.username.key)

    async def find_repeated(self, attribute: str) -> str | None:
        """Return a value that two users share, its ASCII letters in lower case; ``None`` where all differ.

        Reads the values of everybody, and keeps sixteen bytes of each.
        """
        if not self._entries.has_place_for(attribute):
            return await self._records.find_repeated(attribute)
        seen: set[bytes] = set()
        async for values in self._entries.values(attribute):
            for folded in set(map(fold, values)):
                digest = hashlib.blake2b(folded.encode(errors="surrogatepass"), digest_size=16).digest()
                if digest in seen:
                    return folded
                seen.add(digest)
        return None

    async def find_password_hash(self, user_id: str) -> str | None:  # noqa: ARG002 - the port's question
        """Return ``None``: passwords are the store's own, and it compares them itself."""
        return None

    async def page(self, *, after: str = "", limit: int = 50) -> Sequence[User]:
        """List users by name key, from behind ``after``, at most 100: those whom we know, and those who are there.

        Two sorted lists are merged, since a record may have another name than its entry, or no entry at all.
        """
        most = max(0, min(limit, MOST_ON_A_PAGE, self._description.most_users_listed or MOST_ON_A_PAGE))
        listed: list[User] = []
        behind, is_last = after, not most
        while not listed and not is_last:
            entries = await self._entries.page(after=behind, limit=most)
            is_last = len(entries) < most
            # Beyond the last entry that was read strangers may stand between the records.
            until = None if is_last else max((self._key(entry) for entry in entries), key=_place)
            users = {user.id: user for user in await self._users_of(entries)}
            for record in await self._records.page(after=behind, limit=most):
                if record.id not in users and _is_between(after, record.username.key, until):
                    users[record.id] = await self._joined(record)
            listed = [user for user in users.values() if _is_between(after, user.username.key, until)]
            behind = behind if until is None else until
        return sorted(listed, key=lambda user: _place(user.username.key))[:most]

    async def _joined(self, record: User) -> User:
        """Ask the store for the entry of a record; who is being made or removed is not asked for."""
        if record.state in _UNDER_WAY:
            return record
        entry = None if record.entry is None else await self._entries.find(record.entry)
        return vanished(record) if entry is None else join(record, entry, self._seam)

    async def _users_of(self, entries: Sequence[Entry]) -> list[User]:
        """Return the users of entries in the same order; our records of them come by one query."""
        known = await self._records.find_by_entries([entry.id for entry in entries]) if entries else {}
        return [await self._user_of(entry, known.get(entry.id)) for entry in entries]

    async def _user_of(self, entry: Entry, record: User | None) -> User:
        if record is None:
            return await self._unknown(entry)
        return record if record.state in _UNDER_WAY else join(record, entry, self._seam)

    async def _unknown(self, entry: Entry) -> User:
        """Return the user of an entry that no record names: one that is being made, or somebody else's.

        The attack (P-2): somebody comes in by the password of an account whose making was not decided, or was
        given up; the entry bears our stamp, and nothing has been published.
        """
        unknown = stranger(entry, self._seam)
        if entry.stamp is None:
            return unknown
        record = await self._records.find(entry.stamp)
        if record is not None and record.state is UserState.PENDING:
            return record
        operation = None if self._operations is None else await self._operations.of_user(entry.stamp)
        return unknown if operation is None else replace(unknown, state=UserState.PENDING)

    def _key(self, entry: Entry) -> str:
        return canonical_username(self._description, entry.name).key


def _with_value(entries: Sequence[Entry], attribute: str, value: str) -> list[Entry]:
    folded = fold(value)
    return [entry for entry in entries if folded in map(fold, entry.attributes.get(attribute, ()))]


def _place(key: str) -> tuple[str, str]:
    """Return where a name stands in a listing: stores list by lower case, also where they tell cases apart."""
    return key.lower(), key


def _is_between(after: str, key: str, until: str | None) -> bool:
    return _place(after) < _place(key) and (until is None or _place(key) <= _place(until))


def _reads_groups(store: UserStoreRecord) -> bool:
    match store.connection:
        case LDAPConnection(groups=groups):
            return groups.base is not None and groups.may_be_read
        case SQLConnection(groups_may_be_read=may_be_read, owns_tables=owns_tables, tables=tables):
            return may_be_read and (owns_tables or tables.memberships is not None)
        case OwnDatabase():
            return True
