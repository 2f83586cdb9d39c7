"""Writes to a directory: each once, tied to the entry that is meant, and never on somebody else's."""

from collections.abc import Sequence

from jitney.errors import JitneyError, UserStoreRejected, UserStoreUnavailable
from jitney.model.entry import Entry, EntryChanges, NewEntry
from jitney.model.user_store import UserStoreDescription
from jitney.userstores.ldap.directory import Directory
from jitney.userstores.ldap.wire.answers import Code, Found, Refused, Unanswered
from jitney.userstores.ldap.wire.connection import DirectoryConnection, Modification
from jitney.userstores.ldap.wire.faults import fault, fault_in_writing, gone, taken
from jitney.userstores.ldap.wire.searching import search_dn, search_few
from jitney.userstores.ldap.writing import EntryWriter, check_storable, is_storable


class EntryChanger:
    """Adds, changes and removes entries of one directory."""

    def __init__(self, directory: Directory, writer: EntryWriter, description: UserStoreDescription) -> None:
        self._directory = directory
        self._writer = writer
        self._description = description

    async def add(self, new: NewEntry, password: str | None) -> Entry:
        """Make an entry of ours, and return it as the directory then holds it (R-045).

        Two people who come at once under one name are told apart by the directory itself: the DN of an entry is
        unique there, so there is no search before.
        """
        self._check_writable()
        check_storable(new.name)
        if password is not None:
            _check_password(password)
        dn = self._writer.dn(new.name)
        wanted = self._writer.new(new, dn)
        account = await self._directory.dialect.account_of_new(password)
        attributes = [(name, values) for name, values in [*wanted.items(), *account] if values]

        async def work(connection: DirectoryConnection) -> Entry:
            groups = await self._directory.groups.known(connection, new.groups)
            is_new = await self._was_added(connection, dn, attributes, with_password=password is not None)
            found = await self._read_back(connection, dn, is_new=is_new)
            if found is None or self._directory.reader.stamp(found) != new.stamp:
                raise await self._not_ours(connection, found, is_new=is_new)
            try:
                await self._directory.groups.join(connection, found.dn, groups)
                return await self._directory.entry(connection, await self._again(connection, found, groups))
            except UserStoreRejected:
                await self._take_back(connection, found, is_new=is_new)
                raise
            except (UserStoreUnavailable, Unanswered):
                raise fault("user_store_unanswered") from None

        return await self._directory.write(work)

    async def change(self, entry_id: str, changes: EntryChanges) -> None:
        """Replace whole attributes in one step, then join and leave groups; each of these may be done again."""
        self._check_writable()

        async def work(connection: DirectoryConnection) -> None:
            found = await self._standing(connection, entry_id)
            joined = await self._directory.groups.known(connection, changes.groups_joined)
            left = await self._known_to_leave(connection, changes.groups_left)
            modifications = self._writer.changes(found, changes.attributes)
            await self._modify(connection, found, entry_id, modifications)
            await self._directory.groups.join(connection, found.dn, joined)
            await self._directory.groups.leave(connection, found.dn, left)

        await self._directory.write(work)

    async def set_password(self, entry_id: str, password: str) -> None:
        """Put a password in place of the old one."""
        self._check_writable()
        _check_password(password)

        async def work(connection: DirectoryConnection) -> None:
            found = await self._standing(connection, entry_id)
            modifications = await self._directory.dialect.password_modifications(found, password)
            await self._modify(connection, found, entry_id, modifications, with_password=True)

        await self._directory.write(work)

    async def remove(self, entry_id: str, stamp: str) -> bool:
        """Remove the entry of this id that bears this stamp, out of its groups first (P-4)."""
        self._check_writable()

        async def work(connection: DirectoryConnection) -> bool:
            found = await self._find(connection, entry_id, among_people=False)
            if found is None or self._directory.reader.stamp(found) != stamp:
                return False
            if self._directory.connection.groups.may_be_written:
                names = await self._directory.groups.of(connection, found)
                groups = await self._directory.groups.every_dn(connection, names)
                await self._directory.groups.leave(connection, found.dn, groups)
            return await self._was_deleted(connection, found, entry_id)

        return await self._directory.write(work)

    async def _was_added(
        self,
        connection: DirectoryConnection,
        dn: str,
        attributes: Sequence[tuple[str, list[bytes]]],
        *,
        with_password: bool,
    ) -> bool:
        """Send the new entry; ``False`` where one of this name, or with a unique value of it, is there."""
        try:
            await connection.add(dn, attributes)
        except Refused as refused:
            if refused.code == Code.ALREADY_EXISTS:
                return False
            raise fault_in_writing(refused, with_password=with_password) from None
        except Unanswered as flaw:
            raise fault_in_writing(flaw) from None
        return True

    async def _read_back(self, connection: DirectoryConnection, dn: str, *, is_new: bool) -> Found | None:
        """Read what stands under a name; once it was added, a failure to read leaves open what there is."""
        try:
            found = await search_dn(connection, dn, self._directory.reader.attributes)
        except (UserStoreUnavailable, Unanswered):
            if is_new:
                raise fault("user_store_unanswered") from None
            raise
        if found is None and is_new:
            raise fault("user_store_unanswered")
        return found

    async def _not_ours(
        self, connection: DirectoryConnection, found: Found | None, *, is_new: bool
    ) -> JitneyError:
        """Say why an entry without our stamp is no success.

        One that we have just added, and that cannot be known as ours again, is taken back at once: nobody would
        ever find it (P-4).
        """
        if found is None or not is_new:
            return taken()
        await self._take_back(connection, found, is_new=True)
        return fault("user_store_rejects_entry", what="stamp")

    async def _again(self, connection: DirectoryConnection, found: Found, groups: object) -> Found:
        """Return the entry as it stands once groups were joined."""
        if not groups:
            return found
        return await search_dn(connection, found.dn, self._directory.reader.attributes) or found

    async def _take_back(self, connection: DirectoryConnection, found: Found, *, is_new: bool) -> None:
        """Remove what was made a moment ago and cannot be finished; what was there before stays for the caller."""
        entry_id = self._directory.dialect.entry_id(found, self._directory.connection.id_attribute)
        if not is_new or entry_id is None:
            return
        try:
            await self._was_deleted(connection, found, entry_id)
        except (JitneyError, Unanswered):
            raise fault("user_store_unanswered") from None

    async def _known_to_leave(self, connection: DirectoryConnection, names: Sequence[str]) -> dict[str, str]:
        """Return the DNs of groups to leave; a group that is no more has been left."""
        if names and not self._directory.connection.groups.may_be_written:
            raise fault("user_store_refuses_writes", what="group")
        return dict(await self._directory.groups.every_dn(connection, names))

    async def _modify(
        self,
        connection: DirectoryConnection,
        found: Found,
        entry_id: str,
        modifications: Sequence[Modification],
        *,
        with_password: bool = False,
    ) -> None:
        if not modifications:
            return
        controls = await self._directory.for_this_alone(connection, entry_id)
        try:
            await connection.modify(
                self._directory.dialect.address(found, entry_id), modifications, controls=controls
            )
        except Refused as refused:
            if refused.code in {Code.NO_SUCH_OBJECT, Code.ASSERTION_FAILED}:
                raise gone() from None
            raise fault_in_writing(refused, with_password=with_password) from None
        except Unanswered as flaw:
            raise fault_in_writing(flaw) from None

    async def _was_deleted(self, connection: DirectoryConnection, found: Found, entry_id: str) -> bool:
        controls = await self._directory.for_this_alone(connection, entry_id)
        try:
            await connection.delete(self._directory.dialect.address(found, entry_id), controls=controls)
        except Refused as refused:
            if refused.code in {Code.NO_SUCH_OBJECT, Code.ASSERTION_FAILED}:
                return False
            raise fault_in_writing(refused) from None
        except Unanswered as flaw:
            raise fault_in_writing(flaw) from None
        return True

    async def _standing(self, connection: DirectoryConnection, entry_id: str) -> Found:
        found = await self._find(connection, entry_id)
        if found is None:
            raise gone()
        return found

    async def _find(
        self, connection: DirectoryConnection, entry_id: str, *, among_people: bool = True
    ) -> Found | None:
        search = self._directory.by_id(entry_id, among_people=among_people) if is_storable(entry_id) else None
        found = await search_few(connection, search) if search is not None else ()
        return found[0] if len(found) == 1 else None

    def _check_writable(self) -> None:
        if self._description.read_only:
            raise fault("user_store_refuses_writes")


def _check_password(password: str) -> None:
    """Refuse a password with which nobody could sign in; raises ``UserStoreRejected`` (R-042)."""
    if not password.strip() or not is_storable(password):
        raise fault("user_store_rejects_password")
