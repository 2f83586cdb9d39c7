"""Of a multi-tenant issuer, people come from the tenants on the list, and the tenant is part of who they are."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from tests.contract.upstream.test_logout_token import HONEST as HONEST_LOGOUT
from tests.contract.upstream.test_logout_token import KEY
from tests.contract.upstream.travelling import (
    BASE_URL,
    CLIENT_ID,
    CLIENT_SECRET,
    NOON,
    REDIRECT_URI,
    CountingEntropy,
    StandingClock,
    Traveller,
)

from jitney.errors import UpstreamRejected
from jitney.jose.key_set import parse_key_set
from jitney.jose.signing import sign
from jitney.jose.verifying import LOGOUT_TOKEN_TYPES, verify_signature
from jitney.model.connection import OIDCConnection, TokenEndpointAuth
from jitney.model.identity_provider import IdentityProvider
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import HostPort
from jitney.ports import EndedUpstream
from jitney.testing.fake_oidc_provider import (
    FakeOIDCProvider,
    Habits,
    Lie,
    Place,
    RegisteredClient,
    lies_about,
)
from jitney.upstream.oidc.discovery import parse_metadata
from jitney.upstream.oidc.logout_token import verify_logout_claims
from jitney.upstream.registry import UpstreamRegistry
from jitney.upstream.tenants import issuers_of, shared_issuer

pytestmark = pytest.mark.anyio

TEMPLATE = "https://login.example/{tenantid}/v2.0"
PRIVATE_PEOPLE = "9188040d-6c67-4c5b-b112-36a304b66dad"

REASONS = {
    Lie.FOREIGN_TENANT: "id_token_tenant_differs",
    Lie.TENANT_OF_ANOTHER_ISSUER: "id_token_issuer_differs",
    Lie.TENANT_MISSING: "id_token_tenant_missing",
    Lie.ISSUER_NOT_FILLED_IN: "id_token_issuer_differs",
}


@pytest.fixture
async def provider(clock: StandingClock) -> AsyncIterator[FakeOIDCProvider]:
    """A provider that is multi-tenant as Microsoft Entra is."""
    client = RegisteredClient(CLIENT_ID, CLIENT_SECRET, (REDIRECT_URI,))
    habits, path = Habits(names_issuer=False), "/{tenantid}/v2.0"
    async with FakeOIDCProvider(
        clients=[client], now=clock.provider_time, habits=habits, path=path
    ) as provider:
        yield provider


@pytest.fixture
async def traveller(provider: FakeOIDCProvider, clock: StandingClock) -> AsyncIterator[Traveller]:
    connection = OIDCConnection(
        provider.issuer, CLIENT_ID, client_secret=CLIENT_SECRET, tenants=("tenant-1", "tenant-2")
    )
    idp = IdentityProvider("idp-1", "acme", "Acme", connection)
    async with (
        OutgoingClient(allowed=frozenset({HostPort("127.0.0.1", provider.port)})) as outgoing,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser,
    ):
        registry = UpstreamRegistry(outgoing, clock, CountingEntropy(), BASE_URL)
        yield Traveller(provider, registry, browser, clock, idp)


async def test_tenant_is_part_of_the_key(traveller: Traveller) -> None:
    """R-003: "the tenant … is part of the key": one ``sub`` of two tenants is two people."""
    first = await traveller.travel()
    traveller.provider.habits.tenant = "tenant-2"
    second = await traveller.travel()
    assert ("tenant-1/acme-ada", "tenant-2/acme-ada") == (first.subject, second.subject)
    assert ("acme-ada", "tenant-1") == (first.claims["sub"], first.claims["tid"])
    assert "tid" in first.signed_claims


def test_every_lie_about_tenants_is_tested_here() -> None:
    """A lie that the fake provider learns must be added to the table."""
    assert set(lies_about(Place.TENANT)) == set(REASONS)


@pytest.mark.parametrize(("lie", "reason"), REASONS.items(), ids=lambda value: getattr(value, "name", ""))
async def test_lie_is_refused_for_its_own_reason(traveller: Traveller, lie: Lie, reason: str) -> None:
    """R-003: the tenant is on the list, and ``iss`` is exactly its issuer; the honest twin signs in."""
    traveller.provider.lie_next(lie)
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.travel()
    assert (reason, 0) == (refused.value.code, len(traveller.provider.received.userinfo_subjects))
    assert "tenant-1/acme-ada" == (await traveller.travel()).subject


@pytest.mark.parametrize("name", ["{tenantid}", "tenant-1"])
async def test_key_signs_for_the_issuer_that_it_is_for(traveller: Traveller, name: str) -> None:
    """R-003: of a shared key set, a key for other people's accounts signs nobody of this tenant in."""
    honest = traveller.provider.issuer.replace("{tenantid}", name)
    traveller.provider.habits.key_issuer = traveller.provider.issuer.replace("{tenantid}", "private-people")
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.travel()
    assert "id_token_key_of_another_issuer" == refused.value.code
    traveller.provider.habits.key_issuer = honest
    traveller.configure(clock_skew=59)
    assert "tenant-1/acme-ada" == (await traveller.travel()).subject


