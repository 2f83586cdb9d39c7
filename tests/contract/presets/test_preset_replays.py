"""Each preset, filled as an operator fills it, reads that provider's documented answers into the right person.

The answers stand in ``answers/`` with the pages that they were taken from; times, nonces and signatures are new.
The provider's own host names lead to loopback, over TLS: not a letter of what the preset filled in is changed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.contract.presets.filled_connections import connection_of
from tests.contract.presets.loopback_hosts import outgoing_to
from tests.contract.presets.provider_stand_in import ProviderStandIn
from tests.contract.presets.recordings import Recording, cases, recording
from tests.contract.upstream.travelling import BASE_URL, CountingEntropy, StandingClock, query_of
from tests.servers.certificates import TestAuthority

from jitney.errors import UpstreamRejected
from jitney.jose.key_set import parse_key_set
from jitney.jose.signing import SigningKey
from jitney.jose.verifying import verify_signature
from jitney.model.claims import ClaimMapping, MappingTable
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.identity_provider import IdentityProvider
from jitney.provisioning.claim_mapping import Mapped, find_claim, map_claims
from jitney.upstream.presets.loading import load_preset, preset_names
from jitney.upstream.registry import UpstreamRegistry

pytestmark = pytest.mark.anyio

STATE = "state-" + "s" * 37
APPLE_KEY = ec.generate_private_key(ec.SECP256R1())
APPLE_PEM = APPLE_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(Path(tmp_path_factory.mktemp("ca")))


@dataclass
class Trip:
    """One sign-in at a provider of documented answers."""

    provider: ProviderStandIn
    registry: UpstreamRegistry
    idp: IdentityProvider

    async def travel(self) -> FederatedIdentity:
        """There and back again, as the recording says."""
        upstream, recorded = self.registry.find(self.idp), self.provider.recording
        departure = await upstream.begin(None, state=STATE)
        assert recorded.asked_at == departure.location.partition("?")[0]
        self.provider.authorization = query_of(departure.location)
        brought = {"code": "c-1", "state": STATE, **recorded.returned, **(recorded.posted or {})}
        answer = UnverifiedResponse(brought, is_posted=recorded.posted is not None)
        return await upstream.complete(answer, departure.attempt)


@asynccontextmanager
async def trip_to(recorded: Recording, authority: TestAuthority) -> AsyncIterator[Trip]:
    clock = StandingClock()
    secrets = {"private_key": APPLE_PEM} if recorded.written["preset"] == "apple" else {}
    filled = load_preset(recorded.written["preset"]).fill({**recorded.written, **secrets})
    idp = IdentityProvider("idp-1", "acme", "Acme", connection_of(filled), mappings=mappings_of(filled))
    provider = ProviderStandIn(recorded, clock.provider_time())
    async with outgoing_to(provider.application, provider.hosts, authority) as outgoing:
        yield Trip(provider, UpstreamRegistry(outgoing, clock, CountingEntropy(), BASE_URL), idp)


def mappings_of(filled: dict[str, Any]) -> MappingTable:
    """The tables that the preset fills in beside the connection."""
    rows = tuple(ClaimMapping(row["remote"], row["local"]) for row in filled.get("claim", []))
    return MappingTable(rows, user_id_claim=filled.get("user_id_claim"), role_claim=filled.get("role_claim"))


@pytest.mark.parametrize("case", cases())
async def test_documented_answers_become_the_right_person(case: str, authority: TestAuthority) -> None:
    """R-001, R-006, R-052: subject, address with its flag, names and groups are what the provider documents."""
    recorded = recording(case)
    async with trip_to(recorded, authority) as trip:
        identity = await trip.travel()
    expected = recorded.expected
    mapped = map_claims(identity, trip.idp.mappings)
    assert isinstance(mapped, Mapped)
    attributes = {name: values[0] for name, values in mapped.attributes.items()}
    assert ("idp-1", expected["subject"]) == (identity.idp, identity.subject)
    assert expected["verified_email"] == mapped.verified_email
    assert expected["wanted"] == mapped.wanted.text
    assert expected["attributes"] == {name: attributes.get(name) for name in expected["attributes"]}
    assert set() == set(expected.get("absent", [])) & set(attributes)
    role_claim = trip.idp.mappings.role_claim
    roles = find_claim(identity.claims, role_claim) if role_claim else None
    assert expected["roles"] == roles
    assert roles is None or str(role_claim).partition(".")[0] in identity.signed_claims


@pytest.mark.parametrize("case", cases())
async def test_each_provider_is_asked_where_it_says_and_nowhere_else(
    case: str, authority: TestAuthority
) -> None:
    """R-054, R-057: only documented addresses are called; the secret reaches the token endpoint as it wants it."""
    recorded = recording(case)
    async with trip_to(recorded, authority) as trip:
        await trip.travel()
    answered = {url.partition("?")[0] for url in recorded.answers}
    documents = (
        {recorded.discovery["url"], recorded.discovery["document"]["jwks_uri"]}
        if recorded.discovery
        else set()
    )
    assert {recorded.redeemed_at, *answered, *documents} == set(trip.provider.asked)
    assert 1 == trip.provider.asked.count(recorded.redeemed_at)
    if "client_secret" in recorded.written:
        assert recorded.written["client_secret"] == trip.provider.client_secret
    assert "client_secret" not in trip.provider.authorization


def test_every_preset_has_recorded_answers() -> None:
    """Issue 5: a preset is a table plus a test that replays that provider's documented answers."""
    recorded = {recording(case).written["preset"] for case in cases()}
    spoken = {name for name in preset_names() if load_preset(name).type != "saml"}
    assert spoken == recorded
    assert all(recording(case).sources for case in cases())


