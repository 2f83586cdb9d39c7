"""A trial of an OpenID Connect provider says what is there, what is wrong, and how to mend it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.upstream.travelling import BASE_URL, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from tests.contract.upstream_trials.trying import findings, first, said, tried

from jitney.model.connection import OIDCConnection, TokenEndpointAuth
from jitney.model.diagnosis import Finding
from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Lie, RegisteredClient

pytestmark = pytest.mark.anyio

ALL_GOOD = [
    ("discovery", Finding.GOOD), ("issuer", Finding.GOOD), ("endpoints", Finding.GOOD), ("keys", Finding.GOOD),
    ("pkce", Finding.GOOD), ("authentication", Finding.GOOD), ("credentials", Finding.GOOD),
    ("registration", Finding.GOOD),
]  # fmt: skip


@pytest.fixture
async def provider() -> AsyncIterator[FakeOIDCProvider]:
    client = RegisteredClient(CLIENT_ID, CLIENT_SECRET, (REDIRECT_URI,))
    async with FakeOIDCProvider(clients=[client]) as provider:
        yield provider


@pytest.fixture
def connection(provider: FakeOIDCProvider) -> OIDCConnection:
    return OIDCConnection(provider.issuer, CLIENT_ID, client_secret=CLIENT_SECRET)


async def test_sound_provider_is_good_in_every_step(
    provider: FakeOIDCProvider, connection: OIDCConnection
) -> None:
    """Test connection: what was found at its URL, which keys and endpoints, and what to register there."""
    diagnosis = await tried(connection, provider.issuer)
    assert ALL_GOOD == findings(diagnosis)
    told = said(diagnosis)
    for part in (provider.issuer, "(EC P-256", "token endpoint knows our client id", REDIRECT_URI):
        assert part in told
    assert f"Back-channel logout, if there is such a field: {BASE_URL}/logout/upstream/acme." in told
    assert CLIENT_SECRET not in told


@pytest.mark.parametrize(
    ("lie", "step", "code"),
    [
        (Lie.DISCOVERY_OTHER_ISSUER, "endpoints", "discovery_issuer_differs"),
        (Lie.DISCOVERY_FOREIGN_ENDPOINT, "endpoints", "discovery_endpoint_refused"),
        (Lie.DISCOVERY_MISSING_FIELDS, "endpoints", "discovery_incomplete"),
        (Lie.DISCOVERY_GARBAGE, "discovery", "discovery_malformed"),
        (Lie.DISCOVERY_REDIRECTS, "discovery", "upstream_redirect_refused"),
        (Lie.JWKS_GARBAGE, "keys", "key_set_malformed"),
        (Lie.JWKS_SYMMETRIC_KEY, "keys", "key_set_symmetric_key"),
        (Lie.JWKS_DUPLICATE_KIDS, "keys", "key_set_duplicate_kid"),
        (Lie.JWKS_EMPTY, "keys", "provider_keys_unfit"),
        (Lie.JWKS_ENCRYPTION_KEYS, "keys", "provider_keys_unfit"),
    ],
)
async def test_step_that_fails_says_why_and_ends_the_trial(
    provider: FakeOIDCProvider, connection: OIDCConnection, lie: Lie, step: str, code: str
) -> None:
    """R-054, R-072: what sign-ins would refuse a trial names first; our addresses are told all the same."""
    provider.lie(lie)
    diagnosis = await tried(connection, provider.issuer)
    bad = first(diagnosis, Finding.BAD)
    assert (step, code, False) == (bad.name, bad.code, diagnosis.is_good)
    assert [("credentials", Finding.NOT_TRIED), ("registration", Finding.GOOD)] == findings(diagnosis)[-2:]
    assert REDIRECT_URI in diagnosis.steps[-1].sentence
    provider.be_honest()
    assert (await tried(connection, provider.issuer)).is_good


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "another one"}, {"client_id": "somebody"}], ids=["secret", "client id"]
)
async def test_wrong_credentials_are_told_from_good_ones(
    provider: FakeOIDCProvider, connection: OIDCConnection, wrong: dict[str, Any]
) -> None:
    """A client that the provider does not know is found before anybody signs in; its secret is not repeated."""
    diagnosis = await tried(replace(connection, **wrong), provider.issuer)
    bad = first(diagnosis, Finding.BAD)
    assert ("credentials", "token_request_client_refused") == (bad.name, bad.code)
    assert "another one" not in said(diagnosis)
    assert (await tried(connection, provider.issuer)).is_good


async def test_algorithm_that_no_key_fits_is_named(
    provider: FakeOIDCProvider, connection: OIDCConnection
) -> None:
    """R-051: where no key can verify what the settings allow, the trial says which keys there are."""
    diagnosis = await tried(replace(connection, algorithms=("PS512",)), provider.issuer)
    bad = first(diagnosis, Finding.BAD)
    assert ("keys", "provider_keys_unfit") == (bad.name, bad.code)
    assert "PS512" in bad.sentence
    assert (await tried(connection, provider.issuer)).is_good


async def test_key_that_cannot_be_used_is_told(
    provider: FakeOIDCProvider, connection: OIDCConnection
) -> None:
    """A private key that cannot sign is found before anybody signs in, and nothing is sent with it."""
    keyed = replace(connection, token_endpoint_auth=TokenEndpointAuth.PRIVATE_KEY_JWT, private_key="no key")
    bad = first(await tried(keyed, provider.issuer), Finding.BAD)
    assert ("credentials", "client_credentials_unusable") == (bad.name, bad.code)
    assert (await tried(connection, provider.issuer)).is_good


async def test_address_that_nobody_answers_at_is_told() -> None:
    """A trial never raises: an address where nothing listens is a finding with what to do about it."""
    nowhere = OIDCConnection("http://127.0.0.1:1", CLIENT_ID, client_secret=CLIENT_SECRET)
    diagnosis = await tried(nowhere, nowhere.issuer)
    bad = first(diagnosis, Finding.BAD)
    assert ("discovery", "upstream_unreachable") == (bad.name, bad.code)
    assert "cannot be reached" in bad.sentence
