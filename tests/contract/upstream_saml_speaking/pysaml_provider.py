"""A real SAML identity provider on the other side: pysaml2, which verifies with xmlsec1."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NAMEID_FORMAT_TRANSIENT, NameID
from saml2.server import Server
from saml2.sigver import TRIPLE_DES_CBC
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256
from tests.contract.upstream_saml_speaking.speaking import IDP_ID, PLACES, SLO, SSO, credential, query_of

from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.saml_connection import SAMLBinding
from jitney.ports import Onward

BINDINGS = {SAMLBinding.REDIRECT: BINDING_HTTP_REDIRECT, SAMLBinding.POST: BINDING_HTTP_POST}
AES_256_GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"


class PysamlProvider:
    """An identity provider that was given our metadata; its files are in ``folder``."""

    def __init__(self, folder: Path, our_metadata: bytes, **settings: Any) -> None:
        (folder / "idp.key").write_text(credential("idp").private_key)
        (folder / "idp.crt").write_text(credential("idp").certificate)
        self.config = IdPConfig().load(
            {
                "entityid": IDP_ID,
                "key_file": str(folder / "idp.key"),
                "cert_file": str(folder / "idp.crt"),
                "metadata": {"inline": [our_metadata.decode()]},
                "service": {
                    "idp": {
                        "endpoints": {
                            "single_sign_on_service": [
                                (SSO, BINDING_HTTP_REDIRECT),
                                (f"{SSO}/post", BINDING_HTTP_POST),
                            ],
                            "single_logout_service": [
                                (SLO, BINDING_HTTP_REDIRECT),
                                (f"{SLO}/post", BINDING_HTTP_POST),
                            ],
                        },
                        "want_authn_requests_signed": True,
                        "name_id_format": [NAMEID_FORMAT_PERSISTENT, NAMEID_FORMAT_TRANSIENT],
                        **settings,
                    }
                },
            }
        )
        self.server = Server(config=self.config)

    def encrypt_with_gcm(self) -> None:
        """Encrypt with AES-256-GCM from now on: pysaml2 itself knows triple DES alone, xmlsec1 knows better."""
        backend = self.server.sec.crypto
        by_itself = backend.encrypt_assertion

        def better(statement: Any, enc_key: str, template: Any, _key_type: str, node_xpath: Any) -> Any:
            modern = str(template).replace(TRIPLE_DES_CBC, AES_256_GCM)
            return by_itself(statement, enc_key, modern, "aes-256", node_xpath)

        backend.encrypt_assertion = better

    @property
    def metadata(self) -> bytes:
        """What it publishes about itself."""
        return str(entity_descriptor(self.config)).encode()

    def take_request(self, onward: Onward, **changed: str) -> Any:
        """Verify and read a request for a sign-in, in whichever binding it comes."""
        return self.server.parse_authn_request(*self._received(onward, "SAMLRequest", changed)).message

    def take_logout_request(self, onward: Onward, **changed: str) -> Any:
        """Verify and read a request to sign out."""
        return self.server.parse_logout_request(*self._received(onward, "SAMLRequest", changed)).message

    def _received(self, onward: Onward, parameter: str, changed: Mapping[str, str]) -> tuple[Any, ...]:
        if onward.fields is not None:
            return {**onward.fields, **changed}[parameter], BINDING_HTTP_POST
        query = {**query_of(onward), **changed}
        signed = (query.get(name) for name in ("RelayState", "SigAlg", "Signature"))
        return query[parameter], BINDING_HTTP_REDIRECT, *signed

    def take_logout_answer(self, onward: Onward) -> Any:
        """Verify and read our answer to a request of its own."""
        parameter = "SAMLResponse"
        value = (onward.fields or query_of(onward))[parameter]
        binding = BINDING_HTTP_REDIRECT if onward.fields is None else BINDING_HTTP_POST
        return self.server.parse_logout_request_response(value, binding).response

    def logout_request(
        self, binding: SAMLBinding, name: str, session: str, relay_state: str
    ) -> UnverifiedResponse:
        """Return what a browser brings when the provider signs somebody out."""
        _, message = self.server.create_logout_request(
            PLACES.single_logout,
            IDP_ID,
            name_id=NameID(text=name),
            session_indexes=[session],
            sign=binding is SAMLBinding.POST,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
        )
        return self._brought(message, binding, "SAMLRequest", relay_state)

    def logout_answer(self, request: Any, binding: SAMLBinding) -> UnverifiedResponse:
        """Return what a browser brings when the provider has signed somebody out as we asked."""
        message = self.server.create_logout_response(
            request,
            [BINDINGS[binding]],
            sign=binding is SAMLBinding.POST,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
        )
        return self._brought(message, binding, "SAMLResponse", "x")

    def _brought(
        self, message: Any, binding: SAMLBinding, parameter: str, relay_state: str
    ) -> UnverifiedResponse:
        if binding is SAMLBinding.POST:
            encoded = b64encode(str(message).encode()).decode()
            return UnverifiedResponse({parameter: encoded, "RelayState": relay_state}, is_posted=True)
        sent = self.server.apply_binding(
            BINDING_HTTP_REDIRECT,
            str(message),
            PLACES.single_logout,
            relay_state,
            response=parameter == "SAMLResponse",
            sign=True,
            sigalg=SIG_RSA_SHA256,
        )
        return UnverifiedResponse({}, urlsplit(dict(sent["headers"])["Location"]).query)

    def sign_in(self, request: Any, relay_state: str | None, **protection: Any) -> UnverifiedResponse:
        """Return what a browser brings from a sign-in of Ada; ``request`` is ``None`` where nobody asked.

        ``protection`` says what is signed and encrypted, in pysaml2's words.
        """
        response = self.server.create_authn_response(
            identity={"mail": ["ada@acme.example"], "givenName": ["Ada"], "ou": ["engines", "tables"]},
            in_response_to=request.id if request is not None else None,
            destination=PLACES.assertion_consumer,
            sp_entity_id=PLACES.saml_metadata,
            name_id=NameID(text="ada-1815", format=NAMEID_FORMAT_PERSISTENT),
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": IDP_ID},
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
            **protection,
        )
        state = {} if relay_state is None else {"RelayState": relay_state}
        return UnverifiedResponse(
            {"SAMLResponse": b64encode(str(response).encode()).decode(), **state}, is_posted=True
        )
