"""One directory as a record describes it: how it is reached, read and written, and what it can do."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, TypeVar

from jitney.model.entry import Entry
from jitney.model.user_store_record import LDAPConnection, StoreSchema
from jitney.ports import Passwords
from jitney.userstores.ldap.active_directory import ActiveDirectory
from jitney.userstores.ldap.dialect import Dialect
from jitney.userstores.ldap.groups import GroupKeeper
from jitney.userstores.ldap.plain_directory import PlainDirectory
from jitney.userstores.ldap.reading import EntryReader
from jitney.userstores.ldap.wire.answers import Found, Unanswered
from jitney.userstores.ldap.wire.connection import BASE, DirectoryConnection, Search
from jitney.userstores.ldap.wire.controls import ASSERTION, assertion
from jitney.userstores.ldap.wire.faults import fault_in_reading
from jitney.userstores.ldap.wire.names import all_of, equality, present
from jitney.userstores.ldap.wire.opening import Opener
from jitney.userstores.ldap.wire.pool import ConnectionPool
from jitney.userstores.ldap.wire.searching import search_few

_Answer = TypeVar("_Answer")


class Directory:
    """What the verbs of the store share."""

    def __init__(self, connection: LDAPConnection, passwords: Passwords | None) -> None:
        self.connection = connection
        self.dialect = _dialect(connection, passwords)
        self.reader = EntryReader(connection, self.dialect)
        self.groups = GroupKeeper(connection.groups, connection.page_size)
        self.opener = Opener(connection)
        self._pool = ConnectionPool(
            self.opener.open, size=connection.pool_size, seconds=connection.connect_seconds
        )
        self._controls: frozenset[str] | None = None

    async def read(self, work: Callable[[DirectoryConnection], Awaitable[_Answer]]) -> _Answer:
        """Do what changes nothing; raises ``UserStoreUnavailable``."""
        try:
            return await self._pool.read(work)
        except Unanswered as flaw:
            raise fault_in_reading(flaw) from None

    async def write(self, work: Callable[[DirectoryConnection], Awaitable[_Answer]]) -> _Answer:
        """Do what changes something, once; ``work`` itself says what is wrong with its writes."""
        try:
            return await self._pool.write(work)
        except Unanswered as flaw:
            raise fault_in_reading(flaw) from None

    def lent(self) -> AbstractAsyncContextManager[DirectoryConnection]:
        """Lend a connection for a walk."""
        return self._pool.lent()

    def close(self) -> None:
        """Let all connections and threads end."""
        self._pool.close()
        self.opener.close()

    async def controls(self, connection: DirectoryConnection) -> frozenset[str]:
        """Return the controls that the directory announces (RFC 4512 5.1); asked for once."""
        if self._controls is None:
            found = await search_few(connection, Search("", attributes=("supportedControl",), scope=BASE))
            self._controls = frozenset(oid for root in found for oid in root.texts("supportedControl"))
        return self._controls

    def by_id(self, entry_id: str, *, among_people: bool = True) -> Search | None:
        """Return what finds the entry of this id; ``None`` where none can have it."""
        value = self.dialect.id_value(entry_id)
        if value is None:
            return None
        condition = equality(self.connection.id_attribute, value)
        return self.people(condition) if among_people else self._below_base(condition)

    def people(self, *conditions: str, at_most: int = 2) -> Search:
        """Return what finds people.

        An entry without a name is none, whatever else it is: directories keep the contacts of an address book
        beside people, and a listing or a lookup must not fail over one of them.
        """
        named = present(self.connection.name_attribute)
        return self._below_base(all_of(self.connection.user_filter, named, *conditions), at_most)

    async def entry(self, connection: DirectoryConnection, found: Found) -> Entry:
        """Return an entry in our words, with its groups."""
        return self.reader.entry(found, await self.groups.of(connection, found), datetime.now(UTC))

    async def entries(self, connection: DirectoryConnection, found: Sequence[Found]) -> Sequence[Entry]:
        """Return entries in our words, with their groups."""
        return [await self.entry(connection, one) for one in found]

    async def for_this_alone(self, connection: DirectoryConnection, entry_id: str) -> Sequence[Any]:
        """Return what ties a write to the entry that is meant, where the directory knows of such a thing.

        The attack: between reading an entry and writing to it, its DN was given to somebody else.
        """
        value = self.dialect.id_value(entry_id)
        if value is None or ASSERTION not in await self.controls(connection):
            return ()
        return (assertion(equality(self.connection.id_attribute, value)),)

    def _below_base(self, condition: str, at_most: int = 2) -> Search:
        return Search(self.connection.user_base, condition, self.reader.attributes, at_most=at_most)


def _dialect(connection: LDAPConnection, passwords: Passwords | None) -> Dialect:
    if connection.schema is StoreSchema.ACTIVE_DIRECTORY:
        return ActiveDirectory()
    return PlainDirectory(connection, passwords)
