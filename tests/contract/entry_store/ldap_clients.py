"""Directories as their owners see them: by OpenLDAP's own commands, which share no code with Jitney."""

import base64
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID
from weakref import WeakSet

from tests.contract.entry_store.standing import GROUPS, Stranger
from tests.servers.directory import Directory, Entry
from tests.servers.samba import SambaServer, unicode_password
from tests.servers.slapd import SlapdServer

ATTRIBUTES = {
    "given_name": "givenName",
    "family_name": "sn",
    "email": "mail",
    "phone_number": "telephoneNumber",
}
OF_ACTIVE_DIRECTORY = {**ATTRIBUTES, "phone_number": "otherTelephone"}
"""There ``telephoneNumber`` has one value."""

# What a server counts by itself, or keeps about memberships on the entries of their members.
_COUNTED = {"memberof", "pwdfailuretime", "pwdaccountlockedtime", "badpwdcount", "badpasswordtime", "lastlogon",
            "lastlogontimestamp", "logoncount", "lockouttime"}  # fmt: skip
_OF_CHANGES = {"member", "entrycsn", "modifytimestamp", "modifiersname", "whenchanged", "usnchanged",
               "dscorepropagationdata"}  # fmt: skip


_LENIENT: WeakSet[SambaServer] = WeakSet()


def escaped(value: str) -> str:
    """A value in a DN: every octet of it in hexadecimal digits."""
    return "".join(f"\\{octet:02x}" for octet in value.encode())


class DirectoryRaw:
    """The owner's view; ``people`` and ``groups`` are the DNs below which they are."""

    name_attribute = "uid"
    attributes: Mapping[str, str] = ATTRIBUTES

    def __init__(self, directory: Directory, people: str, groups: str) -> None:
        self.directory = directory
        self.people = people
        self.groups = groups

    async def seed(self, stranger: Stranger) -> str:
        dn = self._free_dn(stranger.name)
        self._write([self._person(dn, stranger)])
        for group in stranger.groups:
            self.directory.modify(f"cn={group},{self.groups}", {"member": dn}, how="add")
        return self.entry_id(self._get(dn))

    async def seed_many(self, strangers: list[Stranger]) -> None:
        self._write(self._person(self._dn(stranger.name), stranger) for stranger in strangers)

    async def dump(self) -> Mapping[str, object]:
        told: dict[str, object] = {}
        for entry in self.directory.search(self.people, attributes=("*", "+")):
            told[f"person {entry.dn}"] = _without(entry, _COUNTED)
        for entry in self.directory.search(self.groups, attributes=("*", "+")):
            told[f"group {entry.dn}"] = _without(entry, _OF_CHANGES)
            told |= {f"membership {member} in {entry.dn}": True for member in entry.texts("member")}
        return told

    async def proves(self, name: str, password: str) -> bool:
        dns = [entry.dn for entry in self._named(name)]
        return bool(password) and any(self.directory.bind_code(dn, password) == 0 for dn in dns)

    async def take_away(self, entry_id: str) -> None:
        self.directory.delete(self.dn_of(entry_id))

    async def empty(self) -> None:
        """Remove everybody, and make the groups anew."""
        entries = [
            entry.dn
            for base in (self.people, self.groups)
            for entry in self.directory.search(base, attributes=("1.1",))
            if entry.dn.lower() != base.lower()
        ]
        self._write([[f"dn:: {_base64(dn)}", "changetype: delete"] for dn in entries])
        self._write([self._group(name) for name in GROUPS])

    async def disable(self, entry_id: str) -> None:
        raise NotImplementedError

    async def lock(self, entry_id: str) -> datetime | None:
        raise NotImplementedError

    def entry_id(self, entry: Entry) -> str:
        """Return the id that never changes, as text."""
        raise NotImplementedError

    def dn_of(self, entry_id: str) -> str:
        """Return where the entry of an id stands."""
        raise NotImplementedError

    def _person(self, dn: str, stranger: Stranger) -> list[str]:
        raise NotImplementedError

    def _group(self, name: str) -> list[str]:
        raise NotImplementedError

    def _free_dn(self, name: str) -> str:
        return self._dn(name)

    def _dn(self, name: str) -> str:
        return f"uid={escaped(name)},{self.people}"

    def _values(self, stranger: Stranger) -> list[tuple[str, str | bytes]]:
        return [
            (self.attributes[name], value) for name, values in stranger.attributes.items() for value in values
        ]

    def _named(self, name: str) -> list[Entry]:
        octets = "".join(f"\\{octet:02x}" for octet in name.encode())
        return self.directory.search(self.people, f"({self.name_attribute}={octets})", ("1.1",))

    def _get(self, dn: str) -> Entry:
        entry = self.directory.get(dn)
        if entry is None:
            raise LookupError(dn)
        return entry

    def _write(self, records: Iterable[Sequence[str]]) -> None:
        text = "\n\n".join("\n".join(record) for record in records)
        if text:
            self.directory._run("ldapmodify", ldif=text + "\n")


