"""A trial of a SAML provider: its metadata, certificates and endpoints, and what it must know of us."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.contract.upstream.travelling import BASE_URL, StandingClock
from tests.contract.upstream_trials.trying import findings, first, said, tried

from jitney.model.diagnosis import Finding
from jitney.model.saml_connection import MetadataState, SAMLBinding, SAMLConnection, SAMLEndpoint
from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml_provider import FakeSAMLProvider

pytestmark = pytest.mark.anyio


@pytest.fixture
async def provider() -> AsyncIterator[FakeSAMLProvider]:
    async with FakeSAMLProvider() as provider:
        provider.metadata_key = rsa_key("the federation")
        yield provider


@pytest.fixture
def connection(provider: FakeSAMLProvider) -> SAMLConnection:
    key = provider.metadata_key
    assert key is not None
    return SAMLConnection(
        provider.entity_id,
        metadata_url=f"{provider.base}/metadata",
        metadata_certificates=(key.certificate,),
    )


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(datetime.now(UTC))


async def test_sound_provider_is_good_in_every_step(
    provider: FakeSAMLProvider, connection: SAMLConnection, clock: StandingClock
) -> None:
    """Test connection: metadata, entity id, certificates and endpoints are found, before anything is kept."""
    diagnosis = await tried(connection, provider.base, clock=clock)
    names = ["metadata", "entity", "certificates", "endpoints", "endpoints", "requests", "registration"]
    assert [(name, Finding.GOOD) for name in names] == findings(diagnosis)
    told = said(diagnosis)
    for part in (
        provider.entity_id,
        "RSA 2048",
        f"{BASE_URL}/saml/acme/metadata",
        f"{BASE_URL}/saml/acme/acs",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"entity_id": "https://somebody.example"}, "saml_metadata_of_another"),
        ({"metadata_certificates": (rsa_key("a stranger").certificate,)}, "saml_metadata_bad_signature"),
    ],
)
async def test_metadata_of_somebody_else_are_bad(
    provider: FakeSAMLProvider, connection: SAMLConnection, clock: StandingClock, change: Any, code: str
) -> None:
    """R-070: metadata of another entity, or under another key, end the trial with what to do, and our addresses."""
    diagnosis = await tried(replace(connection, **change), provider.base, clock=clock)
    bad = first(diagnosis, Finding.BAD)
    assert ("metadata", code) == (bad.name, bad.code)
    assert [("requests", Finding.NOT_TRIED), ("registration", Finding.GOOD)] == findings(diagnosis)[-2:]
    assert f"{BASE_URL}/saml/acme/acs" in diagnosis.steps[-1].sentence
    assert (await tried(connection, provider.base, clock=clock)).is_good


async def test_unpinned_metadata_are_doubtful(
    provider: FakeSAMLProvider, connection: SAMLConnection, clock: StandingClock
) -> None:
    """Metadata that are believed because of their address alone are told, and keep nobody out."""
    diagnosis = await tried(replace(connection, metadata_certificates=()), provider.base, clock=clock)
    doubtful = first(diagnosis, Finding.DOUBTFUL)
    assert ("metadata", "provider_metadata_not_pinned", True) == (
        doubtful.name,
        doubtful.code,
        diagnosis.is_good,
    )


async def test_certificates_speak_of_their_end(
    provider: FakeSAMLProvider, connection: SAMLConnection, clock: StandingClock
) -> None:
    """R-061: a certificate that has expired is told, and one that will within 30 days."""
    kept = replace(
        connection,
        metadata_url=None,
        single_sign_on=(SAMLEndpoint(SAMLBinding.REDIRECT, f"{provider.base}/sso"),),
        signing_certificates=(provider.certificate,),
    )
    assert (await tried(kept, provider.base, clock=clock)).is_good
    clock.time += timedelta(days=365 * 200)
    doubtful = first(await tried(kept, provider.base, clock=clock), Finding.DOUBTFUL)
    assert ("certificates", "provider_certificate_expired") == (doubtful.name, doubtful.code)


async def test_metadata_from_a_file_speak_of_their_end(
    provider: FakeSAMLProvider, connection: SAMLConnection, clock: StandingClock
) -> None:
    """Metadata that came from a file and end some day are told, and are bad when that day has come."""
    kept = replace(
        connection,
        metadata_url=None,
        metadata=MetadataState(valid_until=clock.time + timedelta(days=7)),
        single_sign_on=(SAMLEndpoint(SAMLBinding.REDIRECT, f"{provider.base}/sso"),),
        signing_certificates=(provider.certificate,),
    )
    diagnosis = await tried(kept, provider.base, clock=clock)
    assert (True, "provider_metadata_will_expire") == (diagnosis.is_good, diagnosis.steps[0].code)
    clock.time += timedelta(days=7)
    assert "saml_metadata_expired" == first(await tried(kept, provider.base, clock=clock), Finding.BAD).code


async def test_binding_that_is_not_offered_is_bad(
    provider: FakeSAMLProvider, connection: SAMLConnection, clock: StandingClock
) -> None:
    """Requests that would travel in a way that the provider does not take are found, with the ways that it does."""
    kept = replace(
        connection,
        metadata_url=None,
        single_sign_on=(SAMLEndpoint(SAMLBinding.POST, f"{provider.base}/sso"),),
        signing_certificates=(provider.certificate,),
    )
    bad = first(await tried(kept, provider.base, clock=clock), Finding.BAD)
    assert ("endpoints", "provider_binding_not_offered") == (bad.name, bad.code)
    posted = replace(kept, request_binding=SAMLBinding.POST)
    assert (await tried(posted, provider.base, clock=clock)).is_good


async def test_new_key_at_the_provider_is_told(
    provider: FakeSAMLProvider, connection: SAMLConnection, clock: StandingClock
) -> None:
    """R-061: where the provider publishes another certificate than is kept, the trial says how to take it over."""
    kept = replace(connection, signing_certificates=(rsa_key("the old one").certificate,))
    diagnosis = await tried(kept, provider.base, clock=clock)
    doubtful = first(diagnosis, Finding.DOUBTFUL)
    assert ("entity", "provider_metadata_changed") == (doubtful.name, doubtful.code)
    assert "signing_certificates" in doubtful.sentence
