"""pysaml2 for tests: an identity provider for SAML 2.0 in a thread of the test, which can encrypt with AES-GCM."""

import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.saml import NAME_FORMAT_URI, NAMEID_FORMAT_PERSISTENT
from saml2.server import Server
from saml2.sigver import get_pem_wrapped_unwrapped, make_temp, pre_encryption_part
from tests.servers.pysaml2_pages import Pages
from tests.servers.saml_server import KnownPerson, SignInForm, SigningPair, new_signing_pair

_AES_256_GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
_CONTENT = "/*[local-name()='Response']/*[local-name()='EncryptedAssertion']/*[local-name()='Assertion']"


class PySAML2Server:
    """One identity provider, which keeps its port and its people until it is removed.

    As a context manager it starts on entry and is removed on exit.
    """

    form = SignInForm("username", "password")

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="jitney-pysaml2-"))
        self._pairs: list[SigningPair] = [new_signing_pair()]
        self._shown: list[SigningPair] = []
        self._service_provider: bytes | None = None
        self._http = make_server("127.0.0.1", 0, _not_ready, _Server, _Quiet)
        self._thread: threading.Thread | None = None
        self._pages = Pages(self._saml(), tuple(_person(name) for name in ("ada", "grace", "linus")))
        self._http.set_app(self._pages)

    @property
    def address(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def entity_id(self) -> str:
        """Its own name."""
        return "urn:example:pysaml2"

    @property
    def metadata_url(self) -> str:
        """Where it describes itself."""
        return f"{self.address}/metadata"

    @property
    def logout_url(self) -> str:
        """Where a person signs out here and at the service provider."""
        return f"{self.address}/logout"

    @property
    def people(self) -> tuple[KnownPerson, ...]:
        """Who can sign in."""
        return self._pages.people

    def trust(self, metadata: bytes) -> None:
        """Know the service provider as the document describes it, and no other."""
        self._service_provider = metadata
        self._replace()

    def encrypt(self, *, encrypts: bool = True) -> None:
        """Encrypt assertions from now on, with AES-256-GCM and RSA-OAEP."""
        self._pages.encrypts = encrypts

    def publish_next_key(self) -> None:
        """Show the next key beside the present one, which goes on signing."""
        self._shown = [new_signing_pair()]
        self._replace()

    def roll_over(self) -> None:
        """Sign with the next key from now on, and show it alone."""
        self._pairs.append(*(self._shown or [new_signing_pair()]))
        self._shown = []
        self._replace()

    def start(self) -> None:
        """Start to answer."""
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Stop and delete everything."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def log(self) -> str:
        """Return nothing: pysaml2 writes to the test's own log."""
        return ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self.remove()

    def _replace(self) -> None:
        sessions, self._pages.saml = self._pages.saml.session_db, self._saml()
        self._pages.saml.session_db = sessions

    def _saml(self) -> Server:
        return _GCMServer(config=IdPConfig().load(self._settings()))

    def _settings(self) -> dict[str, Any]:
        bindings = (BINDING_HTTP_REDIRECT, BINDING_HTTP_POST)
        endpoints = {
            "single_sign_on_service": [(f"{self.address}/sso", binding) for binding in bindings],
            "single_logout_service": [(f"{self.address}/slo", binding) for binding in bindings],
        }
        policy = {"default": {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_URI}}
        return {
            "entityid": self.entity_id,
            "metadata": {"inline": [self._service_provider.decode()]} if self._service_provider else {},
            "key_file": self._file(f"{len(self._pairs)}.key", self._pairs[-1].key),
            "cert_file": self._file(f"{len(self._pairs)}.pem", self._pairs[-1].certificate),
            "additional_cert_files": [self._file("next.pem", pair.certificate) for pair in self._shown],
            "service": {
                "idp": {
                    "endpoints": endpoints,
                    "policy": policy,
                    "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                    "want_authn_requests_signed": True,
                    "want_authn_requests_only_with_valid_cert": False,
                }
            },
        }

    def _file(self, name: str, text: str) -> str:
        file = self._folder / name
        file.write_text(text)
        return str(file)


class _GCMServer(Server):
    """pysaml2 knows how to encrypt with 3DES alone; xmlsec, which it calls, knows better."""

    def _encrypt_assertion(
        self, encrypt_cert: str | None, sp_entity_id: str, response: Any, node_xpath: str | None = None
    ) -> Any:
        found = [encrypt_cert] if encrypt_cert else [each for _name, each in self._partner_keys(sp_entity_id)]
        wrapped, unwrapped = get_pem_wrapped_unwrapped(found[0])
        certificate = make_temp(wrapped.encode(), decode=False)
        template = pre_encryption_part(msg_enc=_AES_256_GCM, encrypt_cert=unwrapped)
        return self.sec.encrypt_assertion(
            response, certificate.name, template, key_type="aes-256", node_xpath=node_xpath or _CONTENT
        )

    def _partner_keys(self, sp_entity_id: str) -> list[tuple[str, str]]:
        return self.metadata.certs(sp_entity_id, "any", "encryption")


class _Server(WSGIServer):
    """A server that may be stopped while a browser keeps a connection."""

    allow_reuse_address = True


class _Quiet(WSGIRequestHandler):
    """Requests are nobody's business."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _person(username: str) -> KnownPerson:
    said = {
        "uid": (username,),
        "mail": (f"{username}@acme.example",),
        "displayName": (f"{username.capitalize()} Example",),
    }
    return KnownPerson(username, f"{username}-says-please", said)


def _not_ready(*_anything: object) -> list[bytes]:
    return []
