"""Directories as their owners see them: OpenLDAP, and Active Directory."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tests.end_to_end.outside_store import GROUP, Standing
from tests.servers.directory import Directory, Entry
from tests.servers.samba import unicode_password


@dataclass
class DirectoryStore:
    """A directory; ``kind`` is the word of its type."""

    domain: str
    kind: str
    directory: Directory
    people: str
    groups: str
    declared: str
    strangers: dict[str, Entry] = field(default_factory=dict[str, Entry])

    def declaration(self) -> str:
        return f'\n[[user_store]]\ndomain = "{self.domain}"\ntype = "{self.kind}"\n{self.declared}'

    async def prepare(self) -> None:
        of = {
            "ldap": {"objectClass": "groupOfNames", "member": "cn=nobody,dc=corp,dc=example"},
            "active_directory": {"objectClass": "group", "sAMAccountName": f"our {GROUP}"},
        }
        self.directory.add(f"CN={GROUP},{self.groups}", of[self.kind])

    async def seed(self, name: str, stamp: str | None = None) -> None:
        dn = await self.place(name, stamp)
        entry = self.directory.get(dn)
        if entry is None:
            raise LookupError(dn)
        self.strangers[entry.dn] = entry

    async def place(self, name: str, stamp: str | None) -> str:
        dn = self._dn(name)
        if self.kind == "ldap":
            marked = {"labeledURI": f"urn:uuid:{stamp} jitney"} if stamp else {}
            self.directory.add(
                dn, {"objectClass": "inetOrgPerson", "uid": name, "cn": name, "sn": name, **marked}
            )
        else:
            marked = {"adminDescription": f"jitney:{stamp}"} if stamp else {}
            account = {"unicodePwd": unicode_password(f"Aa1-{name}-secret"), "userAccountControl": "512"}
            self.directory.add(dn, {"objectClass": "user", "sAMAccountName": name, **account, **marked})
        return dn

    async def standing(self) -> Sequence[Standing]:
        return [self._standing(entry) for entry in self._people() if entry.dn not in self.strangers]

    async def touched(self) -> Sequence[str]:
        now = {entry.dn: entry for entry in self._people()}
        return [dn for dn, entry in self.strangers.items() if now.get(dn) != entry]

    async def clear(self) -> None:
        self.strangers.clear()
        for entry in self._people():
            self.directory.delete(entry.dn)

    def _people(self) -> list[Entry]:
        return self.directory.search(self.people, "(objectClass=person)", ("*", "+"))

    def _standing(self, entry: Entry) -> Standing:
        groups = tuple(dn.partition(",")[0].partition("=")[2] for dn in entry.texts("memberOf"))
        if self.kind == "ldap":
            stamp = _stamp(r"urn:uuid:(\S+) jitney", entry.texts("labeledURI"))
            return Standing(entry.texts("entryUUID")[0], entry.texts("uid")[0], stamp, groups)
        stamp = _stamp(r"jitney:(\S+)", entry.texts("adminDescription"))
        guid = str(UUID(bytes_le=entry.all("objectGUID")[0]))
        return Standing(guid, entry.texts("sAMAccountName")[0], stamp, groups)

    def _dn(self, name: str) -> str:
        return f"{'uid' if self.kind == 'ldap' else 'CN'}={name},{self.people}"


def _stamp(pattern: str, texts: Sequence[str]) -> str | None:
    return next((match[1] for text in texts if (match := re.fullmatch(pattern, text))), None)
