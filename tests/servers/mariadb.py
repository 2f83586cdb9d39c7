"""A MariaDB server for tests: Debian's, on a loopback port of its own, with a temporary data folder."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.servers.process import CouldNotStartError, ServerProcess, free_port

_SERVER = "/usr/sbin/mariadbd"
_USER = "jitney"


class MariaDBServer:
    """One server that keeps its port, its data and its password until it is removed; writes are durable.

    ``options`` are given to the server beside its own.
    As a context manager it starts on entry and is removed on exit.
    """

    def __init__(self, options: Mapping[str, object] | None = None) -> None:
        if not Path(_SERVER).exists():
            raise CouldNotStartError("MariaDB is not installed: run scripts/install-test-servers")
        self._folder = Path(tempfile.mkdtemp(prefix="jitney-mariadb-"))
        self._process: ServerProcess | None = None
        self._databases = 0
        self._options = dict(options or {})
        self.port = free_port()
        self.user, self.password = _USER, secrets.token_hex(12)
        self._install()

    def start(self, seconds: float = 60) -> None:
        """Start, again or for the first time, and return when it answers; raises ``CouldNotStartError``."""
        if self._process is not None:
            return
        process = ServerProcess("MariaDB", [_SERVER, *self._settings()])
        process.start(self._answers, seconds)
        self._process = process

    def stop(self) -> None:
        """Stop as an administrator would."""
        if self._process is not None:
            self._process.stop(60)
            self._process = None

    def kill(self) -> None:
        """Stop as a power cut would, by SIGKILL; ``start`` goes on with the same data and port."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self.stop()

    def remove(self) -> None:
        """Stop and delete the data."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """Create an empty database and return its URL, ``mariadb://USER:PASSWORD@127.0.0.1:PORT/NAME``."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.run_sql("mysql", f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return self.url(name)

    def url(self, database: str) -> str:
        """The URL of a database of this server."""
        return f"mariadb://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def run_sql(self, database: str, sql: str) -> str:
        """Run statements as the owner of all, and return the rows as lines of tabbed values."""
        command = ["mariadb", "--no-defaults", f"--socket={self._socket}", "--user=root", "--batch"]
        done = subprocess.run(
            [*command, "--skip-column-names", database],
            input=sql,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return done.stdout

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
    def _socket(self) -> Path:
        return self._folder / "socket"

    def _install(self) -> None:
        """Make the data folder, with an account for the tests that needs its password."""
        data = self._folder / "data"
        words = ["--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
        done = subprocess.run(
            ["mariadb-install-db", *words, *self._owner(), "--skip-test-db", "--innodb-log-file-size=16M"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CouldNotStartError(f"mariadb-install-db: {done.stdout[-1000:]}{done.stderr[-1000:]}")
        (self._folder / "first.sql").write_text(
            f"CREATE USER IF NOT EXISTS '{self.user}'@'127.0.0.1' IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL ON *.* TO '{self.user}'@'127.0.0.1';\n"
        )

    def _settings(self) -> list[str]:
        settings = {
            "datadir": self._folder / "data",
            "socket": self._socket,
            "bind-address": "127.0.0.1",
            "port": self.port,
            "pid-file": self._folder / "pid",
            "init-file": self._folder / "first.sql",
            "max-connections": 200,
            "character-set-server": "utf8mb4",
            "innodb-flush-log-at-trx-commit": 1,
            "innodb-log-file-size": "16M",
            "innodb-buffer-pool-size": "64M",
            "innodb-fast-shutdown": 1,
            **self._options,
        }
        words = [f"--{name}={value}" for name, value in settings.items()]
        return ["--no-defaults", *self._owner(), "--skip-name-resolve", *words]

    @staticmethod
    def _owner() -> list[str]:
        """MariaDB runs as root only when it is told to; the plain user needs no word."""
        return ["--user=root"] if os.getuid() == 0 else []

    def _answers(self, _log: str) -> bool | None:
        try:
            self.run_sql("mysql", "SELECT 1")
        except RuntimeError:
            return None
        return True
