"""A PostgreSQL server for tests: Debian's, on a loopback port of its own, with a temporary data folder."""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import asyncpg


class PostgreSQLServer:
    """One running cluster, with fsync on. PostgreSQL refuses root, so root runs it as ``postgres``."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="jitney-postgresql-"))
        self._user = "postgres" if os.getuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self.port = _free_port()
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        initdb = [
            _binary("initdb"),
            "-D",
            self._data,
            "-U",
            "jitney",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        subprocess.run(
            initdb,
            check=True,
            user=self._user,
            cwd=self._folder,
            env=_environment(),
            stdout=subprocess.DEVNULL,
        )

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> None:
        """Start the server, if it does not run, and return when it answers."""
        if self._process is not None:
            return
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
            "fsync": "on",
            "max_connections": "200",
            "recovery_init_sync_method": "syncfs",  # not file by file: there are hundreds of databases
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_binary("postgres"), "-D", self._data, *options],
                user=self._user,
                cwd=self._folder,
                env=_environment(),
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 300
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(self._folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server; ``at_once`` cuts its connections as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            self._process.wait(timeout=60)
            self._process = None

    def kill(self) -> None:
        """Stop all its processes as a power cut would, by SIGKILL; ``start`` goes on with the same data and port.

        The others would notice that the first one is gone, and end in order.
        """
        if self._process is None:
            return
        first = self._process.pid
        others = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for pid in (first, *map(int, others)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop(at_once=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self, *, template: str = "template1") -> str:
        """Create a database that is empty, or a copy of another one that nobody uses, and return its URL."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.run_sql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Delete a database, whoever is still connected to it."""
        self.run_sql("postgres", f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def url(self, database: str) -> str:
        """The URL of a database of this server."""
        return f"postgresql://jitney@127.0.0.1:{self.port}/{database}"

    def run_sql(self, database: str, sql: str) -> None:
        """Run statements without parameters, from outside of any event loop or from within one."""
        command = [_binary("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", sql]
        subprocess.run(command, check=True, env=_environment(), cwd="/", capture_output=True)

    def _answers(self) -> bool:
        async def ask() -> None:
            await (await asyncpg.connect(self.url("postgres"), timeout=5)).close()

        try:
            asyncio.run(ask())
        except (OSError, asyncpg.PostgresError):
            return False
        return True


def _binary(name: str) -> str:
    """The newest one that Debian has installed, or the one on the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: float(p.parts[4]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed; on Debian: apt-get install postgresql")
    return found


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
