"""Every lie of the fake provider really is one, of the kind that it claims to be, and is told when asked."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from tests.contract.fake_provider.strict_client import (
    CLIENT_ID,
    REDIRECT_URI,
    SECRET,
    StrictClient,
    fault_in_key_set,
    parse_strictly,
)

from jitney.testing.fake_oidc_provider import LIES, FakeOIDCProvider, Lie, Place, RegisteredClient, lies_about

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000.0

ID_TOKEN_FAULTS = {
    Lie.WRONG_NONCE: "nonce",
    Lie.MISSING_NONCE: "nonce",
    Lie.WRONG_ISSUER: "iss",
    Lie.ISSUER_WITH_SLASH: "iss",
    Lie.WRONG_AUDIENCE: "aud",
    Lie.EXTRA_AUDIENCE: "aud",
    Lie.MISSING_AUDIENCE: "aud",
    Lie.WRONG_AZP: "azp",
    Lie.MISSING_AZP: "aud",
    Lie.EXPIRED: "exp",
    Lie.MISSING_EXP: "time",
    Lie.ISSUED_IN_FUTURE: "iat",
    Lie.NOT_YET_VALID: "nbf",
    Lie.MISSING_IAT: "time",
    Lie.STRING_TIMES: "time",
    Lie.EMPTY_SUBJECT: "sub",
    Lie.MISSING_SUBJECT: "sub",
    Lie.NUMERIC_SUBJECT: "sub",
    Lie.LONG_SUBJECT: "sub",
    Lie.WRONG_AT_HASH: "at_hash",
    Lie.MISSING_AUTH_TIME: "time",
    Lie.OLD_AUTH_TIME: "auth_time",
    Lie.WRONG_CLAIM_TYPES: "types",
    Lie.DEEP_ID_TOKEN: "depth",
    Lie.DUPLICATE_CLAIMS: "duplicate",
    Lie.OVERSIZED_ID_TOKEN: "size",
    Lie.ALG_NONE: "alg",
    Lie.HS256_WITH_PUBLIC_KEY: "alg",
    Lie.HS256_WITH_CLIENT_SECRET: "alg",
    Lie.FOREIGN_KEY: "signature",
    Lie.UNKNOWN_KID: "kid",
    Lie.WITHDRAWN_KEY: "kid",
    Lie.BAD_SIGNATURE: "signature",
    Lie.STRIPPED_SIGNATURE: "signature",
    Lie.EMBEDDED_JWK: "jwk",
    Lie.CRITICAL_HEADER: "crit",
    Lie.ACCESS_TOKEN_AS_ID_TOKEN: "typ",
    Lie.JWKS_SHORT_RSA_KEY: "short",
    Lie.JWKS_SYMMETRIC_KEY: "alg",
}
REFRESH_FAULTS = {
    Lie.REFRESHED_OTHER_SUBJECT: "other subject",
    Lie.REFRESHED_OTHER_ISSUER: "iss",
    Lie.REFRESHED_OTHER_AUDIENCE: "aud",
}
LOGOUT_FAULTS = {
    Lie.LOGOUT_UNSIGNED: "alg",
    Lie.LOGOUT_WRONG_AUDIENCE: "aud",
    Lie.LOGOUT_WRONG_ISSUER: "iss",
    Lie.LOGOUT_WITH_NONCE: "nonce",
    Lie.LOGOUT_WITHOUT_EVENTS: "events",
    Lie.LOGOUT_WITHOUT_WHO: "who",
    Lie.LOGOUT_REPLAYED_JTI: "jti",
    Lie.LOGOUT_OLD_IAT: "iat",
    Lie.LOGOUT_FOREIGN_KEY: "signature",
}
SLIPPED_IN_KEYS = {
    Lie.JWKS_SYMMETRIC_KEY: "oct",
    Lie.JWKS_SHORT_RSA_KEY: "short",
    Lie.JWKS_DUPLICATE_KIDS: "duplicate kid",
    Lie.JWKS_ENCRYPTION_KEYS: "use",
    Lie.JWKS_EMPTY: "empty",
}


def name(lie: Lie) -> str:
    """A test's id."""
    return lie.name.lower()


@pytest.fixture
async def provider() -> AsyncIterator[FakeOIDCProvider]:
    """A provider whose clock stands still."""
    client = RegisteredClient(CLIENT_ID, SECRET, (REDIRECT_URI,))
    async with FakeOIDCProvider(clients=[client], now=lambda: NOW) as provider:
        yield provider


@pytest.fixture
async def client(provider: FakeOIDCProvider) -> AsyncIterator[StrictClient]:
    """A strict client of the provider."""
    client = StrictClient(provider.issuer, NOW)
    yield client
    await client.http.aclose()


@pytest.mark.parametrize("lie", ID_TOKEN_FAULTS, ids=name)
async def test_a_lie_in_the_id_token_is_found_by_a_strict_client_and_told_once(
    provider: FakeOIDCProvider, client: StrictClient, lie: Lie
) -> None:
    """The fake can break each rule about ID tokens, and is honest again in the next sign-in."""
    provider.lie_next(lie)
    assert ID_TOKEN_FAULTS[lie] == await client.fault_in_id_token((await client.sign_in()).json())
    assert await client.fault_in_id_token((await client.sign_in()).json()) is None


