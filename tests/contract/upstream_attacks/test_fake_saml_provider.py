"""The fake SAML provider tells the truth as others read it, and its lies are such that a naive reader believes."""

import base64
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import xmlsec
from lxml import etree
from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig
from signxml.verifier import SignatureConfiguration, XMLVerifier
from tests.contract.upstream_attacks.saml_house import ENTITY_ID, OURS

from jitney.testing.fake_saml.keys import KeyPair, ec_key, rsa_key
from jitney.testing.fake_saml.lies import Stage
from jitney.testing.fake_saml.names import NS
from jitney.testing.fake_saml_provider import (
    LIES,
    Asked,
    Document,
    FakeSAMLProvider,
    Habits,
    Kind,
    Part,
    lies_about,
    read_departure,
)

pytestmark = pytest.mark.anyio

CONSUMER = "https://shop.example/saml/acs"
ASKED = Asked("_request", CONSUMER, "https://shop.example/saml", "a-relay-state")
VALID_TO_NAIVE_READERS = [
    "key_of_another_provider", "canonicalized_with_comments", "canonicalized_inclusively", "transform_by_path",
    "rsa_sha1", "digest_by_sha1", "dsa", "signed_info_with_comments",
]  # fmt: skip
WITHOUT_A_KEY = [name for name, lie in lies_about(Document.RESPONSE).items() if lie.stage is Stage.SEALED]


@pytest.fixture
def provider() -> FakeSAMLProvider:
    return FakeSAMLProvider(ENTITY_ID, receiver=OURS.certificate, logout_at="https://shop.example/slo")


def octets_of(provider: FakeSAMLProvider, **making: Any) -> bytes:
    return base64.b64decode(provider.respond(ASKED, **making).parameters["SAMLResponse"])


def xmlsec_verifies(octets: bytes, key: xmlsec.Key, path: str) -> bool:
    """Whether the library believes the signature at this path, in whatever way that names."""
    root = etree.fromstring(octets)
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = key
    try:
        context.verify(root.xpath(path, namespaces=NS)[0])
    except xmlsec.Error:
        return False
    return True


def certificate_of(pair: KeyPair) -> xmlsec.Key:
    return xmlsec.Key.from_memory(pair.certificate, xmlsec.KeyFormat.CERT_PEM)


@pytest.mark.parametrize("pair", [rsa_key("the provider"), ec_key("second key")], ids=["RSA", "ECDSA"])
def test_two_libraries_believe_an_honest_response(provider: FakeSAMLProvider, pair: KeyPair) -> None:
    """XML Signature: both signatures hold for xmlsec and for signxml, and a stranger's key verifies neither."""
    octets = octets_of(provider, habits=Habits(signs=Part.BOTH, key=pair))
    paths = ["/samlp:Response/ds:Signature", "/samlp:Response/saml:Assertion/ds:Signature"]
    assert [True, True] == [xmlsec_verifies(octets, certificate_of(pair), path) for path in paths]
    stranger = certificate_of(rsa_key("stranger"))
    assert [False, False] == [xmlsec_verifies(octets, stranger, path) for path in paths]
    result = XMLVerifier().verify(
        octets, x509_cert=pair.certificate, expect_config=SignatureConfiguration(location="./")
    )
    assert b"acme-ada" in result.signed_data


@pytest.mark.parametrize("kind", [Kind.ASSERTION, Kind.NAME], ids=["assertion", "name"])
def test_library_opens_what_is_encrypted_for_it(provider: FakeSAMLProvider, kind: Kind) -> None:
    """XML Encryption: xmlsec opens it with the receiver's key, and finds who it is about."""
    root = etree.fromstring(octets_of(provider, habits=Habits(encrypts=kind)))
    assert b"acme-ada" not in etree.tostring(root)
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(OURS.private_pem, xmlsec.KeyFormat.PEM))
    data = root.xpath("//xenc:EncryptedData", namespaces=NS)[0]
    assert b"acme-ada" in etree.tostring(xmlsec.EncryptionContext(manager).decrypt(data))