class SlapdRaw(DirectoryRaw):
    """OpenLDAP, with 389-ds's attribute for accounts that are switched off."""

    def entry_id(self, entry: Entry) -> str:
        return entry.texts("entryUUID")[0]

    def dn_of(self, entry_id: str) -> str:
        return self.directory.search(self.people, f"(entryUUID={entry_id})", ("1.1",))[0].dn

    async def disable(self, entry_id: str) -> None:
        dn = self.dn_of(entry_id)
        self.directory.modify(dn, {"objectClass": "nsAccountInactivation"}, how="add")
        self.directory.modify(dn, {"nsAccountLock": "TRUE"})

    async def lock(self, entry_id: str) -> datetime | None:
        self.directory.modify(self.dn_of(entry_id), {"pwdAccountLockedTime": "000001010000Z"})
        return None

    def _free_dn(self, name: str) -> str:
        taken = len(self._named(name))
        return f"cn=namesake {taken},{self.people}" if taken else self._dn(name)

    def _person(self, dn: str, stranger: Stranger) -> list[str]:
        secret = [("userPassword", stranger.password)] if stranger.password is not None else []
        return _record(
            dn,
            [
                ("objectClass", "inetOrgPerson"),
                ("uid", stranger.name),
                ("cn", "Somebody"),
                *self._values(stranger),
            ],
            secret,
        )

    def _group(self, name: str) -> list[str]:
        values = [("objectClass", "groupOfNames"), ("cn", name), ("member", "cn=nobody,dc=corp,dc=example")]
        return _record(f"cn={name},{self.groups}", values)


class SambaRaw(DirectoryRaw):
    """Samba; for this contract its domain asks nothing of passwords, and locks after three wrong ones."""

    name_attribute = "sAMAccountName"
    attributes = OF_ACTIVE_DIRECTORY

    def entry_id(self, entry: Entry) -> str:
        return str(UUID(bytes_le=entry.all("objectGUID")[0]))

    def dn_of(self, entry_id: str) -> str:
        octets = "".join(f"\\{octet:02x}" for octet in UUID(entry_id).bytes_le)
        return self.directory.search(self.people, f"(objectGUID={octets})", ("1.1",))[0].dn

    async def disable(self, entry_id: str) -> None:
        self.directory.modify(self.dn_of(entry_id), {"userAccountControl": "514"})

    async def lock(self, entry_id: str) -> datetime | None:
        for _ in range(3):
            self.directory.bind_code(self.dn_of(entry_id), "wrong")
        return None

    def _dn(self, name: str) -> str:
        return f"CN={escaped(name)},{self.people}"

    def _person(self, dn: str, stranger: Stranger) -> list[str]:
        # The domain enables nobody without a password.
        password = stranger.password or f"Nobody-Knows-{secrets.token_urlsafe(12)}"
        secret = [("unicodePwd", unicode_password(password))]
        values = [("objectClass", "user"), ("sAMAccountName", stranger.name), ("userAccountControl", "512")]
        return _record(dn, [*values, *self._values(stranger)], secret)

    def _group(self, name: str) -> list[str]:
        values = [("objectClass", "group"), ("sAMAccountName", f"our {name}")]
        return _record(f"CN={name},{self.groups}", values)


def slapd_raw(server: SlapdServer) -> SlapdRaw:
    """Return the owner's view of a slapd."""
    return SlapdRaw(server.directory(), server.people_dn, server.groups_dn)


def samba_raw(server: SambaServer) -> SambaRaw:
    """Return the owner's view of a Samba, whose domain is made lenient when it is first asked for."""
    directory = server.directory()
    if server not in _LENIENT:
        rules = {"pwdProperties": "0", "minPwdLength": "1", "minPwdAge": "0", "pwdHistoryLength": "0"}
        directory.modify(server.base_dn, {**rules, "lockoutThreshold": "3"})
        _LENIENT.add(server)
    return SambaRaw(directory, server.people_dn, server.groups_dn)


def _record(dn: str, *values: Sequence[tuple[str, str | bytes]]) -> list[str]:
    lines = [f"dn:: {_base64(dn)}", "changetype: add"]
    return [*lines, *(f"{name}:: {_base64(value)}" for some in values for name, value in some)]


def _base64(value: str | bytes) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def _without(entry: Entry, names: set[str]) -> dict[str, list[bytes]]:
    return {name: sorted(values) for name, values in entry.attributes.items() if name not in names}
