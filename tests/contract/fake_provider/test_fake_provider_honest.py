"""The fake provider is honest by default: foreign clients accept it, and it refuses what a provider must."""

import base64
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from tests.contract.fake_provider.strict_client import (
    CLIENT_ID,
    REDIRECT_URI,
    REQUEST,
    SECRET,
    VERIFIER,
    StrictClient,
)
from tests.servers.http_browser import HttpBrowser

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Habits, RegisteredClient

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000.0
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
async def provider() -> AsyncIterator[FakeOIDCProvider]:
    """A provider whose clock stands still."""
    client = RegisteredClient(CLIENT_ID, SECRET, (REDIRECT_URI,), ("https://jitney.example/bye",))
    async with FakeOIDCProvider(clients=[client], now=lambda: NOW) as provider:
        yield provider


@pytest.fixture
async def client(provider: FakeOIDCProvider) -> AsyncIterator[StrictClient]:
    """A strict client of the provider."""
    client = StrictClient(provider.issuer, NOW)
    yield client
    await client.http.aclose()


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
async def test_authlib_signs_in_and_pyjwt_accepts_the_id_token(alg: str) -> None:
    """Two foreign libraries accept the honest provider, with either algorithm."""
    registered = RegisteredClient(CLIENT_ID, SECRET, (REDIRECT_URI,))
    async with FakeOIDCProvider(clients=[registered], habits=Habits(id_token_alg=alg)) as provider:
        async with AsyncOAuth2Client(
            CLIENT_ID, SECRET, redirect_uri=REDIRECT_URI, scope="openid email", code_challenge_method="S256"
        ) as authlib:
            address, state = authlib.create_authorization_url(
                f"{provider.issuer}/authorize", nonce="n", code_verifier=VERIFIER, login_hint="grace"
            )
            location = (await authlib.request("GET", address, withhold_token=True)).headers["Location"]
            tokens = await authlib.fetch_token(
                f"{provider.issuer}/token",
                authorization_response=location,
                state=state,
                code_verifier=VERIFIER,
            )
            userinfo = (await authlib.get(f"{provider.issuer}/userinfo")).json()
            keys = jwt.PyJWKSet.from_dict((await authlib.get(f"{provider.issuer}/jwks")).json())
        key = keys[jwt.get_unverified_header(tokens["id_token"])["kid"]]
        claims = jwt.decode(
            tokens["id_token"], key, algorithms=[alg], audience=CLIENT_ID, issuer=provider.issuer
        )
        assert "n" == claims["nonce"]
        assert "acme-grace" == claims["sub"] == userinfo["sub"]
        assert "grace@acme.example" == claims["email"] == userinfo["email"]
        assert "name" not in userinfo
        assert "client_secret_basic" == provider.received.token_request.auth_method


async def test_an_honest_sign_in_has_no_fault_and_is_recorded(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """What the fake received is kept for assertions."""
    tokens = (
        await client.sign_in(login_hint="linus", prompt="login", ui_locales="de", acr_values="gold")
    ).json()
    assert await client.fault_in_id_token(tokens) is None
    received = provider.received.authorization
    assert ("linus", "login", "de", "gold") == tuple(
        received[key] for key in ("login_hint", "prompt", "ui_locales", "acr_values")
    )
    assert VERIFIER == provider.received.token_request.form["code_verifier"]
    assert "acme-linus" == (await client.userinfo(tokens["access_token"])).json()["sub"]


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "w" * 43}, {"redirect_uri": "https://elsewhere.example"}, {"code": "unknown"}],
    ids=lambda changes: next(iter(changes)),
)
async def test_code_with_a_wrong_companion_is_refused(client: StrictClient, changes: dict[str, str]) -> None:
    """Verifier, redirect URI and code must fit together (RFC 7636 4.6, RFC 6749 4.1.3)."""
    code = dict(await client.authorize())["code"]
    answer = await client.redeem(**({"code": code} | changes))
    assert (400, "invalid_grant") == (answer.status_code, answer.json()["error"])


async def test_code_works_once(client: StrictClient) -> None:
    """A second use of a code is refused (RFC 6749 4.1.2)."""
    code = dict(await client.authorize())["code"]
    assert [200, 400] == [(await client.redeem(code)).status_code for _ in range(2)]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
    ],
)
async def test_bad_authorization_request_is_answered_with_an_error(
    client: StrictClient, changes: dict[str, str | None], error: str
) -> None:
    """An error goes back with state and issuer (RFC 6749 4.1.2.1, RFC 9207 2)."""
    answer = dict(await client.authorize(**changes))
    assert (error, "the-state", client.issuer) == (answer["error"], answer["state"], answer["iss"])


