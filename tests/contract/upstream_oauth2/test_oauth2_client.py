"""The token endpoint of a plain OAuth 2.0 provider is shown that it is us, or that we are a public client."""

from typing import Any

import pytest
from tests.contract.upstream.travelling import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from tests.contract.upstream_oauth2.oauth2_travelling import OAuth2Traveller

from jitney.errors import UpstreamUnavailable
from jitney.model.connection import TokenEndpointAuth

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_secret_goes_where_the_settings_say(traveller: OAuth2Traveller, method: str) -> None:
    """R-057: in the header or in the form, never in both and never in an address; a wrong one is the operator's."""
    traveller.configure(token_endpoint_auth=TokenEndpointAuth(method))
    assert "42" == (await traveller.travel()).subject
    assert method == traveller.provider.received.auth_methods[-1]
    assert ("client_secret" in traveller.provider.received.token_forms[-1]) is (
        method == "client_secret_post"
    )
    traveller.configure(client_secret="not the secret")
    with pytest.raises(UpstreamUnavailable) as refused:
        await traveller.travel()
    assert "token_request_client_refused" == refused.value.code
    assert "not the secret" not in repr(refused.value)


async def test_public_client_names_itself_and_proves_possession(traveller: OAuth2Traveller) -> None:
    """RFC 6749 3.2.1, RFC 7636: without a secret there is ``client_id`` and the verifier, and no empty secret."""
    traveller.provider.client_secret = None
    traveller.configure(client_secret=None)
    departure = await traveller.leave()
    brought = await traveller.visit(departure)
    assert "42" == (await traveller.arrive(brought, departure)).subject
    assert {
        "grant_type": "authorization_code",
        "code": brought["code"],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": departure.attempt.code_verifier,
        "client_id": CLIENT_ID,
    } == traveller.provider.received.token_forms[-1]


@pytest.mark.parametrize(
    ("settings", "flaw"),
    [
        ({"client_secret": None, "sends_pkce": False}, "public_client_without_pkce"),
        ({"client_secret": ""}, "client_secret_missing"),
        ({"token_endpoint_auth": TokenEndpointAuth.PRIVATE_KEY_JWT}, "method_not_spoken"),
        ({"token_endpoint_auth": TokenEndpointAuth.SIGNED_CLIENT_SECRET}, "method_not_spoken"),
    ],
)
async def test_unusable_credentials_of_plain_oauth_send_no_code(
    traveller: OAuth2Traveller, settings: dict[str, Any], flaw: str
) -> None:
    """R-057: a wrong setting is told to the operator, before the code goes anywhere; the right one signs in."""
    traveller.provider.habits.requires_pkce = False
    right = {name: getattr(traveller.idp.connection, name) for name in settings}
    traveller.configure(**settings)
    with pytest.raises(UpstreamUnavailable) as refused:
        await traveller.travel()
    assert ("client_credentials_unusable", flaw) == (refused.value.code, refused.value.details["flaw"])
    assert [] == traveller.provider.received.token_forms
    traveller.configure(**right)
    assert ("42", CLIENT_SECRET) == ((await traveller.travel()).subject, traveller.provider.client_secret)


async def test_json_is_asked_for(traveller: OAuth2Traveller) -> None:
    """GitHub answers with a form unless JSON is asked for; a token without a type is taken as a bearer's."""
    traveller.provider.habits.token_type = None
    assert "42" == (await traveller.travel()).subject
    assert ["application/json"] == traveller.provider.received.token_accepts