@pytest.mark.parametrize("lie", REFRESH_FAULTS, ids=name)
async def test_a_lie_about_refreshing_spares_the_first_id_token(
    provider: FakeOIDCProvider, client: StrictClient, lie: Lie
) -> None:
    """The fake can break each rule about refreshed ID tokens, and only those."""
    provider.lie(lie)
    tokens = (await client.sign_in()).json()
    assert await client.fault_in_id_token(tokens) is None
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refreshed = (await client.token(form)).json()
    assert REFRESH_FAULTS[lie] == (await client.fault_in_id_token(refreshed) or "other subject")
    assert tokens["refresh_token"] != refreshed["refresh_token"]


@pytest.mark.parametrize("lie", LOGOUT_FAULTS, ids=name)
async def test_a_lie_in_a_logout_token_is_found_by_a_strict_client(
    provider: FakeOIDCProvider, client: StrictClient, lie: Lie
) -> None:
    """The fake can break each rule about logout tokens."""
    seen: set[str] = set()
    honest = provider.mint_logout_token(CLIENT_ID, subject="acme-ada", session_id="session")
    assert await client.fault_in_logout_token(honest, seen) is None
    lying = provider.mint_logout_token(CLIENT_ID, subject="acme-ada", lies=[lie])
    assert LOGOUT_FAULTS[lie] == await client.fault_in_logout_token(lying, seen)


@pytest.mark.parametrize("lie", SLIPPED_IN_KEYS, ids=name)
async def test_a_lie_about_keys_changes_the_published_set(
    provider: FakeOIDCProvider, client: StrictClient, lie: Lie
) -> None:
    """The fake can publish each kind of key set that must be refused."""
    assert fault_in_key_set(await client.keys()) is None
    provider.lie(lie)
    assert SLIPPED_IN_KEYS[lie] == fault_in_key_set(await client.keys())
    provider.be_honest()
    assert fault_in_key_set(await client.keys()) is None


@pytest.mark.parametrize("lie", lies_about(Place.USERINFO), ids=name)
async def test_a_lie_in_userinfo_is_told(provider: FakeOIDCProvider, client: StrictClient, lie: Lie) -> None:
    """The fake can answer UserInfo in every wrong way."""
    provider.lie_next(lie)
    answer = await client.userinfo((await client.sign_in()).json()["access_token"])
    assert lie is told_in_userinfo(answer)


def told_in_userinfo(answer: httpx.Response) -> Lie | None:
    """Which lie about UserInfo an answer tells."""
    if answer.status_code == 401:
        return Lie.USERINFO_REFUSES
    fault, claims = parse_strictly(answer.content)
    by_fault = {
        "json": Lie.USERINFO_NOT_JSON,
        "depth": Lie.USERINFO_DEEP_JSON,
        "duplicate": Lie.USERINFO_DUPLICATE_KEYS,
    }
    signs = {
        Lie.USERINFO_MISSING_SUBJECT: "sub" not in claims,
        Lie.USERINFO_OTHER_SUBJECT: claims.get("sub") == "somebody-else",
        Lie.USERINFO_HUGE_VALUE: len(claims.get("name", "")) == 1_000_000,
        Lie.USERINFO_TEN_THOUSAND_CLAIMS: len(claims) > 10_000,
        Lie.USERINFO_WRONG_TYPES: isinstance(claims.get("email"), dict),
    }
    return by_fault.get(fault or "") or next((lie for lie, seen in signs.items() if seen), None)


async def test_lies_of_the_token_endpoint_are_told(provider: FakeOIDCProvider, client: StrictClient) -> None:
    """The fake can answer token requests in every wrong way."""
    signs = {
        Lie.TOKEN_GARBAGE: lambda answer: parse_strictly(answer.content)[0] == "json",
        Lie.TOKEN_HTML: lambda answer: answer.status_code == 200 and "<h1>" in answer.text,
        Lie.TOKEN_500: lambda answer: answer.status_code == 500,
        Lie.TOKEN_HUGE: lambda answer: len(answer.content) > 8 * 1024 * 1024,
        Lie.TOKEN_ERROR: lambda answer: answer.json()["error"] == "invalid_grant",
        Lie.TOKEN_WITHOUT_ID_TOKEN: lambda answer: "id_token" not in answer.json(),
        Lie.TOKEN_TYPE_WRONG: lambda answer: answer.json()["token_type"] == "mac",
        Lie.TOKEN_NOT_AN_OBJECT: lambda answer: isinstance(answer.json(), list),
        Lie.TOKEN_REDIRECTS: lambda answer: answer.status_code == 307,
    }
    assert set(lies_about(Place.TOKEN_ENDPOINT)) == {*signs, Lie.TOKEN_NEVER_ANSWERS}
    for lie, sign in signs.items():
        provider.lie_next(lie)
        assert sign(await client.sign_in()), lie