@pytest.mark.parametrize("changes", [{"client_id": "nobody"}, {"redirect_uri": "https://elsewhere.example"}])
async def test_request_of_a_stranger_is_not_sent_back(client: StrictClient, changes: dict[str, str]) -> None:
    """Nobody is redirected to an address that was not registered (RFC 6749 4.1.2.1)."""
    answer = await client.http.get(f"{client.issuer}/authorize", params=REQUEST | changes)
    assert 400 == answer.status_code


def assertion(issuer: str, key: Any, alg: str, **changes: Any) -> dict[str, str]:
    """A client assertion made by PyJWT (RFC 7523 3), as form fields."""
    claims = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": issuer, "exp": NOW + 60, "jti": "one"}
    token = jwt.encode(claims | changes, key, algorithm=alg)
    return {"client_assertion_type": JWT_BEARER, "client_assertion": token}


async def authenticate(client: StrictClient, form: dict[str, str], **headers: str) -> int:
    """The status of a token request with this proof of identity."""
    code = dict(await client.authorize())["code"]
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        **form,
    }
    return (await client.http.post(f"{client.issuer}/token", data=sent, headers=headers)).status_code


async def test_each_method_of_client_authentication_is_accepted(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """All four methods of OIDC Core 9 work and are recorded by name."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    keys = {"keys": [public | {"use": "sig"}]}
    provider.register(RegisteredClient(CLIENT_ID, SECRET, (REDIRECT_URI,), jwks=keys))
    basic = "Basic " + base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
    assert 200 == await authenticate(client, {}, Authorization=basic)
    assert 200 == await authenticate(client, {"client_id": CLIENT_ID, "client_secret": SECRET})
    assert 200 == await authenticate(client, assertion(client.issuer, SECRET, "HS256", jti="two"))
    assert 200 == await authenticate(client, assertion(client.issuer, key, "ES256", jti="three"))
    assert ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"] == [
        request.auth_method for request in provider.received.token_requests
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example"},
        {"aud": ["ISSUER", "https://elsewhere.example"]},
        {"iss": "nobody"},
        {"sub": "nobody"},
        {"exp": NOW - 1},
        {"exp": NOW + 86_400},
        {"jti": None},
    ],
    ids=str,
)
async def test_wrong_assertion_is_refused(
    provider: FakeOIDCProvider, client: StrictClient, changes: dict[str, Any]
) -> None:
    """An assertion is refused unless its audience is the issuer alone and all else fits."""
    if isinstance(changes.get("aud"), list):
        changes = {"aud": [client.issuer, "https://elsewhere.example"]}
    if changes == {"jti": None}:
        token = jwt.encode(
            {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": client.issuer, "exp": NOW + 60},
            SECRET,
            algorithm="HS256",
        )
        form = {"client_assertion_type": JWT_BEARER, "client_assertion": token}
    else:
        form = assertion(client.issuer, SECRET, "HS256", **changes)
    assert 401 == await authenticate(client, form)
    assert "" == provider.received.token_request.auth_method


async def test_replayed_and_foreign_assertions_are_refused(client: StrictClient) -> None:
    """An assertion works once, and only when the client's own key signed it."""
    form = assertion(client.issuer, SECRET, "HS256")
    assert [200, 401] == [await authenticate(client, form) for _ in range(2)]
    stranger = ec.generate_private_key(ec.SECP256R1())
    assert 401 == await authenticate(client, assertion(client.issuer, stranger, "ES256", jti="two"))
    assert 401 == await authenticate(client, assertion(client.issuer, "x" * 32, "HS256", jti="three"))


async def test_wrong_secret_and_two_methods_at_once_are_refused(client: StrictClient) -> None:
    """A client proves itself in exactly one way (RFC 6749 2.3)."""
    posted = {"client_id": CLIENT_ID, "client_secret": SECRET}
    assert 401 == await authenticate(client, posted | {"client_secret": "wrong"})
    assert 401 == await authenticate(client, posted | assertion(client.issuer, SECRET, "HS256"))
    assert 401 == await authenticate(client, {})


async def test_method_other_than_the_registered_one_is_refused(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """A client that registered one method may use no other."""
    registered = RegisteredClient(CLIENT_ID, SECRET, (REDIRECT_URI,), auth_method="client_secret_post")
    provider.register(registered)
    assert 200 == await authenticate(client, {"client_id": CLIENT_ID, "client_secret": SECRET})
    assert 401 == await authenticate(client, assertion(client.issuer, SECRET, "HS256"))


async def test_rotated_keys_are_published_beside_the_old_ones_until_withdrawn(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """Rotation signs with a new kid at once; withdrawal removes the old key from the set."""
    before = (await client.sign_in()).json()
    provider.rotate_keys()
    after = (await client.sign_in()).json()
    assert 2 == len(await client.keys())
    assert [None, None] == [await client.fault_in_id_token(tokens) for tokens in (before, after)]
    provider.rotate_keys(withdraw=True)
    assert 1 == len(await client.keys())
    assert "kid" == await client.fault_in_id_token(before)


async def test_refresh_token_works_once_and_its_tokens_are_honest(client: StrictClient) -> None:
    """A refresh token is replaced at each use (OIDC Core 12)."""
    tokens = (await client.sign_in()).json()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    first, second = [await client.token(form) for _ in range(2)]
    assert [200, 400] == [first.status_code, second.status_code]
    assert await client.fault_in_id_token(first.json()) is None


async def test_person_chooses_who_they_are_on_the_page(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """In interactive mode a button or a typed name signs in, and a ticket works once."""
    provider.habits.interactive = True
    async with HttpBrowser() as browser:
        page = await browser.get(str(httpx.URL(f"{provider.issuer}/authorize", params=REQUEST)))
        assert 4 == len(page.forms[0].buttons)
        chosen = await browser.submit(page, button="Grace Grove", stop_before=REDIRECT_URI)
        assert chosen.location is not None
        tokens = await client.redeem(dict(httpx.URL(chosen.location).params)["code"])
        assert "acme-grace" == (await client.userinfo(tokens.json()["access_token"])).json()["sub"]
        assert 400 == (await browser.submit(page, button="Ada Alder")).status
        page = await browser.get(str(httpx.URL(f"{provider.issuer}/authorize", params=REQUEST)))
        typed = await browser.submit(page, {"person": "<b>mia"}, button="Sign in", stop_before=REDIRECT_URI)
        assert typed.location is not None
        tokens = await client.redeem(dict(httpx.URL(typed.location).params)["code"])
        assert "<b>mia" == (await client.userinfo(tokens.json()["access_token"])).json()["sub"]


async def test_silent_request_is_refused_when_somebody_would_have_to_choose(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """prompt=none shows no page (OIDC Core 3.1.2.1)."""
    provider.habits.interactive = True
    assert "login_required" == dict(await client.authorize(prompt="none"))["error"]


async def test_unknown_person_is_denied_when_not_everybody_may_come(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """``anybody`` decides whether an unknown hint is a new person."""
    assert "code" in dict(await client.authorize(login_hint="mia"))
    provider.habits.anybody = False
    assert "access_denied" == dict(await client.authorize(login_hint="mia"))["error"]


async def test_logout_returns_only_to_a_registered_address(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """The address to return to must be registered (OIDC RP-Initiated Logout 3)."""
    address = f"{provider.issuer}/end_session"
    good = {"post_logout_redirect_uri": "https://jitney.example/bye", "state": "s"}
    answer = await client.http.get(address, params=good)
    assert "https://jitney.example/bye?state=s" == answer.headers["Location"]
    bad = {"post_logout_redirect_uri": "https://elsewhere.example"}
    assert 400 == (await client.http.get(address, params=bad)).status_code


async def test_issuer_with_a_path_serves_everything_below_it() -> None:
    """An issuer may have a path; discovery is appended to it (OIDC Discovery 4)."""
    registered = RegisteredClient(CLIENT_ID, SECRET, (REDIRECT_URI,))
    provider = FakeOIDCProvider("https://idp.example/acme", [registered])
    await provider.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{provider.port}") as http:
            document = (await http.get("/acme/.well-known/openid-configuration")).json()
            assert 404 == (await http.get("/.well-known/openid-configuration")).status_code
    finally:
        await provider.stop()
    assert "https://idp.example/acme" == document["issuer"]
    assert "https://idp.example/acme/token" == document["token_endpoint"]


def test_provider_runs_as_a_process_of_its_own() -> None:
    """The command line starts an automatic provider and says when and where it is ready."""
    registered = f"{CLIENT_ID}:{SECRET}:{REDIRECT_URI}"
    command = [sys.executable, "-m", "jitney.testing.fake_oidc_provider", "--client", registered]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            issuer = process.stdout.readline().split()[-1]
            answer = httpx.get(f"{issuer}/authorize", params=REQUEST | {"login_hint": "person-17"})
            code = httpx.URL(answer.headers["Location"]).params["code"]
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
            tokens = httpx.post(
                f"{issuer}/token", data=form | {"code_verifier": VERIFIER}, auth=(CLIENT_ID, SECRET)
            ).json()
        finally:
            process.terminate()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert "person-17" == claims["sub"]
    assert claims["exp"] > time.time()