def test_pysaml2_signs_in_with_it(tmp_path: Path) -> None:
    """SAML Profiles 4.1: an independent service provider imports the metadata and believes the response."""
    provider = FakeSAMLProvider(ENTITY_ID)
    metadata = tmp_path / "idp.xml"
    metadata.write_bytes(provider.metadata())
    config = SPConfig().load(
        {
            "entityid": ASKED.service_provider,
            "xmlsec_binary": shutil.which("xmlsec1"),
            "metadata": {"local": [str(metadata)]},
            "service": {
                "sp": {
                    "endpoints": {"assertion_consumer_service": [(CONSUMER, BINDING_HTTP_POST)]},
                    "want_assertions_signed": True,
                    "want_response_signed": False,
                }
            },
        }
    )
    sent = provider.respond(ASKED)
    client = Saml2Client(config)
    answer = client.parse_authn_request_response(
        sent.parameters["SAMLResponse"], BINDING_HTTP_POST, outstanding={"_request": "/"}
    )
    assert ("acme-ada", ["Ada"]) == (answer.name_id.text, answer.ava["givenName"])


@pytest.mark.parametrize("lie", VALID_TO_NAIVE_READERS)
def test_lie_is_sharp(provider: FakeSAMLProvider, lie: str) -> None:
    """A lie about algorithms is valid to a library that does what the signature says, with the key that made it."""
    octets = octets_of(provider, lie=lie)
    signer = etree.fromstring(octets).xpath("string(//ds:X509Certificate)", namespaces=NS)
    pem = f"-----BEGIN CERTIFICATE-----\n{signer}\n-----END CERTIFICATE-----\n"
    key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.CERT_PEM)
    assert xmlsec_verifies(octets, key, "//ds:Signature")


@pytest.mark.parametrize(
    "lie", [name for name, lie in lies_about(Document.RESPONSE).items() if lie.stage.name == "SEALED"]
)
def test_wrapped_message_still_holds_what_was_signed(provider: FakeSAMLProvider, lie: str) -> None:
    """Each lie of somebody without a key changes the message, and none of them needs another signature."""
    octets = octets_of(provider, lie=lie)
    assert octets != octets_of(provider, habits=LIES[lie].habits)
    assert etree.fromstring(octets).tag.endswith("Response")


def test_every_lie_says_what_it_does() -> None:
    """A lie's sentence is its documentation: it is there, and ends like a sentence."""
    assert [] == [name for name, lie in LIES.items() if not lie.sentence.splitlines()[0].endswith((".", ":"))]


async def test_application_answers_by_a_form_that_posts_itself() -> None:
    """SAML Bindings 3.5: a browser that comes with a request leaves with a response for the right place."""
    provider = FakeSAMLProvider(ENTITY_ID)
    provider.lie_next("expired")
    transport = httpx.ASGITransport(provider.application())
    request = base64.b64encode(
        b'<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0" '
        b'AssertionConsumerServiceURL="https://shop.example/saml/acs"><saml:Issuer xmlns:saml='
        b'"urn:oasis:names:tc:SAML:2.0:assertion">https://shop.example</saml:Issuer></samlp:AuthnRequest>'
    ).decode()
    async with httpx.AsyncClient(transport=transport, base_url="https://idp.acme.example") as browser:
        page = await browser.post("/sso", data={"SAMLRequest": request, "RelayState": "theirs"})
        nonsense = await browser.post("/sso", data={"SAMLRequest": "?"})
    assert ("_1", CONSUMER, "theirs") == (
        provider.asked[0].id, provider.asked[0].consumer, provider.asked[0].relay_state,
    )  # fmt: skip
    assert 'action="https://shop.example/saml/acs"' in page.text
    assert 'name="RelayState" value="theirs"' in page.text
    assert 400 == nonsense.status_code


async def test_provider_stands_on_a_port_of_its_own() -> None:
    """SAML Metadata: the document says where the provider is found, and it is found there."""
    async with FakeSAMLProvider() as provider, aiohttp.ClientSession() as browser:
        async with browser.get(f"{provider.base}/metadata") as answer:
            document = etree.fromstring(await answer.read())
        place = document.xpath("string(//md:SingleSignOnService/@Location)", namespaces=NS)
        async with browser.get(place) as answer:
            assert 400 == answer.status
    assert (f"{provider.base}/metadata", f"{provider.base}/sso") == (document.get("entityID"), place)


def test_process_says_that_it_is_ready() -> None:
    """As a process of its own it is started with one command, and says where it stands."""
    command = [sys.executable, "-m", "jitney.testing.fake_saml_provider", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "--logout-at" in told


def test_request_of_nobody_is_unreadable() -> None:
    """A departure without a request is refused where it is read."""
    with pytest.raises(ValueError, match="SAMLRequest"):
        read_departure("https://idp.acme.example/sso", None)
