"""OpenLDAP's slapd for tests: on loopback ports of its own, with a temporary data folder."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from tests.servers.certificates import Certificate, TestAuthority
from tests.servers.directory import Directory
from tests.servers.process import CouldNotStartError, ServerProcess, free_port
from tests.servers.slapd_configuration import Accounts, SlapdOptions, configuration, first_entries

_PROGRAM = Path("/usr/sbin/slapd")


class SlapdServer:
    """One directory, which keeps its ports, its data and its passwords until it is removed.

    As a context manager it starts on entry and is removed on exit.
    ``certificate`` is the one it shows when it is not a good one of its own ``authority``.
    """

    def __init__(
        self,
        options: SlapdOptions | None = None,
        *,
        authority: TestAuthority | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        if not _PROGRAM.exists():
            raise CouldNotStartError("slapd is not installed: run scripts/install-test-servers")
        self.options = options or SlapdOptions()
        self.port, self.ldaps_port = free_port(), free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="jitney-slapd-"))
        self.authority = authority or TestAuthority(self._folder / "tls")
        self.accounts = Accounts(
            admin_dn=f"cn=admin,{self.base_dn}",
            admin_password=secrets.token_urlsafe(12),
            service_dn=f"cn=jitney,ou=services,{self.base_dn}",
            service_password=secrets.token_urlsafe(12),
        )
        self._process: ServerProcess | None = None
        self._write(self.options, certificate or self.authority.good())
        self._load()

    @property
    def url(self) -> str:
        """``ldap://127.0.0.1:PORT``, which offers StartTLS."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def ldaps_url(self) -> str:
        """``ldaps://127.0.0.1:PORT``."""
        return f"ldaps://127.0.0.1:{self.ldaps_port}"

    @property
    def base_dn(self) -> str:
        """The first suffix."""
        return self.options.suffixes[0]

    @property
    def people_dn(self) -> str:
        """Where people are, below the first suffix."""
        return f"ou=people,{self.base_dn}"

    @property
    def groups_dn(self) -> str:
        """Where groups are, below the first suffix."""
        return f"ou=groups,{self.base_dn}"

    @property
    def bind_dn(self) -> str:
        """The service account, which may write below every suffix."""
        return self.accounts.service_dn

    @property
    def bind_password(self) -> str:
        """The service account's password."""
        return self.accounts.service_password

    @property
    def ca_file(self) -> Path:
        """What a client shall trust."""
        return self.authority.ca_file

    @property
    def pid(self) -> int:
        """The process id, or 0 when it does not run."""
        return self._process.pid if self._process else 0

    def directory(self) -> Directory:
        """The administrator's view, which nothing limits."""
        return Directory(self.url, self.accounts.admin_dn, self.accounts.admin_password)

    def start(self, seconds: float = 30) -> None:
        """Start, again or for the first time, and return when it answers; raises ``CouldNotStartError``."""
        if self._process is not None:
            return
        process = ServerProcess("slapd", [*self._tool("slapd"), *self._words()])
        process.start(self._ready, seconds)
        self._process = process

    def stop(self) -> None:
        """Stop as an administrator would."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """Stop as a power cut would, by SIGKILL; ``start`` goes on with the same data and ports."""
        self._signal(signal.SIGKILL)
        self.stop()

    def freeze(self) -> None:
        """Let it keep its connections and say nothing until ``thaw``."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def reconfigure(self, options: SlapdOptions, *, certificate: Certificate | None = None) -> None:
        """Restart on the same data with other settings, such as ``read_only``; suffixes must stay."""
        running = self._process is not None
        self.stop()
        self.options = options
        self._write(options, certificate or self.authority.good())
        if running:
            self.start()

    def remove(self) -> None:
        """Stop and delete the data."""
        self.thaw()
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def log(self) -> str:
        """What it printed since it was last started; with ``log_level="stats"`` a line for each operation."""
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

    def _write(self, options: SlapdOptions, certificate: Certificate) -> None:
        text = configuration(options, self.accounts, self._folder, self.ca_file, certificate)
        (self._folder / "slapd.conf").write_text(text)

    def _load(self) -> None:
        for suffix in self.options.suffixes:
            words = [*self._tool("slapadd"), "-q", "-f", str(self._folder / "slapd.conf"), "-b", suffix]
            self._feed(words, first_entries(self.options, self.accounts, suffix))

    def load(self, ldif: Iterator[str], *, suffix: str | None = None) -> None:
        """Load more entries while it is stopped."""
        conf = str(self._folder / "slapd.conf")
        self._feed([*self._tool("slapadd"), "-q", "-f", conf, "-b", suffix or self.base_dn], ldif)

    def _feed(self, words: list[str], ldif: Iterator[str]) -> None:
        source = self._folder / "load.ldif"
        with source.open("w") as file:
            file.writelines(ldif)
        done = subprocess.run([*words, "-l", str(source)], capture_output=True, text=True, check=False)
        source.unlink()
        if done.returncode:
            raise CouldNotStartError(f"slapadd: {done.stderr[-2000:]}")

    def _tool(self, name: str) -> list[str]:
        """A copy of the program, whose name decides what it does.

        Debian confines the original to Debian's own data folder where AppArmor is in force.
        """
        copy = self._folder / name
        if not copy.exists():
            shutil.copy(_PROGRAM, copy)
        return [str(copy)]

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            os.kill(self._process.pid, number)

    def _words(self) -> list[str]:
        urls = f"{self.url}/ {self.ldaps_url}/"
        return ["-f", str(self._folder / "slapd.conf"), "-h", urls, "-d", self.options.log_level]

    def _ready(self, _log: str) -> bool | None:
        for port in (self.port, self.ldaps_port):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) != 0:
                    return None
        return True
