"""Looks at and changes an LDAP directory with OpenLDAP's own commands: the truth, independent of Jitney's code."""

import base64
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Value = str | bytes
NO_SUCH_OBJECT = 32


class DirectoryRefused(Exception):
    """The directory answered with a result code other than 0."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"LDAP result {code}: {message}")
        self.code = code


@dataclass(frozen=True)
class Entry:
    """One entry; attribute names are kept in lower case."""

    dn: str
    attributes: dict[str, list[bytes]] = field(default_factory=dict)

    def all(self, name: str) -> list[bytes]:
        """Every value of an attribute, in the directory's order; none gives an empty list."""
        return self.attributes.get(name.lower(), [])

    def texts(self, name: str) -> list[str]:
        """Every value of an attribute as text, sorted."""
        return sorted(value.decode() for value in self.all(name))

    def text(self, name: str) -> str | None:
        """The only value of an attribute; raises ``ValueError`` if there are several."""
        values = self.texts(name)
        if len(values) > 1:
            raise ValueError(f"{name} has {len(values)} values")
        return values[0] if values else None


class Directory:
    """One account's view of a directory, by ``ldapsearch`` and ``ldapmodify``.

    All verbs raise ``DirectoryRefused`` with the result code; those of a lost connection are 255 and -1.
    """

    def __init__(self, url: str, bind_dn: str, password: str, *, ca_file: Path | None = None) -> None:
        self._account = ["-x", "-H", url, "-D", bind_dn, "-w", password]
        self._ca_file = ca_file

    def search(
        self,
        base: str,
        filter: str = "(objectClass=*)",
        attributes: Sequence[str] = ("*",),
        *,
        scope: str = "sub",
    ) -> list[Entry]:
        """The entries below ``base``, in pages; ``attributes`` may hold ``*`` and ``+`` (operational ones)."""
        options = ["-LLL", "-o", "ldif-wrap=no", "-E", "pr=500/noprompt", "-b", base, "-s", scope]
        return _entries(self._run("ldapsearch", *options, filter, *attributes))

    def get(self, dn: str, attributes: Sequence[str] = ("*", "+")) -> Entry | None:
        """One entry by its name, with its operational attributes, or ``None``."""
        try:
            found = self.search(dn, attributes=attributes, scope="base")
        except DirectoryRefused as refusal:
            if refusal.code == NO_SUCH_OBJECT:
                return None
            raise
        return found[0] if found else None

    def add(self, dn: str, attributes: Mapping[str, Value | Sequence[Value]]) -> None:
        """Create an entry."""
        lines = [_line("dn", dn), "changetype: add"]
        lines += [_line(name, value) for name, values in attributes.items() for value in _list(values)]
        self._change(lines)

    def modify(
        self, dn: str, changes: Mapping[str, Value | Sequence[Value]], *, how: str = "replace"
    ) -> None:
        """Change attributes of an entry; ``how`` is ``replace``, ``add`` or ``delete`` (no values: all)."""
        lines = [_line("dn", dn), "changetype: modify"]
        for name, values in changes.items():
            lines += [f"{how}: {name}", *(_line(name, value) for value in _list(values)), "-"]
        self._change(lines)

    def rename(self, dn: str, new_rdn: str) -> None:
        """Give an entry another name below the same parent."""
        self._change([_line("dn", dn), "changetype: modrdn", _line("newrdn", new_rdn), "deleteoldrdn: 1"])

    def delete(self, dn: str) -> None:
        """Remove an entry."""
        self._change([_line("dn", dn), "changetype: delete"])

    def dump(self, base: str) -> bytes:
        """Every entry below ``base`` with every attribute, operational ones too, in an order that stays."""
        entries = sorted(self.search(base, attributes=("*", "+")), key=lambda entry: entry.dn.lower())
        lines = (
            _line(name, value)
            for entry in entries
            for name, values in [("dn", [entry.dn.encode()]), *sorted(entry.attributes.items())]
            for value in sorted(values)
        )
        return "\n".join(lines).encode()

    def bind_code(self, dn: str, password: str) -> int:
        """The result code of signing in as somebody: 0, or 49 for a wrong password."""
        account = ["-x", "-H", self._account[2], "-D", dn, "-w", password]
        command = ["ldapsearch", *account, "-b", "", "-s", "base", "1.1"]
        done = subprocess.run(command, check=False, capture_output=True, env=self._environment())
        return done.returncode

    def _change(self, lines: Iterable[str]) -> None:
        self._run("ldapmodify", ldif="\n".join(lines) + "\n")

    def _run(self, command: str, *arguments: str, ldif: str = "") -> str:
        words = [command, *self._account, *arguments]
        done = subprocess.run(
            words, input=ldif, capture_output=True, text=True, check=False, env=self._environment()
        )
        if done.returncode:
            raise DirectoryRefused(done.returncode, done.stderr.strip())
        return done.stdout

    def _environment(self) -> dict[str, str]:
        variables = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "LDAPNOINIT": "1"}
        if self._ca_file is not None:
            variables = {**variables, "LDAPTLS_CACERT": str(self._ca_file)}
            del variables["LDAPNOINIT"]  # it would hide the variable above
        return variables


def _list(values: Value | Sequence[Value]) -> Sequence[Value]:
    return [values] if isinstance(values, str | bytes) else values


def _line(name: str, value: Value) -> str:
    raw = value.encode() if isinstance(value, str) else value
    return f"{name}:: {base64.b64encode(raw).decode()}"


def _entries(ldif: str) -> list[Entry]:
    found: list[Entry] = []
    for line in ldif.splitlines():
        name, colon, rest = line.partition(":")
        if not colon or name.startswith("#"):
            continue
        value = base64.b64decode(rest[1:]) if rest.startswith(":") else rest.removeprefix(" ").encode()
        if name == "dn":
            found.append(Entry(value.decode()))
        elif found and name != "ref":
            found[-1].attributes.setdefault(name.lower(), []).append(value)
    return found
