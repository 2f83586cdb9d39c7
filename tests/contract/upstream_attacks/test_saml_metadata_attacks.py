"""Metadata name the keys that sign everybody in: they are whole, in force, and signed where that is pinned."""

from datetime import datetime, timedelta

import pytest
from tests.attack_summary import ACCEPTED, AttackRow, Tell
from tests.contract.upstream_attacks.saml_house import ENTITY_ID, told_by

from jitney.administration.providers.saml_connection_rules import SAMLSurroundings, find_saml_faults
from jitney.administration.providers.saml_imports import with_metadata
from jitney.errors import InvalidInput
from jitney.model.saml_connection import SAMLConnection, SAMLMetadata
from jitney.outgoing.client import OutgoingClient
from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml.lies import Stage
from jitney.testing.fake_saml_provider import LIES, Document, FakeSAMLProvider, lies_about
from jitney.testing.standing_clock import NOON
from jitney.upstream.saml.source import SAMLMetadataSource

pytestmark = pytest.mark.anyio

METADATA = Document.METADATA.value
PIN = rsa_key("the federation")

REFUSED: dict[str, str] = {
    "metadata_expired": "saml_metadata_expired",
    "metadata_valid_until_words": "saml_metadata_time_malformed",
    "metadata_role_expired": "saml_metadata_expired",
    "metadata_of_another": "saml_metadata_of_another",
    "metadata_doubled": "saml_metadata_entity_repeated",
    "metadata_role_doubled": "saml_metadata_role_repeated",
    "metadata_of_service_provider": "saml_metadata_no_identity_provider",
    "metadata_of_saml_1": "saml_metadata_no_identity_provider",
    "metadata_without_certificate": "saml_metadata_key_missing",
    "metadata_with_key_for_encryption_only": "saml_metadata_key_missing",
    "metadata_with_broken_certificate": "saml_metadata_key_malformed",
    "metadata_without_sign_on": "saml_metadata_schema_invalid",
    "metadata_unsigned": "saml_metadata_unsigned",
    "metadata_by_stranger": "saml_metadata_bad_signature",
    "metadata_by_sha1": "saml_metadata_algorithm_not_allowed",
    "metadata_altered": "saml_metadata_bad_signature",
    "metadata_wrapped": "saml_metadata_signature_malformed",
    "metadata_grouped_with_forgery": "saml_metadata_entity_repeated",
    "metadata_in_extension_of_forgery": "saml_metadata_unsigned",
    "metadata_with_doctype": "saml_metadata_doctype",
    "metadata_with_file": "saml_metadata_doctype",
    "metadata_laughs": "saml_metadata_doctype",
    "metadata_instruction": "saml_metadata_processing_instruction",
    "metadata_utf16": "saml_metadata_malformed",
    "metadata_huge": "saml_metadata_too_large",
    "metadata_is_a_page": "saml_metadata_wrong_root",
    "metadata_is_empty": "saml_metadata_malformed",
    "metadata_cut_off": "saml_metadata_malformed",
}
"""Lies about metadata whose signer is pinned, and the reason for which each is refused."""

REFUSED_WHERE_NOT_PINNED = {
    lie: reason for lie, reason in REFUSED.items() if LIES[lie].stage in (Stage.TREE, Stage.OCTETS)
}
"""Those that have nothing to do with the signature, told where nothing is pinned."""

REFUSED_AS_SETTINGS = {"metadata_over_http": "single_sign_on", "metadata_of_script": "single_sign_on"}
"""Lies that a document may tell, and that make settings which no operator can keep: by the field at fault."""

ODDITIES = [name for name, lie in lies_about(Document.METADATA).items() if lie.is_harmless]


@pytest.fixture
def provider() -> FakeSAMLProvider:
    provider = FakeSAMLProvider(ENTITY_ID, now=NOON.timestamp)
    provider.metadata_key = PIN
    return provider


@pytest.fixture
def source(outgoing: OutgoingClient) -> SAMLMetadataSource:
    return SAMLMetadataSource(outgoing)


def read(
    source: SAMLMetadataSource, document: bytes, *, pinned: bool = True, now: datetime = NOON
) -> tuple[str, SAMLMetadata | InvalidInput]:
    """What comes of a document: a reason code, or ``accepted``; and what it said."""
    certificates = (PIN.certificate,) if pinned else ()
    try:
        said = source.read_metadata(document, entity_id=ENTITY_ID, certificates=certificates, now=now)
    except InvalidInput as refused:
        return refused.code, refused
    return ACCEPTED, said


