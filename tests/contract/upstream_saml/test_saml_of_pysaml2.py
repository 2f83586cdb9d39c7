"""Responses that pysaml2 makes and xmlsec1 signs: an independent maker is understood, and its forgeries refused."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA1, DIGEST_SHA256, SIG_RSA_SHA1, SIG_RSA_SHA256, SIG_RSA_SHA512
from tests.contract.upstream_saml.saml_messages import (
    ACS,
    ATTEMPT,
    IDP,
    PASSWORD,
    REQUEST_ID,
    US,
    expected,
    pair,
    read,
    refusal_of,
)

from jitney.upstream.saml.expected import ExpectedResponse

OURS = f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{US}">
  <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>
    {"".join(pair("ours").certificate.splitlines()[1:-1])}
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
      Location="{ACS}" index="0"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    folder: Path = tmp_path_factory.mktemp("pysaml2")
    (folder / "key.pem").write_text(pair("idp").pem)
    (folder / "certificate.pem").write_text(pair("idp").certificate)
    config = IdPConfig().load(
        {
            "entityid": IDP,
            "xmlsec_binary": "/usr/bin/xmlsec1",
            "key_file": str(folder / "key.pem"),
            "cert_file": str(folder / "certificate.pem"),
            "metadata": {"inline": [OURS]},
            "service": {"idp": {"endpoints": {}, "name_id_format": [NAMEID_FORMAT_PERSISTENT]}},
        }
    )
    return Server(config=config)


def made_by(server: Server, **protection: Any) -> str:
    signing = {"sign_alg": SIG_RSA_SHA256, "digest_alg": DIGEST_SHA256, **protection}
    return str(
        server.create_authn_response(
            identity={"mail": ["ada@acme.example"], "ou": ["engines", "tables, and charts"]},
            in_response_to=REQUEST_ID,
            destination=ACS,
            sp_entity_id=US,
            name_id=NameID(text="ada-7f", format=NAMEID_FORMAT_PERSISTENT, sp_name_qualifier=US),
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": IDP},
            **signing,
        )
    )


def now(**changes: Any) -> ExpectedResponse:
    """Return what is expected today: pysaml2 has no other clock."""
    return expected(ATTEMPT, datetime.now(UTC), **changes)


@pytest.mark.parametrize(
    "protection",
    [
        {"sign_response": False, "sign_assertion": True},
        {"sign_response": True, "sign_assertion": False},
        {"sign_response": True, "sign_assertion": True},
        {"sign_response": True, "sign_assertion": True, "sign_alg": SIG_RSA_SHA512},
    ],
)
def test_response_of_another_maker_is_read(server: Server, protection: dict[str, Any]) -> None:
    """R-061, R-062: what xmlsec1 signs, ours verifies; with a word changed it does not."""
    message = made_by(server, **protection)
    identity = read(message, now())
    assert ("ada-7f", PASSWORD) == (identity.subject, identity.acr)
    assert {
        "urn:oid:0.9.2342.19200300.100.1.3": "ada@acme.example",
        "urn:oid:2.5.4.11": ["engines", "tables, and charts"],
        "name_id": "ada-7f",
    } == identity.claims
    assert refusal_of(message.replace("ada-7f", "root-1"), now()).endswith("_bad_signature")


def test_unsigned_response_of_another_maker_is_refused(server: Server) -> None:
    """R-062: the same response without a signature is refused; with one it is taken."""
    unsigned = made_by(server, sign_response=False, sign_assertion=False)
    assert "saml_assertion_unsigned" == refusal_of(unsigned, now())
    assert "ada-7f" == read(made_by(server, sign_response=True, sign_assertion=False), now()).subject


def test_sha1_of_another_maker_needs_the_setting(server: Server) -> None:
    """R-061: RSA with SHA-1 as xmlsec1 makes it is taken where an operator said so, and nowhere else."""
    message = made_by(
        server, sign_response=False, sign_assertion=True, sign_alg=SIG_RSA_SHA1, digest_alg=DIGEST_SHA1
    )
    assert "saml_assertion_algorithm_not_allowed" == refusal_of(message, now())
    assert "ada-7f" == read(message, now(sha1_allowed_risky=True)).subject


def test_weak_encryption_of_another_maker_is_refused(server: Server) -> None:
    """R-069: pysaml2 encrypts with triple DES in CBC mode, which we open for nobody; in the clear it is read."""
    protection = {"sign_response": True, "sign_assertion": True}
    sealed = made_by(server, **protection, encrypt_assertion=True, encrypted_advice_attributes=False)
    assert "saml_assertion_encryption_algorithm_not_allowed" == refusal_of(sealed, now())
    assert "ada-7f" == read(made_by(server, **protection), now()).subject