async def test_a_token_endpoint_that_never_answers_lets_go_when_stopped(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """The fake can leave a caller waiting for as long as it runs."""
    provider.lie_next(Lie.TOKEN_NEVER_ANSWERS)
    code = dict(await client.authorize())["code"]
    waiting = asyncio.create_task(client.redeem(code))
    await asyncio.wait([waiting], timeout=0.2)
    assert 1 == len(provider.received.token_requests)
    assert not waiting.done()
    await provider.stop()
    await asyncio.wait([waiting])
    assert waiting.done()


@pytest.mark.parametrize("lie", lies_about(Place.DISCOVERY), ids=name)
async def test_a_lie_in_the_discovery_document_is_told(
    provider: FakeOIDCProvider, client: StrictClient, lie: Lie
) -> None:
    """The fake can publish every kind of document that must be refused."""
    address = f"{provider.issuer}/.well-known/openid-configuration"
    honest = await client.http.get(address)
    assert 200 == honest.status_code
    provider.lie(lie)
    answer = await client.http.get(address)
    assert (honest.status_code, honest.content) != (answer.status_code, answer.content)
    changed = json.loads(answer.content) if lie in _READABLE else {}
    assert _READABLE.get(lie) == (
        {key for key in honest.json() if honest.json()[key] != changed.get(key)} if changed else None
    )


_ENDPOINTS = {
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
}
_READABLE = {
    Lie.DISCOVERY_OTHER_ISSUER: {"issuer"},
    Lie.DISCOVERY_HTTP_ENDPOINTS: _ENDPOINTS,
    Lie.DISCOVERY_FOREIGN_ENDPOINT: {"token_endpoint"},
    Lie.DISCOVERY_LOCAL_ENDPOINT: {"jwks_uri"},
    Lie.DISCOVERY_WITHOUT_END_SESSION: {"end_session_endpoint"},
    Lie.DISCOVERY_MISSING_FIELDS: {"token_endpoint", "jwks_uri"},
}


async def test_lies_in_the_authorization_response_are_told(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """The fake can send the browser back in every wrong way."""
    honest = {"code", "state", "iss"}
    names = {
        Lie.WRONG_ISS_PARAMETER: honest,
        Lie.MISSING_ISS_PARAMETER: honest - {"iss"},
        Lie.WRONG_STATE: honest,
        Lie.MISSING_STATE: honest - {"state"},
        Lie.ACCESS_DENIED: {"error", "error_description", "state", "iss"},
        Lie.CODE_AND_ERROR: honest | {"error"},
        Lie.MISSING_CODE: honest - {"code"},
        Lie.DUPLICATED_PARAMETER: honest,
        Lie.UNKNOWN_CODE: honest,
    }
    assert set(lies_about(Place.AUTHORIZATION_RESPONSE)) == set(names)
    answers = {}
    for lie, expected in names.items():
        provider.lie_next(lie)
        answers[lie] = await client.authorize()
        assert expected == {parameter for parameter, _ in answers[lie]}, lie
    assert provider.issuer != dict(answers[Lie.WRONG_ISS_PARAMETER])["iss"]
    assert dict(answers[Lie.WRONG_STATE])["state"] != "the-state"
    assert "<script>" in dict(answers[Lie.ACCESS_DENIED])["error_description"]
    assert 4 == len(answers[Lie.DUPLICATED_PARAMETER])
    assert 400 == (await client.redeem(dict(answers[Lie.UNKNOWN_CODE])["code"])).status_code


async def test_key_set_that_cannot_be_read_is_served(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """The fake's key set can break down."""
    address = f"{provider.issuer}/jwks"
    provider.lie(Lie.JWKS_GARBAGE)
    assert "json" == parse_strictly((await client.http.get(address)).content)[0]
    provider.be_honest()
    provider.lie(Lie.JWKS_500)
    assert 500 == (await client.http.get(address)).status_code


async def test_lie_about_discovery_for_the_next_sign_in_holds_until_the_one_after(
    provider: FakeOIDCProvider, client: StrictClient
) -> None:
    """A client reads keys after the sign-in began, so that the lie must still hold then."""
    provider.lie_next(Lie.JWKS_EMPTY)
    assert [] == await client.keys()
    await client.authorize()
    assert [] == await client.keys()
    await client.authorize()
    assert 1 == len(await client.keys())


def test_every_lie_is_proved_here_and_cites_its_rule() -> None:
    """No lie is without a test, and each names a specification or a requirement."""
    by_table = {*ID_TOKEN_FAULTS, *REFRESH_FAULTS, *LOGOUT_FAULTS, *SLIPPED_IN_KEYS}
    by_place = {Place.USERINFO, Place.TOKEN_ENDPOINT, Place.DISCOVERY, Place.AUTHORIZATION_RESPONSE}
    elsewhere = {Lie.JWKS_GARBAGE, Lie.JWKS_500, *lies_about(Place.FORM_POST), *lies_about(Place.TENANT)}
    unproved = [lie for lie in LIES if lie not in by_table | elsewhere and lie.place not in by_place]
    assert [] == unproved
    rules = ("OIDC", "RFC", "R-", "Back-Channel Logout")
    assert [] == [lie for lie in LIES if not any(rule in lie.sentence for rule in rules)]
