"""A trial of a plain OAuth 2.0 provider: its endpoints answer, and it knows us."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.contract.upstream.travelling import REDIRECT_URI
from tests.contract.upstream_trials.trying import findings, first, said, tried

from jitney.model.connection import OAuth2Connection
from jitney.model.diagnosis import Finding
from jitney.testing.fake_oauth2_provider import FakeOAuth2Provider

pytestmark = pytest.mark.anyio


@pytest.fixture
async def provider() -> AsyncIterator[FakeOAuth2Provider]:
    async with FakeOAuth2Provider("jitney", "a secret", REDIRECT_URI) as provider:
        yield provider


@pytest.fixture
def connection(provider: FakeOAuth2Provider) -> OAuth2Connection:
    return OAuth2Connection(
        provider.authorization_endpoint,
        provider.token_endpoint,
        provider.userinfo_endpoint,
        "jitney",
        "a secret",
    )


async def test_sound_provider_is_good(provider: FakeOAuth2Provider, connection: OAuth2Connection) -> None:
    """Test connection: endpoints that answer, credentials that are known, and what to register there."""
    diagnosis = await tried(connection, provider.base)
    assert {Finding.GOOD} == {finding for _, finding in findings(diagnosis)}
    assert REDIRECT_URI in said(diagnosis)
    assert "a secret" not in said(diagnosis)


async def test_wrong_secret_is_found(provider: FakeOAuth2Provider, connection: OAuth2Connection) -> None:
    """R-053: a secret that the token endpoint refuses is found before anybody signs in; our addresses are told."""
    diagnosis = await tried(replace(connection, client_secret="wrong"), provider.base)
    bad = first(diagnosis, Finding.BAD)
    assert ("credentials", "token_request_client_refused") == (bad.name, bad.code)
    assert [("registration", Finding.GOOD), ("subject", Finding.GOOD)] == findings(diagnosis)[-2:]
    assert (await tried(connection, provider.base)).is_good


async def test_endpoint_that_is_not_there_is_doubtful(
    provider: FakeOAuth2Provider, connection: OAuth2Connection
) -> None:
    """A wrong address of an endpoint is told; browsers may still reach what this machine does not."""
    lost = replace(connection, userinfo_endpoint=f"{provider.base}/nowhere")
    diagnosis = await tried(lost, provider.base)
    doubtful = first(diagnosis, Finding.DOUBTFUL)
    assert ("endpoints", "provider_endpoint_not_there") == (doubtful.name, doubtful.code)
