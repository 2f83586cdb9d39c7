"""The store of entries in a directory: implements the socket ``EntryStore`` of ``ports.py``."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from jitney.model.entry import Entry, EntryChanges, NewEntry
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import LDAPConnection
from jitney.ports import Passwords
from jitney.userstores.ldap.changing import EntryChanger
from jitney.userstores.ldap.directory import Directory
from jitney.userstores.ldap.listing import Lister
from jitney.userstores.ldap.wire.answers import Found, Unanswered
from jitney.userstores.ldap.wire.connection import DirectoryConnection, Search
from jitney.userstores.ldap.wire.faults import fault, fault_in_reading
from jitney.userstores.ldap.wire.names import equality, filled
from jitney.userstores.ldap.wire.searching import search_dn, search_few
from jitney.userstores.ldap.writing import EntryWriter, is_storable

MOST_ON_A_PAGE = 100
_NOBODY = "nobody-of-this-name"


class LDAPEntryStore:
    """The people of one directory; opens no connection before it is asked something.

    ``passwords`` makes the hashes that the directory is given ready-made, where the record asks for that.
    """

    def __init__(
        self,
        connection: LDAPConnection,
        description: UserStoreDescription,
        passwords: Passwords | None = None,
    ) -> None:
        self.description = description
        self._connection = connection
        self._directory = Directory(connection, passwords)
        self._writer = EntryWriter(connection, self._directory.dialect)
        self._changer = EntryChanger(self._directory, self._writer, description)

    async def aclose(self) -> None:
        """Let all connections and threads end."""
        self._directory.close()

    def has_place_for(self, attribute: str) -> bool:
        """Say whether the store keeps this attribute of ours."""
        return attribute in self._connection.attributes

    async def find(self, entry_id: str) -> Entry | None:
        """Find by the directory's own id."""
        search = self._directory.by_id(entry_id) if is_storable(entry_id) else None
        return await self._one(search)

    async def find_by_name(self, name: str) -> Entry | None:
        """Find the person of this name as the directory compares names.

        Raises ``UserStoreUnavailable`` ``user_store_two_entries`` where two have it.
        """
        return await self._one(self._by_name(name))

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> Sequence[Entry]:
        """Find the people one of whose values is this one, as the directory compares values."""
        theirs = self._connection.attributes.get(attribute)
        at_most = max(0, min(limit, MOST_ON_A_PAGE))
        if theirs is None or not value or not is_storable(value) or not at_most:
            return ()
        search = self._directory.people(equality(theirs, value), at_most=at_most)

        async def ask(connection: DirectoryConnection) -> Sequence[Entry]:
            return await self._directory.entries(connection, await search_few(connection, search))

        found = await self._directory.read(ask)
        return sorted(found, key=lambda entry: entry.name.lower())

    async def page(self, *, after: str = "", limit: int = 50) -> Sequence[Entry]:
        """List people by name in lower case, from behind ``after``, at most 100."""
        at_most = max(0, min(limit, MOST_ON_A_PAGE))
        if not at_most or not is_storable(after):
            return ()
        lister = self._lister(self._directory.people())
        async with self._directory.lent() as connection:
            try:
                controls = await self._directory.controls(connection)
                found = await lister.page(connection, after=after, limit=at_most, controls=controls)
                return await self._directory.entries(connection, found)
            except Unanswered as flaw:
                raise fault_in_reading(flaw) from None

    async def values(self, attribute: str) -> AsyncIterator[tuple[str, ...]]:
        """Walk through the values of everybody who has any, page by page."""
        theirs = self._connection.attributes.get(attribute)
        if theirs is None:
            return
        search = replace(self._directory.people(), attributes=(theirs,))
        async with self._directory.lent() as connection:
            try:
                async for page in self._lister(search).walk(connection):
                    for found in page:
                        if values := found.texts(theirs):
                            yield values
            except Unanswered as flaw:
                raise fault_in_reading(flaw) from None

    async def find_groups(self, names: Sequence[str]) -> frozenset[str]:
        """Return those of these names that are groups here."""
        if not names:
            return frozenset()
        return await self._directory.read(
            lambda connection: self._directory.groups.existing(connection, names)
        )

    async def add(self, new: NewEntry, password: str | None) -> Entry:
        """Make an entry that bears our stamp, all of it or none, and return it as it stands."""
        return await self._changer.add(new, password)

    async def find_made(self, name: str, stamp: str) -> Entry | None:
        """Find the entry that we made, or may have made, under this name for this user; never another's."""
        if not is_storable(name):
            return None
        dn = self._writer.dn(name)

        async def ask(connection: DirectoryConnection) -> Entry | None:
            found = await search_dn(connection, dn, self._directory.reader.attributes)
            if found is None or self._directory.reader.stamp(found) != stamp:
                return None
            return await self._directory.entry(connection, found)

        return await self._directory.read(ask)

    async def change(self, entry_id: str, changes: EntryChanges) -> None:
        """Change an entry; raises ``NotFound`` (``entry_gone``)."""
        await self._changer.change(entry_id, changes)

    async def set_password(self, entry_id: str, password: str) -> None:
        """Set a password; raises ``NotFound`` (``entry_gone``)."""
        await self._changer.set_password(entry_id, password)

    async def check_password(self, entry_id: str | None, password: str) -> bool:
        """Bind with a password; with ``None`` do the same work and answer ``False`` (R-109).

        An empty or blank password is refused before the directory is asked (R-042).
        """
        if not password.strip() or not is_storable(password):
            return False
        found = await self._found(self._directory.by_id(entry_id) if entry_id else self._by_name(_NOBODY))
        dn = found.dn if found is not None else self._writer.dn(_NOBODY)
        return await self._directory.opener.is_password_of(dn, password) and found is not None

    async def remove(self, entry_id: str, stamp: str) -> bool:
        """Remove an entry, if its id and its stamp are these; ``False`` where there is no such entry (P-4)."""
        return await self._changer.remove(entry_id, stamp)

    def _by_name(self, name: str) -> Search | None:
        if not name or not is_storable(name):
            return None
        if self._connection.name_filter is not None:
            return self._directory.people(filled(self._connection.name_filter, name))
        return self._directory.people(equality(self._connection.name_attribute, name))

    def _lister(self, search: Search) -> Lister:
        return Lister(search, self._connection.name_attribute, self._connection.page_size)

    async def _one(self, search: Search | None) -> Entry | None:
        if search is None:
            return None

        async def ask(connection: DirectoryConnection) -> Entry | None:
            found = _only(await search_few(connection, search))
            return await self._directory.entry(connection, found) if found is not None else None

        return await self._directory.read(ask)

    async def _found(self, search: Search | None) -> Found | None:
        if search is None:
            return None

        async def ask(connection: DirectoryConnection) -> Found | None:
            return _only(await search_few(connection, search))

        return await self._directory.read(ask)


def _only(found: Sequence[Found]) -> Found | None:
    """Return the only entry; raises ``UserStoreUnavailable`` where there are two: nobody knows which is meant."""
    if len(found) > 1:
        raise fault("user_store_two_entries")
    return found[0] if found else None
