"""LemonLDAP::NG for tests: a portal on a loopback port of its own, which speaks SAML 2.0 and OpenID Connect."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Self

import httpx
from tests.servers.lemonldap_configuration import OIDCApplication, configuration, initialisation
from tests.servers.process import CouldNotStartError, ServerProcess, free_port
from tests.servers.saml_server import KnownPerson, SignInForm, new_signing_pair

_PLACK = Path("/usr/bin/plackup")
_NEEDED = (
    _PLACK,
    Path("/usr/share/perl5/Lemonldap/NG/Portal/Main.pm"),
    Path("/usr/share/lemonldap-ng/portal/templates"),
)
_APPLICATION = Path(__file__).parent / "lemonldap" / "portal.psgi"


class LemonLDAPServer:
    """One portal, which keeps its port, its keys and its people until it is removed.

    The people are those of its demonstration; each has their own user name for a password.
    As a context manager it starts on entry and is removed on exit.
    """

    form = SignInForm("user", "password")

    def __init__(self, application: OIDCApplication | None = None) -> None:
        if not all(part.exists() for part in _NEEDED):
            raise CouldNotStartError("lemonldap-ng is not installed: run scripts/install-test-servers")
        self.port = free_port()
        self.application = application
        self._service_provider: bytes | None = None
        self._pair, self._oidc_pair = new_signing_pair(), new_signing_pair()
        self._folder = Path(tempfile.mkdtemp(prefix="jitney-lemonldap-"))
        for name in ("conf", "known", "cache", "sessions/lock", "psessions/lock"):
            (self._folder / name).mkdir(parents=True)
        self._process: ServerProcess | None = None

    @property
    def address(self) -> str:
        """``http://127.0.0.1:PORT``, which is the issuer of its ID tokens too."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def entity_id(self) -> str:
        """Its name in SAML."""
        return f"{self.address}/saml/metadata"

    @property
    def metadata_url(self) -> str:
        """Where it describes itself, in both of its roles: it can be a service provider as well."""
        return f"{self.address}/saml/metadata"

    @property
    def logout_url(self) -> str:
        """Where a person signs out at the portal."""
        return f"{self.address}/?logout=1"

    @property
    def people(self) -> tuple[KnownPerson, ...]:
        """The people of its demonstration."""
        return tuple(
            KnownPerson(uid, uid, {"uid": (uid,), "mail": (f"{uid}@badwolf.org",), "cn": (name,)})
            for uid, name in (("dwho", "Doctor Who"), ("rtyler", "Rose Tyler"), ("msmith", "Mickey Smith"))
        )

    def start(self, seconds: float = 60) -> None:
        """Start, again or for the first time, and return when it answers; raises ``CouldNotStartError``."""
        if self._process is not None:
            return
        self._write()
        words = ["-E", "deployment", "-s", "Standalone", "--host", "127.0.0.1", "--port", str(self.port)]
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TMPDIR": str(self._folder),
            "LLNG_DEFAULTCONFFILE": str(self._folder / "lemonldap-ng.ini"),
        }
        process = ServerProcess(
            "lemonldap-ng", [str(_PLACK), *words, str(_APPLICATION)], environment=environment
        )
        process.start(self._ready, seconds)
        self._process = process

    def stop(self) -> None:
        """Stop; sessions and persistent names are kept."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def remove(self) -> None:
        """Stop and delete everything."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def trust(self, metadata: bytes) -> None:
        """Know the service provider as the document describes it; it restarts."""
        self._service_provider = metadata
        self._restart()

    def serve(self, application: OIDCApplication) -> None:
        """Know this client of its OpenID Provider, and no other; it restarts."""
        self.application = application
        self._restart()

    def roll_over(self) -> None:
        """Sign SAML with another key from now on, and show it alone: it cannot show two; it restarts."""
        self._pair = new_signing_pair()
        self._restart()

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

    def _restart(self) -> None:
        running = self._process is not None
        self.stop()
        if running:
            self.start()

    def _write(self) -> None:
        # A configuration that it remembers from before would win over the new one.
        shutil.rmtree(self._folder / "known")
        (self._folder / "known").mkdir()
        (self._folder / "lemonldap-ng.ini").write_text(initialisation(self._folder))
        settings = configuration(
            self._folder,
            self.address,
            saml=self._pair,
            oidc=self._oidc_pair,
            service_provider=self._service_provider,
            application=self.application,
        )
        (self._folder / "conf" / "lmConf-1.json").write_text(json.dumps(settings))

    def _ready(self, log: str) -> bool | None:
        if "Initialization failed" in log:
            raise CouldNotStartError(f"lemonldap-ng refuses its settings:\n{log}")
        try:
            answer = httpx.get(self.metadata_url, timeout=5, trust_env=False)
        except httpx.HTTPError:
            return None
        if answer.status_code != 200:
            return None
        return True
