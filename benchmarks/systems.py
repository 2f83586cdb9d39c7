"""What is measured: Jitney as real server processes, and the floor in its place."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.place import CHANGING, DOMAINS, PROVIDER, Place, of_store
from benchmarks.processes import Process

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


@contextmanager
def saml_provider(place: Place) -> Iterator[tuple[Process, str]]:
    """Run the bundled fake SAML provider, which signs assertions with RSA of 2,048 bits; yields its address too."""
    with _provider(["-m", "jitney.testing.fake_saml_provider"], place.folder / "saml.log") as running:
        yield running


@contextmanager
def provider_of_customers(place: Place, *servers: Place) -> Iterator[tuple[Process, str]]:
    """Run a provider that takes every callback of these servers; yields its issuer too."""
    arguments = ["-m", "benchmarks.provider_of_customers", place.client_id, place.secret]
    addresses = [server.address for server in servers]
    with _provider([*arguments, *addresses], place.folder / "customers.log") as running:
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
    """Run ``jitney serve``; yields when it rests."""
    with starting(place, database, processes) as process:
        process.wait_until_quiet()
        yield process


@contextmanager
def starting(place: Place, database: str, processes: int) -> Iterator[Process]:
    """Run ``jitney serve``; yields as soon as it says that it is ready."""
    config = write_settings(place, database, processes)
    process = Process(
        ["-c", "from jitney.cli import main; main()", "--config", str(config), "serve"],
        log=place.folder / "jitney.log",
        environment={"JITNEY_HOME": str(place.folder)},
    )
    try:
        process.wait_for_port(place.port, "/health/ready")
        yield process
    finally:
        process.stop()


@contextmanager
def counted(place: Place, database: str) -> Iterator[Process]:
    """Run Jitney with a counter around its unit of work."""
    config = write_settings(place, database, 1)
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


def write_settings(place: Place, database: str, processes: int) -> Path:
    config = place.folder / "deployment.toml"
    allowed = [address.removeprefix("http://") for address in place.providers]
    text = _SETTINGS.format(
        address=place.address, port=place.port, processes=processes, database=database,
        allowed=json.dumps(allowed),
    )  # fmt: skip
    config.write_text(text)
    return config
