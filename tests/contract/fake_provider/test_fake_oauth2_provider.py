"""The fake OAuth 2.0 provider is strict where it is honest, and cites a rule for each of its lies."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.contract.fake_provider.strict_client import CHALLENGE, REDIRECT_URI, VERIFIER

from jitney.testing.fake_oauth2.answers import ANSWER_LIES, CALLBACK_LIES
from jitney.testing.fake_oauth2_provider import FakeOAuth2Provider, OAuth2Lie

pytestmark = pytest.mark.anyio

REQUEST = {
    "response_type": "code", "client_id": "jitney", "redirect_uri": REDIRECT_URI, "state": "s",
    "code_challenge": CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip


@pytest.fixture
async def provider() -> AsyncIterator[FakeOAuth2Provider]:
    async with FakeOAuth2Provider("jitney", "a secret", REDIRECT_URI) as provider:
        yield provider


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield http


async def code_of(provider: FakeOAuth2Provider, http: httpx.AsyncClient) -> str:
    answer = await http.get(provider.authorization_endpoint, params=REQUEST)
    return httpx.URL(answer.headers["Location"]).params["code"]


async def redeem(provider: FakeOAuth2Provider, http: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    form = {
        "grant_type": "authorization_code", "code": await code_of(provider, http), "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER, "client_id": "jitney", "client_secret": "a secret",
    }  # fmt: skip
    changed = {name: value for name, value in {**form, **changes}.items() if value is not None}
    return await http.post(provider.token_endpoint, data=changed)


async def test_a_code_works_once_and_for_its_own_trip(
    provider: FakeOAuth2Provider, http: httpx.AsyncClient
) -> None:
    """RFC 6749 4.1.3, RFC 7636 4.6: code, redirect URI, verifier and secret are all held against the request."""
    code = await code_of(provider, http)
    answers = [
        await redeem(provider, http, code=code),
        await redeem(provider, http, code=code),
        await redeem(provider, http, code_verifier="w" * 43),
        await redeem(provider, http, code_verifier=None),
        await redeem(provider, http, redirect_uri="https://evil.example"),
        await redeem(provider, http, client_secret="wrong"),
        await redeem(provider, http, client_secret=None),
    ]
    assert [200, 400, 400, 400, 400, 401, 401] == [answer.status_code for answer in answers]


async def test_two_proofs_at_once_are_none(provider: FakeOAuth2Provider, http: httpx.AsyncClient) -> None:
    """RFC 6749 2.3: a client uses one method of authentication in each request."""
    header = "Basic " + base64.b64encode(b"jitney:a+secret").decode()
    codes: list[int] = []
    for form in ({"client_secret": "a secret"}, {}):
        body = {"grant_type": "authorization_code", "code": await code_of(provider, http), **form}
        body |= {"redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
        answer = await http.post(provider.token_endpoint, data=body, headers={"Authorization": header})
        codes.append(answer.status_code)
    assert [401, 200] == codes


async def test_only_its_own_token_opens_the_calls(
    provider: FakeOAuth2Provider, http: httpx.AsyncClient
) -> None:
    """RFC 6750 2.1: the token is taken from the header alone."""
    token = (await redeem(provider, http)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    for endpoint in (provider.userinfo_endpoint, provider.emails_endpoint):
        assert 200 == (await http.get(endpoint, headers=headers)).status_code
        assert 401 == (await http.get(endpoint, params={"access_token": token})).status_code


async def test_a_stranger_is_sent_nowhere(provider: FakeOAuth2Provider, http: httpx.AsyncClient) -> None:
    """RFC 6749 4.1.2.1: with a wrong client or redirect URI there is no redirect; a lacking challenge is told."""
    strange = await http.get(
        provider.authorization_endpoint, params={**REQUEST, "redirect_uri": "https://evil.example"}
    )
    bare = await http.get(
        provider.authorization_endpoint, params={k: v for k, v in REQUEST.items() if k != "code_challenge"}
    )
    assert (400, "invalid_request") == (
        strange.status_code, httpx.URL(bare.headers["Location"]).params["error"],
    )  # fmt: skip


def test_every_lie_of_plain_oauth_can_be_told_and_cites_its_rule() -> None:
    """No lie is without a telling, and each names a specification or a requirement."""
    assert set(OAuth2Lie) == {*ANSWER_LIES, *CALLBACK_LIES}
    assert [] == [lie for lie in OAuth2Lie if "RFC" not in lie.sentence and "R-" not in lie.sentence]
