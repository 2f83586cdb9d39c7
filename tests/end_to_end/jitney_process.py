"""Jitney as operators run it: a home folder, the command line, and server processes."""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import anyio
import httpx
from anyio import to_thread
from tests.servers.http_browser import trust
from tests.servers.process import ServerProcess, free_port

JITNEY = (sys.executable, "-c", "from jitney.cli import main; main()")
"""The command ``jitney``, of the environment that runs the tests."""

SAMPLE_CALLBACK = "https://app.example/callback"
"""Where the scripted application stands; nothing answers there, the browser stops before it."""

RECORDS = """
[[identity_provider]]
name = "acme"
display_name = "Acme"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"

[identity_provider.provisioning]
enabled = true

[[application]]
id = "sample"
name = "Sample application"
redirect_uris = ["{redirect_uri}"]
client_secret_env = "SAMPLE_SECRET"
identity_providers = ["acme"]
local_sign_in = false
"""
"""One identity provider that provisions silently, and one application that sends everybody there."""

SECRET = "a-secret-that-is-long-enough-for-hs256"


class CommandFailedError(Exception):
    """A command of ours ended otherwise than it should; the message holds what it said."""


@dataclass(frozen=True)
class Said:
    """What a command printed on its two streams, and its exit code."""

    code: int
    out: str
    err: str


@dataclass
class Home:
    """A home folder in a temporary place; ``port`` is where its server listens, ``base_url`` what it is called.

    ``database`` is a URL, or ``None`` for the embedded one.
    """

    port: int = field(default_factory=free_port)
    base_url: str = ""
    database: str | None = None
    allow: Sequence[str] = ()
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="jitney-home-")))

    def __post_init__(self) -> None:
        self.base_url = self.base_url or f"http://127.0.0.1:{self.port}"
        self.write_settings()

    @property
    def address(self) -> str:
        """Where the server really listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that every process of this home gets."""
        secrets = {"ACME_SECRET": SECRET, "SAMPLE_SECRET": SECRET}
        return {**os.environ, "JITNEY_HOME": str(self.folder), **secrets}

    def write_settings(self, more: str = "") -> None:
        """Write ``conf/deployment.toml``; ``more`` is appended."""
        allow = ", ".join(f'"{entry}"' for entry in self.allow)
        database = f'[database]\nurl = "{self.database}"\n' if self.database else ""
        self.write_raw_settings(
            f'[server]\nport = {self.port}\nbase_url = "{self.base_url}"\n'
            f"[outgoing]\nallow = [{allow}]\n{database}{more}"
        )

    def write_raw_settings(self, text: str) -> None:
        """Write ``conf/deployment.toml`` as it is given."""
        (self.folder / "conf").mkdir(exist_ok=True)
        (self.folder / "conf" / "deployment.toml").write_text(text)

    async def run(self, *arguments: str, expect: int = 0) -> Said:
        """Run a command to its end; raises ``CommandFailedError`` where it ends otherwise than ``expect``."""
        ended = await anyio.run_process([*JITNEY, *arguments], env=self.environment, check=False)
        said = Said(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
        if said.code != expect:
            raise CommandFailedError(f"jitney {' '.join(arguments)}: {said.code}\n{said.out}\n{said.err}")
        return said

    async def apply(self, records: str) -> None:
        """Bring the records to what the text declares."""
        file = self.folder / "records.toml"
        file.write_text(records)
        await self.run("apply", str(file))

    def copy(self, *, database: str | None) -> "Home":
        """A home of its own with the same port, master key and embedded database."""
        folder = Path(tempfile.mkdtemp(prefix="jitney-home-"))
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Home(self.port, self.base_url, database, self.allow, folder)

    def neighbour(self) -> "Home":
        """Another node: a folder and a port of its own, the same name, master key and database."""
        folder = Path(tempfile.mkdtemp(prefix="jitney-home-"))
        (folder / "data").mkdir()
        shutil.copy(self.folder / "data" / "master.key", folder / "data" / "master.key")
        return Home(base_url=self.base_url, database=self.database, allow=self.allow, folder=folder)

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


class JitneyProcess:
    """A server process of a home; ``command`` replaces ``jitney serve``."""

    def __init__(self, home: Home, command: Sequence[str] = (*JITNEY, "serve")) -> None:
        self.home = home
        self._process = ServerProcess("jitney", command, environment=home.environment)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def start(self) -> None:
        """Start and wait until it serves; raises ``CouldNotStartError``."""
        await to_thread.run_sync(self._process.start, lambda _log: is_alive(self.home.address) or None, 60)

    async def stop(self) -> None:
        """Ask the server to end, and wait for it."""
        await to_thread.run_sync(self._process.stop)

    def log(self) -> str:
        """All that it printed."""
        return self._process.log()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Stop."""
        await self.stop()


def is_alive(address: str) -> bool:
    """Whether a server serves there."""
    try:
        ready = httpx.get(f"{address}/health/ready", verify=trust(), timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return 200 == ready.status_code
