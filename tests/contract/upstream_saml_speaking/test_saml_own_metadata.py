"""Our metadata says what a provider must know of us, the same each time it is asked for."""

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from lxml import etree
from saml2.xml.schema import validate
from tests.contract.upstream_saml_speaking.pysaml_provider import PysamlProvider
from tests.contract.upstream_saml_speaking.speaking import (
    BOTH_SSO,
    NAMES,
    PERSISTENT_FORMAT,
    PLACES,
    a_connection,
    an_upstream,
    credential,
    elliptic,
    text_at,
)

from jitney.errors import UpstreamUnavailable
from jitney.model.saml_connection import SignedPart
from jitney.upstream.saml.signatures import verify_enveloped


def ours(**settings: Any) -> etree._Element:
    return etree.fromstring(an_upstream(a_connection(**settings)).metadata())


def certificates(entity: etree._Element, use: str) -> list[str]:
    """The certificates in a document, as the provider will use them."""
    found: Any = entity.xpath(
        f"md:SPSSODescriptor/md:KeyDescriptor[@use='{use}']//ds:X509Certificate", namespaces=NAMES
    )
    loaded = [x509.load_der_x509_certificate(b64decode(each.text)) for each in found]
    return [each.subject.rfc4514_string() for each in loaded]


@pytest.mark.parametrize(
    "settings",
    [{}, {"credentials": ()}, {"credentials": (elliptic(),)}, {"name_id_format": PERSISTENT_FORMAT}],
    ids=["usual", "without keys", "elliptic", "name"],
)
def test_metadata_is_schema_valid(settings: dict[str, Any]) -> None:
    """SAML Metadata 2.4.4: an independent validator finds nothing wrong with any variant."""
    document = an_upstream(a_connection(**settings)).metadata()
    assert document.startswith(b"<md:EntityDescriptor")
    validate(document.decode())


def test_metadata_names_us_and_our_places() -> None:
    """SAML Metadata 2.4.4: entity id, one place for responses, two for logout, and nothing else."""
    entity = ours()
    role = "md:SPSSODescriptor"
    assert PLACES.saml_metadata == entity.get("entityID")
    assert "urn:us" == ours(service_provider_id="urn:us").get("entityID")
    assert [PLACES.assertion_consumer] == entity.xpath(
        f"{role}/md:AssertionConsumerService/@Location", namespaces=NAMES
    )
    assert text_at(entity, f"{role}/md:AssertionConsumerService/@Binding").endswith("HTTP-POST")
    assert ["HTTP-Redirect", "HTTP-POST"] == [
        each.get("Binding").rpartition(":")[2]
        for each in entity.xpath(f"{role}/md:SingleLogoutService", namespaces=NAMES)
        if each.get("Location") == PLACES.single_logout
    ]


@pytest.mark.parametrize(
    ("settings", "requests_signed", "wants_signed", "places_for_logout"),
    [
        ({}, "true", "true", 2),
        ({"signs_requests": False}, "false", "true", 2),
        ({"credentials": ()}, "false", "true", 0),
        ({"signed": SignedPart.RESPONSE}, "true", "false", 2),
        ({"signed": SignedPart.BOTH}, "true", "true", 2),
    ],
)
def test_metadata_promises_what_the_settings_do(
    settings: dict[str, Any], requests_signed: str, wants_signed: str, places_for_logout: int
) -> None:
    """R-061, R-062: whether we sign and what we want signed; no logout without a key to sign it with."""
    entity = ours(**settings)
    role = entity.find("{*}SPSSODescriptor")
    assert (requests_signed, wants_signed) == (
        role.get("AuthnRequestsSigned"), role.get("WantAssertionsSigned"),
    )  # fmt: skip
    assert places_for_logout == len(role.findall("{*}SingleLogoutService"))


def test_metadata_holds_all_our_keys_in_their_order() -> None:
    """A roll-over: every key signs and decrypts, as far as its kind can; the first is the one that signs now."""
    entity = ours(credentials=(credential("next"), elliptic("jitney"), credential("jitney")))
    assert ["CN=next", "CN=jitney", "CN=jitney"] == certificates(entity, "signing")
    assert ["CN=next", "CN=jitney"] == certificates(entity, "encryption")
    assert b"BEGIN" not in etree.tostring(entity)


def test_metadata_asks_for_the_encryption_that_we_take() -> None:
    """R-069: AES-GCM and RSA-OAEP and nothing else, so that no provider falls back to CBC."""
    methods: Any = ours().xpath("//md:EncryptionMethod/@Algorithm", namespaces=NAMES)
    assert ["aes256-gcm", "aes128-gcm", "rsa-oaep", "rsa-oaep-mgf1p"] == [
        each.rpartition("#")[2] for each in methods
    ]


@pytest.mark.parametrize("key", [credential, elliptic])
def test_metadata_is_the_same_each_time_and_signed(key: Any) -> None:
    """SAML Metadata 3: the same octets while the settings are the same, signed with the first key."""
    upstream = an_upstream(a_connection(credentials=(key(),)))
    document = upstream.metadata()
    assert document == upstream.metadata()
    root = etree.fromstring(document)
    verified = verify_enveloped(
        root, root, certificates=(key().certificate,), sha1_allowed=False, document="metadata"
    )
    assert PLACES.saml_metadata == verified.get("entityID")


def test_metadata_is_the_same_on_every_node_and_another_for_other_settings() -> None:
    """What changes is the id of the document, and it changes with what the document says."""
    assert an_upstream().metadata() == an_upstream().metadata()
    assert ours().get("ID") != ours(name_id_format=PERSISTENT_FORMAT).get("ID")
    assert ours().get("ID") == ours(single_sign_on=BOTH_SSO[:1], force_authn=True).get("ID")


def test_metadata_never_holds_a_private_key() -> None:
    """R-125: what is published holds no octet line of a private key."""
    document = an_upstream().metadata().decode()
    private = credential().private_key.splitlines()[1:-1]
    assert [] == [line for line in private if line in document]
    assert credential().certificate.splitlines()[5] in "\n".join(document.splitlines())


def test_metadata_with_an_unusable_key_is_not_published() -> None:
    """A key that does not fit its certificate would have every request refused over there."""
    spoilt = type(credential())(credential().certificate, credential("idp").private_key)
    with pytest.raises(UpstreamUnavailable) as refused:
        an_upstream(a_connection(credentials=(spoilt,))).metadata()
    assert "saml_credential_unusable" == refused.value.code
    assert an_upstream().metadata()


def test_real_provider_reads_our_metadata(tmp_path: Path) -> None:
    """SAML Metadata 2.4.4: pysaml2 finds our place for responses and our keys."""
    provider = PysamlProvider(tmp_path, an_upstream().metadata())
    known = provider.server.metadata
    places = known.assertion_consumer_service(PLACES.saml_metadata)
    assert [PLACES.assertion_consumer] == [each["location"] for each in places]
    for use in ("signing", "encryption"):
        assert 1 == len(known.certs(PLACES.saml_metadata, "spsso", use))
