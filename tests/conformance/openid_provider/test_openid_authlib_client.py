"""Authlib's client walks through the endpoints as an application would."""

import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken
from tests.web.openid.openid_house import ADA, APPLICATION, ISSUER, REDIRECT, SECRET, VERIFIER, House

from jitney.model.application import ClientAuthentication

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
async def test_authlib_signs_somebody_in(house: House, method: str, algorithm: str):
    """Interop: discovery, code with PKCE, ID token verified by Authlib, UserInfo, refresh, revocation."""
    public = method == "none"
    house.replace_application(
        authentication=ClientAuthentication(method), id_token_algorithm=algorithm,
        secret_hash=None if public else APPLICATION.secret_hash,
    )  # fmt: skip
    told = (await house.client.get("/.well-known/openid-configuration")).json()
    async with AsyncOAuth2Client(
        "app", None if public else SECRET, redirect_uri=REDIRECT, scope="openid profile email offline_access",
        token_endpoint_auth_method=method, revocation_endpoint_auth_method=method, code_challenge_method="S256",
        transport=house.client._transport,
        token_endpoint=told["token_endpoint"],
    ) as client:  # fmt: skip
        address, state = client.create_authorization_url(
            told["authorization_endpoint"], code_verifier=VERIFIER, nonce="n-1"
        )
        back = (await house.client.get(address)).headers["location"]
        token = await client.fetch_token(
            told["token_endpoint"], authorization_response=back, state=state, code_verifier=VERIFIER
        )
        keys = JsonWebKey.import_key_set((await house.client.get(told["jwks_uri"])).json())
        claims = jwt.decode(
            token["id_token"], keys, claims_cls=CodeIDToken,
            claims_options={"iss": {"value": ISSUER}, "aud": {"value": "app"}},
            claims_params={"nonce": "n-1", "access_token": token["access_token"], "client_id": "app"},
        )  # fmt: skip
        claims.validate(now=int(house.clock.now().timestamp()))
        assert (ADA.id, algorithm) == (claims["sub"], claims.header["alg"])
        told_of = (await client.get(told["userinfo_endpoint"])).json()
        assert (ADA.id, "Ada Alder", True) == (told_of["sub"], told_of["name"], told_of["email_verified"])
        fresh = await client.refresh_token(told["token_endpoint"], refresh_token=token["refresh_token"])
        assert fresh["refresh_token"] != token["refresh_token"]
        assert (
            200
            == (
                await client.revoke_token(told["revocation_endpoint"], token=fresh["refresh_token"])
            ).status_code
        )
        with pytest.raises(OAuthError, match="invalid_grant"):
            await client.refresh_token(told["token_endpoint"], refresh_token=fresh["refresh_token"])


async def test_authlib_understands_an_error(house: House):
    """Interop: what goes wrong reaches the client in the words of RFC 6749."""
    async with AsyncOAuth2Client("app", "wrong", transport=house.client._transport) as client:
        with pytest.raises(OAuthError, match="invalid_client"):
            await client.fetch_token(ISSUER + "/oauth2/token", code="x", grant_type="authorization_code")