async def test_apple_is_shown_a_secret_that_we_sign(authority: TestAuthority) -> None:
    """The client secret names team, client and Apple, bears the key's id, and ends within six months."""
    recorded = recording("apple")
    async with trip_to(recorded, authority) as trip:
        await trip.travel()
    public = SigningKey.from_pem(APPLE_PEM.encode(), alg="ES256", kid="ABC123DEFG").public_jwk
    token = verify_signature(
        trip.provider.client_secret,
        key_set=parse_key_set({"keys": [public]}), algorithms=("ES256",), types={"", "jwt"},
    )  # fmt: skip
    claims = token.claims
    assert ("DEF123GHIJ", "com.mytest.app", "https://appleid.apple.com") == (
        claims["iss"], claims["sub"], claims["aud"],
    )  # fmt: skip
    assert "ABC123DEFG" == token.header["kid"]
    lifetime = int(str(claims["exp"])) - int(str(claims["iat"]))
    assert 0 < lifetime <= 15777000
    assert "form_post" == trip.provider.authorization["response_mode"]


async def test_name_that_apple_sends_through_the_browser_is_a_name_and_no_proof(
    authority: TestAuthority,
) -> None:
    """R-052: the form's ``user`` gives names, unsigned; its address is never read, and the token's one stands."""
    async with trip_to(recording("apple"), authority) as trip:
        identity = await trip.travel()
    assert ("Jane", "Appleseed") == (identity.claims["given_name"], identity.claims["family_name"])
    assert set() == {"given_name", "family_name"} & identity.signed_claims
    assert "dpdcnf87nu@privaterelay.appleid.com" == identity.claims["email"]


async def test_linkedin_is_asked_without_pkce_and_its_id_token_is_not_read(authority: TestAuthority) -> None:
    """R-053: it refuses a verifier, and its ID tokens have no nonce; who is here is said by UserInfo alone."""
    async with trip_to(recording("linkedin"), authority) as trip:
        identity = await trip.travel()
    assert set() == {"code_challenge", "nonce"} & set(trip.provider.authorization)
    assert "code_verifier" not in trip.provider.token_form
    assert "782bbtaQ" == identity.subject


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"tid": "22222222-cc22-dd33-ee44-55ff55ff55ff"}, "id_token_tenant_differs"),
        ({"tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee"}, "id_token_issuer_differs"),
        ({"tid": None}, "id_token_tenant_missing"),
        ({"iss": "https://login.microsoftonline.com/{tenantid}/v2.0"}, "id_token_issuer_differs"),
    ],
)
async def test_person_of_another_tenant_of_entra_is_refused(
    change: dict[str, Any], reason: str, authority: TestAuthority
) -> None:
    """R-003: a tenant that is not listed, or an issuer that is not that tenant's; the listed one is let in."""
    honest = recording("microsoft-entra-multi-tenant")
    token = {name: value for name, value in {**honest.id_token, **change}.items() if value is not None}
    async with trip_to(replace(honest, id_token=token), authority) as trip:
        with pytest.raises(UpstreamRejected) as refused:
            await trip.travel()
    assert reason == refused.value.code
    assert not [url for url in trip.provider.asked if "graph.microsoft.com" in url]
    async with trip_to(honest, authority) as trip:
        assert honest.expected["subject"] == (await trip.travel()).subject


@pytest.mark.parametrize(
    "case", ["google", "microsoft-entra", "gitlab", "apple", "yahoo", "okta", "auth0", "keycloak"]
)
async def test_issuer_of_a_preset_is_compared_letter_by_letter(case: str, authority: TestAuthority) -> None:
    """R-051, R-054: a slash more or less is another issuer, in document and token; the true one passes."""
    honest = recording(case)
    issuer = honest.id_token["iss"]
    other = issuer.removesuffix("/") if issuer.endswith("/") else issuer + "/"
    document = {**honest.discovery, "document": {**honest.discovery["document"], "issuer": other}}
    lies = {
        "discovery_issuer_differs": replace(honest, discovery=document),
        "id_token_issuer_differs": replace(honest, id_token={**honest.id_token, "iss": other}),
    }
    for reason, lying in lies.items():
        async with trip_to(lying, authority) as trip:
            with pytest.raises(UpstreamRejected) as refused:
                await trip.travel()
        assert reason == refused.value.code
    async with trip_to(honest, authority) as trip:
        assert honest.expected["subject"] == (await trip.travel()).subject
