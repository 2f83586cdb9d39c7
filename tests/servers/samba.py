"""Samba as an Active Directory domain controller, on a loopback address of its own, with a temporary folder.

Its LDAP ports cannot be changed and are below 1024, so it needs root, or sudo without a password.
"""

import os
import random
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from tests.servers.certificates import TestAuthority
from tests.servers.directory import Directory, DirectoryRefused, Entry
from tests.servers.process import CouldNotStartError, ServerProcess

_SERVER = "/usr/sbin/samba"
_NORMAL_ACCOUNT, _PASSWORD_NEVER_EXPIRES = 512, 65536
_TOOLS = (_SERVER, "/usr/bin/samba-tool", "/usr/share/samba/setup/provision.ldif")


class SambaServer:
    """One domain, ``corp.example``, that keeps its address and its data until it is removed.

    It offers LDAP alone, as Windows does: a simple bind without TLS is refused.
    As a context manager it starts on entry and is removed on exit; a session needs one of them.
    """

    realm = "corp.example"
    base_dn = "DC=corp,DC=example"
    people_dn = f"OU=people,{base_dn}"
    groups_dn = f"OU=groups,{base_dn}"
    admin_dn = f"CN=Administrator,CN=Users,{base_dn}"
    bind_dn = f"CN=jitney,CN=Users,{base_dn}"

    def __init__(self) -> None:
        if not all(Path(tool).exists() for tool in _TOOLS):
            raise CouldNotStartError("Samba is not installed: run scripts/install-test-servers")
        self._folder = Path(tempfile.mkdtemp(prefix="jitney-samba-"))
        self.address = ".".join(["127", *(str(random.randint(1, 254)) for _ in range(3))])
        self.authority = TestAuthority(self._folder / "tls")
        self._certificate = self.authority.good(self.address, f"dc1.{self.realm}")
        # The fixed ends hold the kinds of characters that the domain asks of a password.
        self.admin_password = f"A1-{secrets.token_urlsafe(12)}-z"
        self.bind_password = f"A1-{secrets.token_urlsafe(12)}-z"
        self._process: ServerProcess | None = None
        self._has_accounts = False
        self._provision()

    @property
    def url(self) -> str:
        """``ldap://ADDRESS:389``, which asks for StartTLS."""
        return f"ldap://{self.address}:389"

    @property
    def ldaps_url(self) -> str:
        """``ldaps://ADDRESS:636``."""
        return f"ldaps://{self.address}:636"

    @property
    def ca_file(self) -> Path:
        """What a client shall trust."""
        return self.authority.ca_file

    def directory(self) -> Directory:
        """The administrator's view."""
        return Directory(self.ldaps_url, self.admin_dn, self.admin_password, ca_file=self.ca_file)

    def add_person(self, name: str, password: str, *, parent: str | None = None) -> Entry:
        """Create a person who may sign in, and return the entry as the domain keeps it."""
        dn = f"CN={name},{parent or self.people_dn}"
        attributes = {
            "objectClass": ["top", "person", "organizationalPerson", "user"],
            "sAMAccountName": name,
            "userPrincipalName": f"{name}@{self.realm}",
            "unicodePwd": unicode_password(password),
            "userAccountControl": str(_NORMAL_ACCOUNT | _PASSWORD_NEVER_EXPIRES),
        }
        self.directory().add(dn, attributes)
        entry = self.directory().get(dn)
        if entry is None:
            raise RuntimeError(f"{dn} was added and is not there")
        return entry

    def start(self, seconds: float = 60) -> None:
        """Start, again or for the first time, and return when it answers; raises ``CouldNotStartError``."""
        if self._process is not None:
            return
        words = ["--foreground", "--no-process-group", "--debug-stdout", "--model=single"]
        command = [*_root(), _SERVER, f"--configfile={self._configuration}", *words]
        process = ServerProcess("Samba", command)
        process.start(self._ready, seconds)
        self._process = process
        if not self._has_accounts:
            self._add_accounts()
            self._has_accounts = True

    def stop(self) -> None:
        """Stop as an administrator would."""
        self._end("TERM")

    def kill(self) -> None:
        """Stop as a power cut would, by SIGKILL; ``start`` goes on with the same data and address."""
        self._end("KILL")

    def remove(self) -> None:
        """Stop and delete the data."""
        self.kill()
        if os.getuid() == 0:
            shutil.rmtree(self._folder, ignore_errors=True)
        else:
            subprocess.run([*_root(), "rm", "-rf", str(self._folder)], check=False)

    def log(self) -> str:
        """What it printed since it was last started."""
        return self._process.log() if self._process else ""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *fault: object) -> None:
        self.remove()

    @property
    def _configuration(self) -> Path:
        return self._folder / "etc" / "smb.conf"

    def _provision(self) -> None:
        """Make the domain, and set it up to listen on its own address alone."""
        settings = {
            "server services": "ldap",
            "interfaces": f"{self.address}/8",
            "bind interfaces only": "yes",
            "pid directory": self._folder / "run",
            "ncalrpc dir": self._folder / "run" / "ncalrpc",
            "winbindd socket directory": self._folder / "run" / "winbindd",
            "ntp signd socket directory": self._folder / "run" / "ntp",
            "log file": self._folder / "log",
            "tls enabled": "yes",
            "tls certfile": self._certificate.certificate,
            "tls keyfile": self._certificate.key,
            "tls cafile": self.ca_file,
        }
        words = {
            "server-role": "dc",
            "domain": "CORP",
            "realm": self.realm.upper(),
            "host-name": "dc1",
            "host-ip": self.address,
            "adminpass": self.admin_password,
            "targetdir": self._folder,
            "dns-backend": "NONE",
        }
        (self._folder / "run").mkdir()
        self._tool(
            "domain",
            "provision",
            *(f"--{name}={value}" for name, value in words.items()),
            *(f"--option={name}={value}" for name, value in settings.items()),
            known=False,
        )

    def _add_accounts(self) -> None:
        """Make the two units, and the service account that may do everything within them and no more."""
        directory = self.directory()
        for dn in (self.people_dn, self.groups_dn):
            directory.add(dn, {"objectClass": "organizationalUnit"})
        self.add_person("jitney", self.bind_password, parent=f"CN=Users,{self.base_dn}")
        sid = security_identifier(
            directory.search(self.bind_dn, attributes=["objectSid"])[0].all("objectSid")[0]
        )
        for dn in (self.people_dn, self.groups_dn):
            self._tool("dsacl", "set", f"--objectdn={dn}", f"--sddl=(A;CI;GA;;;{sid})")

    def _tool(self, *words: str, known: bool = True) -> None:
        configuration = [f"--configfile={self._configuration}"] if known else ["--configfile=/dev/null"]
        done = subprocess.run(
            [*_root(), "samba-tool", *words, *configuration], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CouldNotStartError(f"samba-tool {' '.join(words[:2])}: {done.stderr[-2000:]}")

    def _ready(self, _log: str) -> bool | None:
        try:
            self.directory().search(self.base_dn, scope="base")
        except DirectoryRefused:
            return None
        return True

    def _end(self, signal_name: str) -> None:
        """Send a signal to the server: sudo, which may stand before it, would keep SIGKILL for itself."""
        if self._process is None:
            return
        pid = str(self._process.pid)
        if _root():
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            pid = children[0] if children else pid
        subprocess.run([*_root(), "kill", f"-{signal_name}", pid], check=False, capture_output=True)
        deadline = time.monotonic() + 20
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline and not self._is_over(pid):
            time.sleep(0.01)
        self._process.stop()
        self._process = None

    @staticmethod
    def _is_over(pid: str) -> bool:
        try:
            return ") Z " in Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return True


def unicode_password(password: str) -> bytes:
    """A password as the attribute ``unicodePwd`` takes it."""
    return f'"{password}"'.encode("utf-16-le")


def security_identifier(raw: bytes) -> str:
    """The text of an ``objectSid``, such as ``S-1-5-21-1-2-3-1105``."""
    parts = [int.from_bytes(raw[start : start + 4], "little") for start in range(8, len(raw), 4)]
    return "-".join(["S", str(raw[0]), str(int.from_bytes(raw[2:8], "big")), *map(str, parts)])


def _root() -> list[str]:
    """The words before a command that needs root."""
    return [] if os.getuid() == 0 else ["sudo", "--non-interactive"]
