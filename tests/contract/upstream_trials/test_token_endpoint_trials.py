"""A trial tells a token endpoint that refuses a code of ours from an address where no codes are redeemed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from tests.contract.upstream_trials.trying import first, tried

from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.diagnosis import Finding
from jitney.model.identity_provider import UpstreamConnection
from jitney.testing.fake_oidc.signing_keys import SigningKey

pytestmark = pytest.mark.anyio

JSON, HTML, REFUSED = "application/json", "text/html", '{"error": "invalid_grant"}'
KEY = SigningKey.make("ES256", "one")
NO_TOKEN_ENDPOINTS = [
    (404, JSON, "{}", "token_answer_failed", "status 404"),
    (405, HTML, "<p>No", "token_answer_failed", "status 405"),
    (500, JSON, REFUSED, "token_answer_failed", "status 500"),
    (501, HTML, "<p>No", "token_answer_failed", "status 501"),
    (503, "text/plain", "", "token_answer_failed", "status 503"),
    (200, HTML, "<p>Hello", "token_answer_malformed", "no JSON"),
    (400, HTML, "<p>No", "token_request_refused", "a page for people"),
    (403, HTML, "<p>No", "token_request_refused", "a page for people"),
    (422, HTML, "<p>No", "token_answer_failed", "a page for people"),
]
TOKEN_ENDPOINTS = [
    (400, JSON, REFUSED, Finding.GOOD),
    (400, HTML, REFUSED, Finding.GOOD),
    (400, JSON, '{"error": "invalid_request"}', Finding.DOUBTFUL),
    (400, "text/plain", "No", Finding.DOUBTFUL),
    (429, JSON, "{}", Finding.DOUBTFUL),
]


def speak(base: str, protocol: str) -> UpstreamConnection:
    """The provider at this address."""
    if protocol == "oidc":
        return OIDCConnection(base, "jitney", client_secret="a secret")
    places = (f"{base}/authorize", f"{base}/token", f"{base}/me")
    return OAuth2Connection(*places, "jitney", "a secret")


@asynccontextmanager
async def answering(status: int, media_type: str, text: str) -> AsyncIterator[str]:
    """A provider in order, but for a token endpoint that always answers so; yields its address."""

    async def token(_: web.Request) -> web.Response:
        return web.Response(status=status, content_type=media_type, text=text)

    async def keys(_: web.Request) -> web.Response:
        return web.json_response({"keys": [dict(KEY.jwk)]})

    async def discovery(request: web.Request) -> web.Response:
        base = str(request.url.origin())
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        document = {name: f"{base}/{place}" for name, place in places.items()}
        offers = {
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return web.json_response({"issuer": base, **document, **offers})

    async def there(_: web.Request) -> web.Response:
        return web.Response()

    application = web.Application()
    application.router.add_get("/.well-known/openid-configuration", discovery)
    application.router.add_get("/keys", keys)
    application.router.add_post("/token", token)
    application.router.add_get("/{elsewhere}", there)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("protocol", ["oidc", "oauth2"])
@pytest.mark.parametrize(("status", "media_type", "text", "code", "told"), NO_TOKEN_ENDPOINTS)
async def test_address_where_no_codes_are_redeemed_is_bad(
    protocol: str, status: int, media_type: str, text: str, code: str, told: str
) -> None:
    """Test connection: an address that takes no codes, breaks down or shows a page is bad; a refusal is good."""
    async with answering(status, media_type, text) as base:
        diagnosis = await tried(speak(base, protocol), base)
    bad = first(diagnosis, Finding.BAD)
    assert ("credentials", code, False) == (bad.name, bad.code, diagnosis.is_good)
    assert told in bad.sentence
    async with answering(400, JSON, REFUSED) as base:
        assert (await tried(speak(base, protocol), base)).is_good


@pytest.mark.parametrize("protocol", ["oidc", "oauth2"])
@pytest.mark.parametrize(("status", "media_type", "text", "finding"), TOKEN_ENDPOINTS)
async def test_refusal_of_a_token_endpoint_keeps_nobody_out(
    protocol: str, status: int, media_type: str, text: str, finding: Finding
) -> None:
    """Test connection: a refusal is what an unknown code deserves; it is good or doubtful."""
    async with answering(status, media_type, text) as base:
        diagnosis = await tried(speak(base, protocol), base)
    (step,) = (one for one in diagnosis.steps if one.name == "credentials")
    assert (finding, True) == (step.finding, diagnosis.is_good)
