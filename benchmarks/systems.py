"""What is measured: Jitney as real server processes, and the floor in its place."""

import asyncio
import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Process
from jitney import app
from jitney.administration.operator import COMMAND_LINE
from jitney.model.application import Application
from jitney.model.identity_provider import IdentityProvider, OIDCConnection
from jitney.model.policy import ProvisioningPolicy
from jitney.settings import load_settings

PROVIDER = "acme"
_SETTINGS = """
[server]
base_url = "{address}"
port = {port}
processes = {processes}

[database]
url = "{database}"

[outgoing]
allow = ["{provider}"]

[log]
level = "warning"
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything of one run is: the folder, the port of the server, the identity provider, the secrets.

    The same client id and secret serve at the provider (for us) and at us (for the application).
    """

    folder: Path
    port: int
    issuer: str = ""
    client_id: str = "bench"
    secret: str = "bench-0123456789-0123456789-0123456789"

    @property
    def address(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def redirect_uri(self) -> str:
        """Where the identity provider sends browsers back to."""
        return f"{self.address}/callback/{PROVIDER}"

    @property
    def application_uri(self) -> str:
        """Where browsers go in the end; nothing needs to listen there."""
        return "http://127.0.0.1:9/callback"


@contextmanager
def identity_provider(place: Place) -> Iterator[tuple[Process, str]]:
    """Run the bundled fake provider in a process of its own: quick, honest, RS256; yields its issuer too."""
    client = f"{place.client_id}:{place.secret}:{place.redirect_uri}"
    arguments = ["-m", "jitney.testing.fake_oidc_provider", "--alg", "RS256", "--client", client]
    process = Process(arguments, log=place.folder / "provider.log")
    try:
        yield process, process.read_line().split()[-1]
    finally:
        process.stop()


@contextmanager
def driver(place: Place) -> Iterator[Process]:
    """Run the driver."""
    process = Process(["-m", "benchmarks.driver"], log=place.folder / "driver.log")
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def jitney(place: Place, database: str, processes: int) -> Iterator[Process]:
    """Run ``jitney serve``."""
    config = _write_settings(place, database, processes)
    process = Process(
        ["-c", "from jitney.cli import main; main()", "--config", str(config), "serve"],
        log=place.folder / "jitney.log",
        environment={"JITNEY_HOME": str(place.folder)},
    )
    try:
        process.wait_for_port(place.port, "/health/ready")
        process.wait_until_quiet()
        yield process
    finally:
        process.stop()


@contextmanager
def floor(place: Place, database: str, processes: int) -> Iterator[Process]:
    """Run the floor."""
    settings = {
        "database": database,
        "issuer": place.issuer,
        "redirect_uri": place.redirect_uri,
        "client_id": place.client_id,
        "client_secret": place.secret,
        "key": secrets.token_hex(16),
    }
    arguments = [
        "-m", "uvicorn", "benchmarks.floor:Floor", "--factory", "--port", str(place.port),
        "--workers", str(processes), "--loop", "uvloop", "--http", "httptools", "--lifespan", "on",
        "--no-access-log", "--no-proxy-headers", "--no-server-header", "--log-level", "warning",
    ]  # fmt: skip
    process = Process(
        arguments, log=place.folder / "floor.log", environment={"JITNEY_FLOOR": json.dumps(settings)}
    )
    try:
        process.wait_for_port(place.port, "/oauth2/authorize?login_hint=x&redirect_uri=y&state=z")
        process.wait_until_quiet()
        yield process
    finally:
        process.stop()


def prepare(place: Place, database: str) -> str:
    """Make Jitney's tables, keys and the two records; return the id of the identity provider."""
    config = _write_settings(place, database, 1)
    logging.disable(logging.INFO)
    settings = load_settings({"JITNEY_HOME": str(place.folder)}, config=config, folder=place.folder)
    return asyncio.run(_add_records(place, settings))


async def _add_records(place: Place, settings: app.Settings) -> str:
    connection = OIDCConnection(place.issuer, place.client_id, place.secret, use_userinfo=False)
    provider = IdentityProvider("", PROVIDER, "Acme", connection, policy=ProvisioningPolicy(enabled=True))
    application = Application(
        place.client_id,
        "Bench",
        (place.application_uri,),
        identity_providers=(PROVIDER,),
        local_sign_in=False,
    )
    async with app.build(settings) as house:
        saved = await house.verbs.identity_providers.add(COMMAND_LINE, provider)
        await house.verbs.applications.register(COMMAND_LINE, application, secret=place.secret)
        return saved.idp.id


def _write_settings(place: Place, database: str, processes: int) -> Path:
    config = place.folder / "deployment.toml"
    text = _SETTINGS.format(
        address=place.address, port=place.port, processes=processes, database=database,
        provider=place.issuer.removeprefix("http://"),
    )  # fmt: skip
    config.write_text(text)
    return config
