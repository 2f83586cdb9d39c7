"""The fake provider posts its answers, has many tenants, and takes a signed secret, where it is told to."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import jwt
import pytest
from joserfc.jwk import ECKey
from tests.contract.fake_provider.strict_client import CLIENT_ID, REDIRECT_URI, REQUEST, SECRET, VERIFIER

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Lie, RegisteredClient

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000
KEY = ECKey.generate_key("P-256", {"kid": "team-key"})
TEAM_CLIENT = RegisteredClient(
    CLIENT_ID,
    redirect_uris=(REDIRECT_URI,),
    jwks={"keys": [KEY.as_dict(private=False)]},
    auth_method="signed_client_secret",
    secret_issuer="team-1",
)


@pytest.fixture
async def provider() -> AsyncIterator[FakeOIDCProvider]:
    client = RegisteredClient(CLIENT_ID, SECRET, (REDIRECT_URI,))
    async with FakeOIDCProvider(clients=[client], now=lambda: NOW) as provider:
        yield provider


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield http


async def form_of(provider: FakeOIDCProvider, http: httpx.AsyncClient) -> dict[str, str]:
    """The fields that the browser would post."""
    answer = await http.get(f"{provider.issuer}/authorize", params={**REQUEST, "response_mode": "form_post"})
    assert f'action="{REDIRECT_URI}"' in answer.text
    fields = re.findall(r'name="([^"]*)" value="([^"]*)"', answer.text)
    return {name: unescape(value) for name, value in fields}


async def redeem(
    provider: FakeOIDCProvider, http: httpx.AsyncClient, code: str, **proof: str
) -> httpx.Response:
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER, "client_id": CLIENT_ID, "client_secret": SECRET,
    }  # fmt: skip
    place = provider.issuer.replace("{tenantid}", "organizations")
    return await http.post(f"{place}/token", data={**form, **proof})


async def test_a_form_is_posted_where_it_is_asked_for(
    provider: FakeOIDCProvider, http: httpx.AsyncClient
) -> None:
    """OIDC Form Post Response Mode 2: the same parameters, in a page that posts itself."""
    form = await form_of(provider, http)
    assert {"code", "state", "iss"} == set(form)
    assert 200 == (await redeem(provider, http, form["code"])).status_code


async def test_a_name_is_told_once_and_nowhere_else(
    provider: FakeOIDCProvider, http: httpx.AsyncClient
) -> None:
    """Sign in with Apple: ``user`` comes at the first sign-in of a person, and no token repeats the name."""
    provider.habits.tells_name_once = True
    first, second = await form_of(provider, http), await form_of(provider, http)
    assert {"firstName": "Ada", "lastName": "Alder"} == json.loads(first["user"])["name"]
    assert "user" not in second
    token = (await redeem(provider, http, first["code"])).json()["id_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert ("ada@acme.example", False) == (claims["email"], "given_name" in claims)


async def test_lies_about_the_form_are_told(provider: FakeOIDCProvider, http: httpx.AsyncClient) -> None:
    """The fake can post every kind of form that must not be believed."""
    told: dict[Lie, str] = {}
    for lie in (Lie.USER_CLAIMS_MORE, Lie.USER_GARBAGE, Lie.USER_HUGE):
        provider.lie_next(lie)
        told[lie] = (await form_of(provider, http))["user"]
    assert "acme-root" == json.loads(told[Lie.USER_CLAIMS_MORE])["sub"]
    assert len(told[Lie.USER_HUGE]) > 64 * 1024
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(told[Lie.USER_GARBAGE])
    provider.lie_next(Lie.QUERY_INSTEAD_OF_FORM)
    answer = await http.get(f"{provider.issuer}/authorize", params={**REQUEST, "response_mode": "form_post"})
    assert (303, True) == (answer.status_code, "code=" in answer.headers["Location"])


async def test_many_tenants_share_one_document_and_none_shares_a_token(http: httpx.AsyncClient) -> None:
    """Microsoft Entra: the document holds the template, each token its tenant's issuer; lies change that."""
    client = RegisteredClient(CLIENT_ID, SECRET, (REDIRECT_URI,))
    path = "/{tenantid}/v2.0"
    async with FakeOIDCProvider(clients=[client], now=lambda: NOW, path=path) as provider:
        base = provider.issuer.removesuffix(path)
        document = (await http.get(f"{base}/organizations/v2.0/.well-known/openid-configuration")).json()
        assert (f"{base}{path}", f"{base}/organizations/v2.0/token") == (
            document["issuer"], document["token_endpoint"],
        )  # fmt: skip
        said: dict[Lie | None, tuple[str, str | None]] = {}
        for lie in (None, Lie.FOREIGN_TENANT, Lie.TENANT_OF_ANOTHER_ISSUER, Lie.TENANT_MISSING,
                    Lie.ISSUER_NOT_FILLED_IN):  # fmt: skip
            provider.lie_next(*([lie] if lie else []))
            answer = await http.get(document["authorization_endpoint"], params=REQUEST)
            code = httpx.URL(answer.headers["Location"]).params["code"]
            token = (await redeem(provider, http, code)).json()["id_token"]
            claims = jwt.decode(token, options={"verify_signature": False})
            said[lie] = claims["iss"].removeprefix(base), claims.get("tid")
    assert {
        None: ("/tenant-1/v2.0", "tenant-1"),
        Lie.FOREIGN_TENANT: ("/a-tenant-of-their-own/v2.0", "a-tenant-of-their-own"),
        Lie.TENANT_OF_ANOTHER_ISSUER: ("/a-tenant-of-their-own/v2.0", "tenant-1"),
        Lie.TENANT_MISSING: ("/tenant-1/v2.0", None),
        Lie.ISSUER_NOT_FILLED_IN: (path, "tenant-1"),
    } == said


@pytest.mark.parametrize(
    ("claims", "header", "is_taken"),
    [
        ({}, {}, True),
        ({"iss": "team-2"}, {}, False),
        ({"sub": "another"}, {}, False),
        ({"aud": "https://elsewhere.example"}, {}, False),
        ({"exp": NOW}, {}, False),
        ({"exp": NOW + 15_777_001}, {}, False),
        ({"iat": None}, {}, False),
        ({}, {"kid": None}, False),
    ],
)
async def test_a_signed_secret_is_held_to_its_rules(
    provider: FakeOIDCProvider, http: httpx.AsyncClient, claims: dict, header: dict, *, is_taken: bool
) -> None:
    """Apple, *Creating a client secret*: issuer, subject, audience, times and key id are all checked."""
    provider.register(TEAM_CLIENT)
    honest = {"iss": "team-1", "sub": CLIENT_ID, "aud": provider.issuer, "iat": NOW, "exp": NOW + 300}
    said = {name: value for name, value in {**honest, **claims}.items() if value is not None}
    headers = {} if header else {"kid": "team-key"}
    secret = jwt.encode(said, KEY.as_pem(private=True), algorithm="ES256", headers=headers)
    form = await form_of(provider, http)
    answer = await redeem(provider, http, form["code"], client_secret=secret)
    assert (200 if is_taken else 401) == answer.status_code
    assert ("signed_client_secret" if is_taken else "") == provider.received.token_request.auth_method


async def test_a_secret_that_is_no_token_is_refused(
    provider: FakeOIDCProvider, http: httpx.AsyncClient
) -> None:
    """The fake takes no plain secret from a client that signs."""
    provider.register(TEAM_CLIENT)
    form = await form_of(provider, http)
    assert 401 == (await redeem(provider, http, form["code"])).status_code
