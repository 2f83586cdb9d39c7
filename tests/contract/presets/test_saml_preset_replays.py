"""Each SAML preset reads that provider's documented metadata and attributes into the right person.

The metadata documents in ``answers/saml/`` have the parts that the providers document, not only SAML's;
certificates, times and signatures are made new.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.presets.filled_connections import connection_of
from tests.contract.presets.metadata_stand_in import metadata_at
from tests.contract.presets.recordings import ANSWERS
from tests.contract.presets.test_preset_replays import STATE, mappings_of
from tests.contract.upstream.travelling import BASE_URL, CountingEntropy, StandingClock
from tests.servers.certificates import TestAuthority

from jitney.administration.providers.saml_imports import with_metadata
from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.outgoing.client import OutgoingClient
from jitney.provisioning.claim_mapping import Mapped, find_claim, map_claims
from jitney.testing.fake_oidc.people import KNOWN_PEOPLE
from jitney.testing.fake_saml.documents import as_octets, found, response_of
from jitney.testing.fake_saml.facts import Asked, Attribute, NameID, honest_response
from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml.seals import seal_with
from jitney.testing.fake_saml.travel import posted
from jitney.upstream.presets.loading import load_preset, preset_names
from jitney.upstream.registry import UpstreamRegistry
from jitney.upstream.saml.source import SAMLMetadataSource

pytestmark = pytest.mark.anyio

FOLDER = ANSWERS / "saml"
KEY = rsa_key("the provider")
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(Path(tmp_path_factory.mktemp("ca")))


@dataclass
class SAMLTrip:
    """One sign-in at a SAML provider of documented answers."""

    recorded: dict[str, Any]
    registry: UpstreamRegistry
    idp: IdentityProvider
    clock: StandingClock

    async def travel(self) -> FederatedIdentity:
        """There and back again, as the recording says."""
        upstream = self.registry.find(self.idp)
        departure = await upstream.begin(None, state=STATE)
        assert self.recorded["sent_to"] == departure.location.partition("?")[0]
        places = self.registry.places_of(self.idp)
        asked = Asked(departure.attempt.request_id, places.assertion_consumer, places.saml_metadata, STATE)
        sent = posted(self._response(asked), name="SAMLResponse", relay_state=STATE)
        return await upstream.complete(UnverifiedResponse(sent.parameters, is_posted=True), departure.attempt)

    def _response(self, asked: Asked) -> bytes:
        connection = self.idp.connection
        assert isinstance(connection, SAMLConnection)
        facts = honest_response(KNOWN_PEOPLE[0], asked, issuer=connection.entity_id, now=self.clock.now())
        name = {
            key: asked.service_provider if one == "OURS" else one
            for key, one in self.recorded["name_id"].items()
        }
        root = response_of(
            facts.asserting(
                name_id=NameID(**name),
                context=self.recorded["context"],
                attributes=tuple(
                    Attribute(each, tuple(values)) for each, values in self.recorded["attributes"].items()
                ),
            )
        )
        if "assertion" in self.recorded["signs"]:
            seal_with(KEY).put_on(found(root, "saml:Assertion"))
        if "response" in self.recorded["signs"]:
            seal_with(KEY).put_on(root)
        return as_octets(root)


@asynccontextmanager
async def trip_to(recorded: dict[str, Any], case: str, authority: TestAuthority) -> AsyncIterator[SAMLTrip]:
    """Import the provider's metadata as the settings say, and be ready to go there."""
    clock = StandingClock()
    filled = load_preset(recorded["written"]["preset"]).fill(recorded["written"])
    connection = connection_of(filled)
    assert isinstance(connection, SAMLConnection)
    document = (FOLDER / f"{case}.xml").read_text().replace("CERTIFICATE", KEY.certificate_base64).encode()
    async with metadata_at(str(connection.metadata_url), document, authority) as outgoing:
        source = SAMLMetadataSource(outgoing)
        fetched = await source.fetch_metadata(str(connection.metadata_url))
    known = source.read_metadata(
        fetched, entity_id=connection.entity_id or None, certificates=(), now=clock.now()
    )
    ours = source.make_credential("jitney", now=clock.now())
    connection = with_metadata(replace(connection, credentials=(ours,)), known, checked=clock.now())
    idp = IdentityProvider("idp-1", "acme", "Acme", connection, mappings=mappings_of(filled))
    registry = UpstreamRegistry(OutgoingClient(), clock, CountingEntropy(), BASE_URL)
    yield SAMLTrip(recorded, registry, idp, clock)


def recorded_of(case: str) -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads((FOLDER / f"{case}.json").read_text())
    return recorded


@pytest.mark.parametrize("case", CASES)
async def test_documented_assertion_becomes_the_right_person(case: str, authority: TestAuthority) -> None:
    """R-001, R-006: subject, address, names and groups are what the provider documents; no address is verified."""
    recorded = recorded_of(case)
    async with trip_to(recorded, case, authority) as trip:
        identity = await trip.travel()
    expected = recorded["expected"]
    mapped = map_claims(identity, trip.idp.mappings)
    assert isinstance(mapped, Mapped)
    attributes = {name: values[0] for name, values in mapped.attributes.items()}
    assert expected["subject"] == identity.subject
    assert (expected["wanted"], None) == (mapped.wanted.text, mapped.verified_email)
    assert expected["attributes"] == {name: attributes.get(name) for name in expected["attributes"]}
    role_claim = trip.idp.mappings.role_claim
    assert expected["roles"] == (find_claim(identity.claims, role_claim) if role_claim else None)


def test_every_saml_preset_has_recorded_answers() -> None:
    """Issue 5: a preset is a table plus a test that replays that provider's documented answers."""
    spoken = {name for name in preset_names() if load_preset(name).type == "saml"}
    assert spoken == set(CASES)
    assert all(recorded_of(case)["sources"] for case in CASES)


@pytest.mark.parametrize(
    ("case", "change", "reason"),
    [
        (
            "adfs-saml",
            {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
            "saml_name_id_transient",
        ),
        (
            "okta-saml",
            {"format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"},
            "saml_name_id_mutable",
        ),
        (
            "simplesamlphp",
            {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
            "saml_name_id_transient",
        ),
    ],
)
async def test_provider_that_was_not_set_up_for_a_lasting_name_is_refused(
    case: str, change: dict[str, str], reason: str, authority: TestAuthority
) -> None:
    """R-002: the NameID that these providers send unless told otherwise is no subject; the one of the page is."""
    honest = recorded_of(case)
    careless = {**honest, "name_id": {**honest["name_id"], **change}}
    async with trip_to(careless, case, authority) as trip:
        with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
            await trip.travel()
    assert reason == refused.value.code
    async with trip_to(honest, case, authority) as trip:
        assert honest["expected"]["subject"] == (await trip.travel()).subject


@pytest.mark.parametrize("case", ["entra-saml", "shibboleth"])
async def test_subject_is_the_attribute_and_never_the_name_beside_it(
    case: str, authority: TestAuthority
) -> None:
    """R-001: where the preset names an attribute, an assertion without it signs in nobody, whatever its NameID."""
    honest = recorded_of(case)
    name = str(load_preset(case).identity_provider["subject_attribute"])
    without = {key: values for key, values in honest["attributes"].items() if key != name}
    async with trip_to({**honest, "attributes": without}, case, authority) as trip:
        with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
            await trip.travel()
    assert "saml_attribute_subject_missing" == refused.value.code
    async with trip_to(honest, case, authority) as trip:
        assert honest["attributes"][name] == [(await trip.travel()).subject]
