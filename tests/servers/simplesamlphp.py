"""SimpleSAMLphp for tests: an identity provider for SAML 2.0, on PHP's own web server."""

import json
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from tests.servers.process import CouldNotStartError, ServerProcess, free_port
from tests.servers.saml_server import KnownPerson, SignInForm, SigningPair, new_signing_pair

_PHP = Path("/usr/bin/php")
_PAGES = Path("/usr/share/simplesamlphp/www")
_SETTINGS = Path(__file__).parent / "simplesamlphp"

_NAMES = {
    "eduPersonUniqueId": "urn:oid:1.3.6.1.4.1.5923.1.1.1.13",
    "uid": "urn:oid:0.9.2342.19200300.100.1.1",
    "mail": "urn:oid:0.9.2342.19200300.100.1.3",
    "givenName": "urn:oid:2.5.4.42",
    "sn": "urn:oid:2.5.4.4",
    "displayName": "urn:oid:2.16.840.1.113730.3.1.241",
    "eduPersonAffiliation": "urn:oid:1.3.6.1.4.1.5923.1.1.1.1",
}
"""The names of attributes as its administrator writes them, and as it sends them."""


def acme_person(username: str, given_name: str = "", family_name: str = "Newcomer") -> KnownPerson:
    """Somebody of the invented company, whose immutable id is ``acme-`` and the user name."""
    given_name = given_name or username.capitalize()
    said = {
        "eduPersonUniqueId": (f"acme-{username}",),
        "uid": (username,),
        "mail": (f"{username}@acme.example",),
        "givenName": (given_name,),
        "sn": (family_name,),
        "displayName": (f"{given_name} {family_name}",),
        "eduPersonAffiliation": ("staff", "member"),
    }
    attributes = {_NAMES[name]: values for name, values in said.items()}
    return KnownPerson(username, f"{username}-says-please", attributes)


class SimpleSAMLphpServer:
    """One identity provider, which keeps its port and its people until it is removed.

    It reads its settings at each request, so that nothing makes it restart.
    ``address`` is what it calls itself, where that is not the place at which it listens (``port``).
    As a context manager it starts on entry and is removed on exit.
    """

    form = SignInForm("username", "password")

    def __init__(self, *, port: int | None = None, address: str | None = None) -> None:
        if not (_PHP.exists() and _PAGES.is_dir()):
            raise CouldNotStartError("simplesamlphp is not installed: run scripts/install-test-servers")
        self.port = port or free_port()
        self.address = address or f"http://127.0.0.1:{self.port}"
        self._folder = Path(tempfile.mkdtemp(prefix="jitney-simplesamlphp-"))
        for name in ("sessions", "temp", "partners"):
            (self._folder / name).mkdir()
        self._settings: dict[str, Any] = {}
        self._people: list[KnownPerson] = []
        self._pairs: list[SigningPair] = []
        self._process: ServerProcess | None = None
        self.roll_over()
        self.welcome(
            acme_person("ada", "Ada", "Alder"),
            acme_person("grace", "Grace", "Grove"),
            acme_person("linus", "Linus", "Linden"),
        )

    @property
    def entity_id(self) -> str:
        """Its own name."""
        return f"{self.address}/saml2/idp/metadata.php"

    @property
    def metadata_url(self) -> str:
        """Where it describes itself."""
        return f"http://127.0.0.1:{self.port}/saml2/idp/metadata.php"

    @property
    def logout_url(self) -> str:
        """Where a person signs out here, and at every service provider where they were signed in."""
        back = urlencode({"ReturnTo": f"{self.address}/logout.php"})
        return f"{self.address}/saml2/idp/SingleLogoutService.php?{back}"

    @property
    def people(self) -> tuple[KnownPerson, ...]:
        """Who can sign in."""
        return tuple(self._people)

    def unsolicited_url(self, service_provider_id: str, relay_state: str = "") -> str:
        """Where a person goes to be sent to a service provider that did not ask."""
        query = {"spentityid": service_provider_id, **({"RelayState": relay_state} if relay_state else {})}
        return f"{self.address}/saml2/idp/SSOService.php?{urlencode(query)}"

    def welcome(self, *people: KnownPerson) -> None:
        """Know these people too."""
        self._people.extend(people)
        plain = {sent: name for name, sent in _NAMES.items()}
        known = {
            f"{person.username}:{person.password}": {
                plain[name]: list(values) for name, values in person.attributes.items()
            }
            for person in self._people
        }
        (self._folder / "people.json").write_text(json.dumps(known))

    def trust(self, metadata: bytes, *, name: str = "jitney") -> None:
        """Know a service provider as the document describes it; of one name there is one."""
        (self._folder / "partners" / f"{name}.xml").write_bytes(metadata)

    def change(self, **settings: object) -> None:
        """Set options of its own, with ``_`` for each dot; ``None`` takes one back."""
        for name, value in settings.items():
            self._settings[name.replace("_", ".")] = value
        self._write()

    def publish_next_key(self) -> None:
        """Show the next key beside the present one, which goes on signing."""
        self._pairs.append(new_signing_pair())
        self._write_pair("new_", self._pairs[-1].key, self._pairs[-1].certificate)

    def roll_over(self) -> None:
        """Sign with the next key from now on, and show it alone."""
        if "new_privatekey" not in self._settings:
            self._pairs.append(new_signing_pair())
        for name in ("new_privatekey", "new_certificate"):
            self._settings.pop(name, None)
        self._write_pair("", self._pairs[-1].key, self._pairs[-1].certificate)

    def sign_with_withdrawn_key(self) -> None:
        """Sign as somebody would who has the last key but one, and show the last."""
        self._write_pair("", self._pairs[-2].key, self._pairs[-1].certificate)

    def sign_with_present_key(self) -> None:
        """Sign with the last key, and show it."""
        self._write_pair("", self._pairs[-1].key, self._pairs[-1].certificate)

    def start(self, seconds: float = 30) -> None:
        """Start, and return when it answers; raises ``CouldNotStartError``."""
        environment = {
            "PATH": "/usr/bin:/bin",
            "TMPDIR": str(self._folder),
            "SIMPLESAMLPHP_CONFIG_DIR": str(_SETTINGS),
            "IDP_FOLDER": str(self._folder),
            "IDP_ADDRESS": self.address,
            "IDP_SALT": secrets.token_hex(16),
        }
        command = [str(_PHP), "-d", "error_log=", "-S", f"127.0.0.1:{self.port}", "-t", str(_PAGES)]
        process = ServerProcess("simplesamlphp", command, environment=environment)
        process.start(self._ready, seconds)
        self._process = process

    def stop(self) -> None:
        """Stop."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def remove(self) -> None:
        """Stop and delete everything."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def log(self) -> str:
        """What it printed."""
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

    def _write_pair(self, prefix: str, key: str, certificate: str) -> None:
        for kind, text in (("privatekey", key), ("certificate", certificate)):
            file = self._folder / f"{prefix}{kind}.pem"
            file.write_text(text)
            self._settings[f"{prefix}{kind}"] = str(file)
        self._write()

    def _write(self) -> None:
        given = {name: value for name, value in self._settings.items() if value is not None}
        (self._folder / "settings.json").write_text(json.dumps(given))

    def _ready(self, _log: str) -> bool | None:
        try:
            answer = httpx.get(self.metadata_url, timeout=10, trust_env=False)
        except httpx.HTTPError:
            return None
        if answer.status_code != 200:
            raise CouldNotStartError(f"simplesamlphp has no metadata:\n{_log}\n{answer.text[:2000]}")
        return True
