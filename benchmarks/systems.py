"""What is measured: Jitney as real server processes, and the floor in its place."""

import asyncio
import json
import logging
import secrets
from collections.abc import Iterator, Sequence
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
from jitney.model.policy import FixedPlacement, ProvisioningPolicy, RoleSyncMode
from jitney.model.user import PRIMARY
from jitney.model.user_store_record import UserStoreRecord
from jitney.settings import Settings, load_settings

PROVIDER, CHANGING = "acme", "changing"
"""The provider of people who stay as they are, and that of people who change from visit to visit."""

DOMAINS = (PRIMARY, "LDAP", "SQL", "LDAP-FEW", "LDAP-MANY", "SQL-FEW", "SQL-MANY")
"""Every user store that people may be sent to, each with a provider and an application of its own."""

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

    def application(self, domain: str, *, changing: bool) -> str:
        """Return the client id of the application that leads to people of a user store."""
        return of_store(self.changing_client_id if changing else self.client_id, domain)

    @property
    def application_uri(self) -> str:
        """Where browsers go in the end; nothing needs to listen there."""
        return "http://127.0.0.1:9/callback"


def of_store(name: str, domain: str) -> str:
    """Return the name of what leads to the people of a user store; that of PRIMARY is the bare one."""
    return name if domain == PRIMARY else f"{name}-{domain.lower()}"


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
    addresses = (place.redirect_uri(of_store(provider, domain)) for domain in DOMAINS)
    return f"{place.client_id}:{place.secret}:{','.join(addresses)}"


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


def prepare(place: Place, database: str, stores: Sequence[UserStoreRecord] = ()) -> str:
    """Make Jitney's tables, keys and records; return the id of the provider whose people stay as they are.

    For each of the ``stores`` there is a provider whose people go there, and another of people who change.
    The tables that are Jitney's to make in other databases are made too.
    """
    config = _write_settings(place, database, 1)
    logging.disable(logging.INFO)
    settings = load_settings({"JITNEY_HOME": str(place.folder)}, config=config, folder=place.folder)
    return asyncio.run(_add_records(place, settings, stores))


async def _add_records(place: Place, settings: Settings, stores: Sequence[UserStoreRecord]) -> str:
    async with app.build(settings) as house:
        for role in GROUPS:
            await house.verbs.roles.add(COMMAND_LINE, role)
        for store in stores:
            await house.verbs.user_stores.add(COMMAND_LINE, store, untested=True)
            await _look_in(house, store.description.domain)
        added = [
            (
                await _add(house, place, domain, changing=False),
                await _add(house, place, domain, changing=True),
            )
            for domain in (PRIMARY, *(store.description.domain for store in stores))
        ]
        return added[0][0]


async def _look_in(house: app.House, domain: str) -> None:
    """Ask for anybody at all, which makes the tables."""
    store = await house.doors.user_stores.find(domain)
    if store is not None:
        await store.find_by_name_key("nobody")


async def _add(house: app.House, place: Place, domain: str, *, changing: bool) -> str:
    """Add a provider, and an application of its own, so that nobody has to choose; return the provider's id."""
    provider = _changing(place, domain) if changing else _steady(place, domain)
    saved = await house.verbs.identity_providers.add(COMMAND_LINE, provider)
    application = Application(
        place.application(domain, changing=changing),
        "Bench",
        (place.application_uri,),
        identity_providers=(provider.name,),
        local_sign_in=False,
    )
    await house.verbs.applications.register(COMMAND_LINE, application, secret=place.secret)
    return saved.idp.id


def _steady(place: Place, domain: str) -> IdentityProvider:
    connection = OIDCConnection(place.issuer, place.client_id, place.secret, use_userinfo=False)
    policy = ProvisioningPolicy(enabled=True, placement=FixedPlacement(domain))
    return IdentityProvider("", of_store(PROVIDER, domain), "Acme", connection, policy=policy)


def _changing(place: Place, domain: str) -> IdentityProvider:
    """Return the provider whose groups give three roles, and take them away again."""
    connection = OIDCConnection(place.changing_issuer, place.client_id, place.secret, use_userinfo=False)
    table = MappingTable(role_claim="groups", roles=tuple(RoleMapping(name, name) for name in GROUPS))
    policy = ProvisioningPolicy(
        enabled=True, role_sync=RoleSyncMode.OVERRIDE_ALL, placement=FixedPlacement(domain)
    )
    name = of_store(CHANGING, domain)
    return IdentityProvider("", name, "Changing", connection, mappings=table, policy=policy)


def _write_settings(place: Place, database: str, processes: int) -> Path:
    config = place.folder / "deployment.toml"
    allowed = [issuer.removeprefix("http://") for issuer in (place.issuer, place.changing_issuer)]
    text = _SETTINGS.format(
        address=place.address, port=place.port, processes=processes, database=database,
        allowed=json.dumps(allowed),
    )  # fmt: skip
    config.write_text(text)
    return config
