"""What is measured: Jitney as real server processes, and the floor in its place."""

import asyncio
import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.people_who_change import GROUPS
from benchmarks.processes import Process
from jitney import app
from jitney.administration.operator import COMMAND_LINE
from jitney.model.application import Application
from jitney.model.claims import MappingTable, RoleMapping
from jitney.model.identity_provider import IdentityProvider, OIDCConnection
from jitney.model.policy import ProvisioningPolicy, RoleSyncMode
from jitney.settings import Settings, load_settings

PROVIDER, CHANGING = "acme", "changing"
"""The provider of people who stay as they are, and that of people who change from visit to visit."""

_SETTINGS = """
[server]
base_url = "{address}"
port = {port}
processes = {processes}

[database]
url = "{database}"

[outgoing]
allow = {allowed}

[log]
level = "warning"
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything of one run is: the folder, the port of the server, the identity providers, the secrets.

    The same client id and secret serve at the providers (for us) and at us (for the application).
    An application of its own, ``changing_client_id``, leads to the people who change.
    """

    folder: Path
    port: int
    issuer: str = ""
    changing_issuer: str = ""
    client_id: str = "bench"
    changing_client_id: str = "bench-changing"
    secret: str = "bench-0123456789-0123456789-0123456789"

    @property
    def address(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    def redirect_uri(self, provider: str) -> str:
        """Return where an identity provider sends browsers back to."""
        return f"{self.address}/callback/{provider}"

    @property
    def application_uri(self) -> str:
        """Where browsers go in the end; nothing needs to listen there."""
        return "http://127.0.0.1:9/callback"


@contextmanager
def identity_provider(place: Place) -> Iterator[tuple[Process, str]]:
    """Run the bundled fake provider in a process of its own: quick, honest, RS256; yields its issuer too."""
    arguments = [
        "-m",
        "jitney.testing.fake_oidc_provider",
        "--alg",
        "RS256",
        "--client",
        _client(place, PROVIDER),
    ]
    with _provider(arguments, place.folder / "provider.log") as running:
        yield running


@contextmanager
def changing_provider(place: Place) -> Iterator[tuple[Process, str]]:
    """Run the same with people who change; yields its issuer too."""
    arguments = ["-m", "benchmarks.people_who_change", _client(place, CHANGING)]
    with _provider(arguments, place.folder / "changing.log") as running:
        yield running


def _client(place: Place, provider: str) -> str:
    return f"{place.client_id}:{place.secret}:{place.redirect_uri(provider)}"


@contextmanager
def _provider(arguments: list[str], log: Path) -> Iterator[tuple[Process, str]]:
    process = Process(arguments, log=log)
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
def counted(place: Place, database: str) -> Iterator[Process]:
    """Run Jitney with a counter around its unit of work."""
    config = _write_settings(place, database, 1)
    process = Process(
        ["-m", "benchmarks.counted_server", str(config)],
        log=place.folder / "counted.log",
        environment={"JITNEY_HOME": str(place.folder)},
    )
    try:
        process.wait_for_port(place.port, "/health/ready")
        yield process
    finally:
        process.stop()


@contextmanager
def floor(place: Place, database: str, processes: int) -> Iterator[Process]:
    """Run the floor."""
    settings = {
        "database": database,
        "issuer": place.issuer,
        "redirect_uri": place.redirect_uri(PROVIDER),
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
    """Make Jitney's tables, keys and records; return the id of the provider whose people stay as they are."""
    config = _write_settings(place, database, 1)
    logging.disable(logging.INFO)
    settings = load_settings({"JITNEY_HOME": str(place.folder)}, config=config, folder=place.folder)
    return asyncio.run(_add_records(place, settings))


async def _add_records(place: Place, settings: Settings) -> str:
    async with app.build(settings) as house:
        for role in GROUPS:
            await house.verbs.roles.add(COMMAND_LINE, role)
        steady = await _add(house, place.client_id, _steady(place), place)
        await _add(house, place.changing_client_id, _changing(place), place)
        return steady


async def _add(house: app.House, client_id: str, provider: IdentityProvider, place: Place) -> str:
    """Add a provider, and an application of its own, so that nobody has to choose; return the provider's id."""
    saved = await house.verbs.identity_providers.add(COMMAND_LINE, provider)
    application = Application(
        client_id,
        "Bench",
        (place.application_uri,),
        identity_providers=(provider.name,),
        local_sign_in=False,
    )
    await house.verbs.applications.register(COMMAND_LINE, application, secret=place.secret)
    return saved.idp.id


def _steady(place: Place) -> IdentityProvider:
    connection = OIDCConnection(place.issuer, place.client_id, place.secret, use_userinfo=False)
    return IdentityProvider("", PROVIDER, "Acme", connection, policy=ProvisioningPolicy(enabled=True))


def _changing(place: Place) -> IdentityProvider:
    """Return the provider whose groups give three roles, and take them away again."""
    connection = OIDCConnection(place.changing_issuer, place.client_id, place.secret, use_userinfo=False)
    table = MappingTable(role_claim="groups", roles=tuple(RoleMapping(name, name) for name in GROUPS))
    policy = ProvisioningPolicy(enabled=True, role_sync=RoleSyncMode.OVERRIDE_ALL)
    return IdentityProvider("", CHANGING, "Changing", connection, mappings=table, policy=policy)


def _write_settings(place: Place, database: str, processes: int) -> Path:
    config = place.folder / "deployment.toml"
    allowed = [issuer.removeprefix("http://") for issuer in (place.issuer, place.changing_issuer)]
    text = _SETTINGS.format(
        address=place.address, port=place.port, processes=processes, database=database,
        allowed=json.dumps(allowed),
    )  # fmt: skip
    config.write_text(text)
    return config