@pytest.mark.parametrize("tenant", ["tenant-10", "tenant-", "TENANT-1", "tenant-3"])
async def test_tenant_is_compared_letter_by_letter(traveller: Traveller, tenant: str) -> None:
    """R-003: "by exact substitution against an allow-list": no prefix, no case, no pattern; a listed one comes."""
    traveller.provider.habits.tenant = tenant
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.travel()
    traveller.configure(tenants=(tenant,))
    assert "id_token_tenant_differs" == refused.value.code
    assert f"{tenant}/acme-ada" == (await traveller.travel()).subject


@pytest.mark.parametrize("tenants", [(), ("",), ("tenant-1/v2.0",)])
async def test_list_that_names_nobody_lets_nobody_in(traveller: Traveller, tenants: tuple[str, ...]) -> None:
    """R-003: without a list no tenant may come, and one with a slash in its name could be two keys."""
    traveller.configure(tenants=tenants)
    traveller.provider.habits.tenant = tenants[0] if tenants else "tenant-1"
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.travel()
    assert "id_token_tenant_differs" == refused.value.code
    traveller.configure(tenants=("tenant-1",))
    traveller.provider.habits.tenant = "tenant-1"
    assert "tenant-1/acme-ada" == (await traveller.travel()).subject


async def test_single_tenant_is_as_it_was() -> None:
    """R-003: an issuer without a placeholder is one issuer, and its subject stands alone, whatever is listed."""
    single = OIDCConnection("https://login.example/tenant-1/v2.0", "jitney", tenants=("tenant-1",))
    assert (frozenset({single.issuer}), single.issuer) == (issuers_of(single), shared_issuer(single))


@pytest.mark.parametrize(
    ("tenants", "place"),
    [(("tenant-1",), "organizations"), (("tenant-1", PRIVATE_PEOPLE), "common")],
)
def test_shared_documents_stand_where_all_tenants_have_them(tenants: tuple[str, ...], place: str) -> None:
    """R-054: personal accounts sign in below ``common`` only; the document names the template letter by letter."""
    many = OIDCConnection(TEMPLATE, "jitney", tenants=tenants)
    document = {
        "issuer": TEMPLATE,
        "authorization_endpoint": f"https://login.example/{place}/oauth2/v2.0/authorize",
        "token_endpoint": f"https://login.example/{place}/oauth2/v2.0/token",
        "jwks_uri": f"https://login.example/{place}/discovery/v2.0/keys",
    }
    assert f"https://login.example/{place}/v2.0" == shared_issuer(many)
    assert document["jwks_uri"] == parse_metadata(document, many).jwks_uri
    for issuer in (
        shared_issuer(many),
        "https://login.example/tenant-1/v2.0",
        TEMPLATE.replace("tenantid", "x"),
    ):
        with pytest.raises(UpstreamRejected) as refused:
            parse_metadata({**document, "issuer": issuer}, many)
        assert "discovery_issuer_differs" == refused.value.code


