"""A service provider made of pysaml2: it shows that an identity provider works, where Jitney has no part."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.metadata import create_metadata_string
from saml2.saml import NAMEID_FORMAT_PERSISTENT
from tests.servers.page_reader import Form
from tests.servers.saml_server import SAMLServer, new_signing_pair

_SHA256 = {
    "signing_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
}


@dataclass(frozen=True)
class Arrival:
    """Somebody who came in: the name that the provider has for them, and what it says of them."""

    name: str
    attributes: Mapping[str, list[str]]
    handle: Any
    """pysaml2's own NameID."""


class PySAML2Application:
    """The service provider of one identity provider; nothing listens at its addresses.

    As a context manager it removes its files on exit.
    """

    address = "http://application.example"

    def __init__(self, server: SAMLServer) -> None:
        self._server = server
        self._pair = new_signing_pair()
        self._folder = Path(tempfile.mkdtemp(prefix="jitney-pysaml2-"))
        for kind, text in (("key", self._pair.key), ("certificate", self._pair.certificate)):
            (self._folder / f"{kind}.pem").write_text(text)
        self._asked: dict[str, str] = {}
        self.learn()

    @property
    def acs(self) -> str:
        """Where responses go."""
        return f"{self.address}/acs"

    @property
    def slo(self) -> str:
        """Where logout messages go."""
        return f"{self.address}/slo"

    def learn(self) -> None:
        """Fetch the identity provider's metadata, as an administrator would after a change."""
        found = httpx.get(self._server.metadata_url, trust_env=False).text
        self._client = Saml2Client(SPConfig().load(self._settings(found)))

    def metadata(self) -> bytes:
        """What an identity provider has to know."""
        return create_metadata_string(None, config=self._client.config)

    def sign_in_address(self) -> str:
        """Where to send the browser."""
        request_id, sent = self._client.prepare_for_authenticate(
            self._server.entity_id,
            relay_state="somewhere",
            nameid_format=NAMEID_FORMAT_PERSISTENT,
            sign=True,
            sigalg=_SHA256["signing_algorithm"],
        )
        self._asked[request_id] = "somewhere"
        return dict(sent["headers"])["Location"]

    def read(self, form: Form | None) -> Arrival:
        """Verify the response that a page wants to post here; pysaml2 raises what is wrong with it."""
        if form is None or form.action != self.acs:
            raise LookupError("no response for this application")
        answer = self._client.parse_authn_request_response(
            form.fields["SAMLResponse"], BINDING_HTTP_POST, self._asked
        )
        if answer is None:
            raise ValueError("the response is refused")
        return Arrival(answer.name_id.text, answer.ava, answer.name_id)

    def sign_out_address(self, arrival: Arrival) -> str:
        """Where to send the browser so that the person signs out there too."""
        server = self._server.entity_id
        sent = self._client.do_logout(
            arrival.handle,
            [server],
            "",
            None,
            sign=True,
            expected_binding=BINDING_HTTP_REDIRECT,
            sign_alg=_SHA256["signing_algorithm"],
            digest_alg=_SHA256["digest_algorithm"],
        )
        _binding, information = sent[server]
        return dict(information["headers"])["Location"]

    def signed_out(self, location: str | None) -> bool:
        """Verify the LogoutResponse in the address to which the browser was sent."""
        query = parse_qs(urlsplit(location or "").query)
        answer = self._client.parse_logout_request_response(query["SAMLResponse"][0], BINDING_HTTP_REDIRECT)
        return bool(answer.status_ok())

    def __enter__(self) -> Self:
        """Nothing to start."""
        return self

    def __exit__(self, *fault: object) -> None:
        """Remove the files."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _settings(self, identity_provider: str) -> dict[str, Any]:
        files = {
            "key_file": str(self._folder / "key.pem"),
            "cert_file": str(self._folder / "certificate.pem"),
        }
        return {
            "entityid": f"{self.address}/metadata",
            "metadata": {"inline": [identity_provider]},
            "allow_unknown_attributes": True,
            **files,
            "encryption_keypairs": [files],
            **_SHA256,
            "service": {
                "sp": {
                    "endpoints": {
                        "assertion_consumer_service": [(self.acs, BINDING_HTTP_POST)],
                        "single_logout_service": [(self.slo, BINDING_HTTP_REDIRECT)],
                    },
                    "authn_requests_signed": True,
                    "logout_requests_signed": True,
                    "want_response_signed": False,
                    "want_assertions_signed": True,
                    "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                }
            },
        }