def faults_of(said: SAMLMetadata) -> list[str]:
    """The fields of a connection, made from what was read, that no operator can keep so."""
    surroundings = SAMLSurroundings(lambda _: {}, lambda _: None, NOON)
    connection = with_metadata(SAMLConnection(ENTITY_ID), said, checked=None)
    return sorted({field for field, _ in find_saml_faults(connection, surroundings, http_allowed=False)})


def test_every_lie_about_metadata_has_its_row() -> None:
    """R-070: a lie that the fake provider learns must be added to the tables, with its reason."""
    harmful = {name for name, lie in lies_about(Document.METADATA).items() if not lie.is_harmless}
    assert harmful == set(REFUSED) | set(REFUSED_AS_SETTINGS)


@pytest.mark.parametrize(("lie", "reason"), REFUSED.items(), ids=REFUSED.keys())
async def test_false_metadata_are_refused_for_their_reason(
    provider: FakeSAMLProvider, source: SAMLMetadataSource, tell: Tell, lie: str, reason: str
) -> None:
    """R-058, R-061, R-070: each lie ends in its code; the honest twin names the provider and its key."""
    verdict, refused = read(source, provider.metadata(lie=lie))
    twin, said = read(source, provider.metadata())
    tell(AttackRow(METADATA, lie, reason, verdict, twin))
    assert (reason, ACCEPTED) == (verdict, twin)
    assert isinstance(said, SAMLMetadata)
    assert (ENTITY_ID, (provider.certificate,)) == (said.entity_id, said.signing_certificates)
    assert isinstance(refused, InvalidInput)
    assert [] == told_by(refused)


@pytest.mark.parametrize(
    ("lie", "reason"), REFUSED_WHERE_NOT_PINNED.items(), ids=REFUSED_WHERE_NOT_PINNED.keys()
)
async def test_false_metadata_are_refused_without_a_pin_too(
    provider: FakeSAMLProvider, source: SAMLMetadataSource, tell: Tell, lie: str, reason: str
) -> None:
    """R-058, R-070: what is doubled, another's or over is refused also where nobody's signature is asked for."""
    provider.metadata_key = None
    verdict, _ = read(source, provider.metadata(lie=lie), pinned=False)
    twin, _ = read(source, provider.metadata(), pinned=False)
    tell(AttackRow(METADATA, f"{lie}, nothing pinned", reason, verdict, twin))
    assert (reason, ACCEPTED) == (verdict, twin)


@pytest.mark.parametrize(("lie", "field"), REFUSED_AS_SETTINGS.items(), ids=REFUSED_AS_SETTINGS.keys())
async def test_places_that_are_not_https_make_no_settings(
    provider: FakeSAMLProvider, source: SAMLMetadataSource, tell: Tell, lie: str, field: str
) -> None:
    """R-054, R-075: places that are not https, or are scripts, are read and never kept; the twin's are."""
    _, lied = read(source, provider.metadata(lie=lie))
    twin, said = read(source, provider.metadata())
    faults = faults_of(lied) if isinstance(lied, SAMLMetadata) else []
    verdict = f"field {faults[0]}" if faults else ACCEPTED
    tell(AttackRow(METADATA, lie, f"field {field}", verdict, twin))
    assert isinstance(said, SAMLMetadata)
    assert ([field], []) == (faults, faults_of(said))


@pytest.mark.parametrize("oddity", ODDITIES)
async def test_odd_metadata_are_read(
    provider: FakeSAMLProvider, source: SAMLMetadataSource, tell: Tell, oddity: str
) -> None:
    """R-070: what is odd and true is read, and says the same as its plain twin."""
    verdict, odd = read(source, provider.metadata(lie=oddity))
    twin, said = read(source, provider.metadata())
    tell(AttackRow(METADATA, oddity, ACCEPTED, verdict, twin))
    assert said == odd


async def test_metadata_end_on_the_second(
    provider: FakeSAMLProvider, source: SAMLMetadataSource, tell: Tell
) -> None:
    """R-070: a document is in force until its last second and not a second longer, without any tolerance."""
    document, end = provider.metadata(), NOON + timedelta(days=14)
    verdict, _ = read(source, document, now=end)
    twin, _ = read(source, document, now=end - timedelta(seconds=1))
    tell(AttackRow(METADATA, "read when it ended", "saml_metadata_expired", verdict, twin))
    assert ("saml_metadata_expired", ACCEPTED) == (verdict, twin)