async def test_answer_names_the_issuer_of_a_listed_tenant(traveller: Traveller) -> None:
    """R-050: an ``iss`` in the callback is that of a tenant on the list; neither template nor stranger passes."""
    base = traveller.provider.issuer
    traveller.provider.habits.names_issuer = True
    for tenant in ("{tenantid}", "organizations", "a-tenant-of-their-own"):
        named = base.replace("{tenantid}", tenant)
        with pytest.raises(UpstreamRejected) as refused:
            await traveller.travel(tamper=lambda brought, named=named: brought | {"iss": named})
        assert "callback_issuer_differs" == refused.value.code
    assert 0 == len(traveller.provider.received.token_requests)
    assert "tenant-1/acme-ada" == (await traveller.travel()).subject


async def test_assertion_is_for_the_shared_issuer(traveller: Traveller) -> None:
    """R-057: with many tenants the audience of our assertion is the address that they share, never a template."""
    traveller.configure(token_endpoint_auth=TokenEndpointAuth.CLIENT_SECRET_JWT)
    assert "tenant-1/acme-ada" == (await traveller.travel()).subject
    assert "client_secret_jwt" == traveller.provider.received.token_request.auth_method


async def test_logout_token_ends_the_tenants_own(traveller: Traveller) -> None:
    """R-003, R-056: the subject that a logout token ends is its issuer's tenant's, and only a listed one speaks."""
    provider = traveller.provider

    def mint() -> str:
        return provider.mint_logout_token(CLIENT_ID, subject="acme-ada", session_id="s")

    first = await traveller.upstream.verify_logout_token(mint())
    provider.habits.tenant = "tenant-2"
    second = await traveller.upstream.verify_logout_token(mint())
    provider.habits.tenant = "a-tenant-of-their-own"
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.upstream.verify_logout_token(mint())
    assert ("tenant-1/acme-ada", "tenant-2/acme-ada") == (first.subject, second.subject)
    assert "logout_token_issuer_differs" == refused.value.code


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"tid": "tenant-2"}, "logout_token_tenant_differs"),
        ({"tid": ["tenant-1"]}, "logout_token_tenant_differs"),
        ({"tid": None}, "logout_token_tenant_differs"),
        ({"iss": TEMPLATE}, "logout_token_issuer_differs"),
        ({"iss": TEMPLATE.replace("{tenantid}", "organizations")}, "logout_token_issuer_differs"),
        ({"iss": ["https://login.example/tenant-1/v2.0"]}, "logout_token_issuer_differs"),
    ],
)
def test_logout_token_names_one_tenant(claims: dict[str, Any], reason: str) -> None:
    """R-003, R-056: a tenant that a logout token names is its issuer's; one that names none is taken by that."""
    many = OIDCConnection(TEMPLATE, "jitney", tenants=("tenant-1", "tenant-2"))
    honest = {**HONEST_LOGOUT, "iss": TEMPLATE.replace("{tenantid}", "tenant-1")}

    def verify(said: dict[str, Any]) -> EndedUpstream:
        token = verify_signature(
            sign(KEY, said, typ="logout+jwt"),
            key_set=parse_key_set({"keys": [KEY.public_jwk]}),
            algorithms=("ES256",),
            types=LOGOUT_TOKEN_TYPES,
        )
        return verify_logout_claims(token, many, now=NOON.timestamp())

    with pytest.raises(UpstreamRejected) as refused:
        verify({**honest, **claims})
    taken = [verify(honest).subject, verify({**honest, "tid": "tenant-1"}).subject]
    assert (reason, ["tenant-1/ada"] * 2) == (refused.value.code, taken)
