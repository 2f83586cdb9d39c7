"""Groups of a directory: which there are, whose members somebody is, and joining and leaving them."""

from collections.abc import Mapping, Sequence

from jitney.model.user_store_record import LDAPGroups
from jitney.userstores.ldap.wire.answers import Code, Found, Refused, Unanswered
from jitney.userstores.ldap.wire.connection import ADD, BASE, DELETE, DirectoryConnection, Search
from jitney.userstores.ldap.wire.controls import permissive
from jitney.userstores.ldap.wire.faults import fault, fault_in_writing
from jitney.userstores.ldap.wire.names import all_of, any_of, equality, is_below, parse_dn
from jitney.userstores.ldap.wire.searching import search_all, search_few
from jitney.userstores.ldap.writing import is_storable

_MOST_AT_ONCE = 50
_NOTHING_TO_DO = {ADD: {Code.VALUE_EXISTS, Code.ALREADY_EXISTS}, DELETE: {Code.NO_SUCH_ATTRIBUTE}}


class GroupKeeper:
    """The groups below one base; where there is none, nobody is in any."""

    def __init__(self, groups: LDAPGroups, page_size: int) -> None:
        self._groups = groups
        self._page_size = page_size

    async def of(self, connection: DirectoryConnection, found: Found) -> tuple[str, ...]:
        """Return the names of somebody's groups, in order."""
        if self._groups.base is None or not self._groups.may_be_read:
            return ()
        if self._groups.member_of is None:
            held = await self._named_dns(connection, self._has_member(found.dn))
            return tuple(sorted({name for name, _ in held}))
        return await self._of_listed(connection, found.texts(self._groups.member_of))

    async def existing(self, connection: DirectoryConnection, names: Sequence[str]) -> frozenset[str]:
        """Return those of these names that are groups, spelt like this."""
        if not self._groups.may_be_read:
            return frozenset()
        return frozenset(await self.dns(connection, names))

    async def dns(self, connection: DirectoryConnection, names: Sequence[str]) -> Mapping[str, str]:
        """Return the DNs of groups by their names; of names that are none, or two, nothing.

        The attack (R-037): whoever may make a group in some corner of the directory calls it as the one that
        counts, and the people whom a provider puts into that one land in theirs, or theirs count as that one.
        """
        found = await self._pairs(connection, names)
        return {name: dn for name, dn in found if sum(name == other for other, _ in found) == 1}

    async def every_dn(self, connection: DirectoryConnection, names: Sequence[str]) -> Mapping[str, str]:
        """Return the DNs of all groups of these names, each by itself: what is left is left everywhere."""
        return {dn: dn for _, dn in await self._pairs(connection, names)}

    async def _pairs(self, connection: DirectoryConnection, names: Sequence[str]) -> list[tuple[str, str]]:
        fit = [name for name in dict.fromkeys(names) if name and is_storable(name)]
        pairs: list[tuple[str, str]] = []
        for start in range(0, len(fit) if self._groups.base is not None else 0, _MOST_AT_ONCE):
            some = fit[start : start + _MOST_AT_ONCE]
            pairs += await self._named_dns(connection, any_of([self._named(name) for name in some]))
        return [(name, dn) for name, dn in dict.fromkeys(pairs) if name in fit]

    async def known(self, connection: DirectoryConnection, names: Sequence[str]) -> Mapping[str, str]:
        """Return the DNs of groups that shall be joined; raises ``UserStoreRejected`` where one is none."""
        if not names:
            return {}
        if not self._groups.may_be_written:
            raise fault("user_store_refuses_writes", what="group")
        dns = await self.dns(connection, names)
        if set(names) - set(dns):
            raise fault("user_store_rejects_entry", what="group")
        return dns

    async def join(self, connection: DirectoryConnection, member: str, groups: Mapping[str, str]) -> None:
        """Let an entry be in these groups; raises ``UserStoreRejected`` or ``StoreUnanswered``."""
        for dn in groups.values():
            await self._change(connection, dn, ADD, member)

    async def leave(self, connection: DirectoryConnection, member: str, groups: Mapping[str, str]) -> None:
        """Let an entry be in none of these groups; raises ``UserStoreRejected`` or ``StoreUnanswered``."""
        for dn in groups.values():
            await self._change(connection, dn, DELETE, member)

    async def _change(self, connection: DirectoryConnection, group: str, how: int, member: str) -> None:
        try:
            await connection.modify(
                group, [(how, self._groups.members, [member.encode()])], controls=(permissive(),)
            )
        except Refused as refused:
            if refused.code in _NOTHING_TO_DO[how]:
                return
            if refused.code == Code.OBJECT_CLASS and how == DELETE:
                raise fault("user_store_group_needs_member") from None
            if how == DELETE and not await self._has(connection, group, member):
                return
            raise fault_in_writing(refused) from None
        except Unanswered as flaw:
            raise fault_in_writing(flaw) from None

    async def _has(self, connection: DirectoryConnection, group: str, member: str) -> bool:
        """Say whether a group holds a member; Active Directory is unwilling to take away what is not there."""
        return bool(await search_few(connection, Search(group, self._has_member(member), scope=BASE)))

    async def _of_listed(self, connection: DirectoryConnection, dns: Sequence[str]) -> tuple[str, ...]:
        """Return the names of groups of which the person's own entry holds the DNs."""
        names: set[str] = set()
        unnamed: list[str] = []
        for dn in dns:
            parts = parse_dn(dn)
            if not is_below(parts, self._groups.base or ""):
                continue
            name = dict(parts[0]).get(self._groups.name_attribute.lower())
            names |= {name} if name is not None else set()
            unnamed += [dn] if name is None else []
        for dn in unnamed:
            found = await search_all(
                connection, Search(dn, self._groups.filter, self._wanted, 0), self._page_size
            )
            names |= {name for one in found if (name := one.first(self._groups.name_attribute))}
        return tuple(sorted(names))

    async def _named_dns(self, connection: DirectoryConnection, condition: str) -> list[tuple[str, str]]:
        search = Search(self._groups.base or "", all_of(self._groups.filter, condition), self._wanted)
        found = await search_all(connection, search, self._page_size)
        return [(name, one.dn) for one in found for name in one.texts(self._groups.name_attribute)]

    @property
    def _wanted(self) -> Sequence[str]:
        return (self._groups.name_attribute,)

    def _has_member(self, dn: str) -> str:
        return equality(self._groups.members, dn)

    def _named(self, name: str) -> str:
        return equality(self._groups.name_attribute, name)
