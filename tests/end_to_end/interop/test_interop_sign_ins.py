"""Certified programs on both sides of Jitney: whole sign-ins, first and returning.

The upstream is npm ``oidc-provider``; the applications are Apache's ``mod_auth_openidc`` and Authlib's client.
"""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from anyio import to_thread
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwk, jwt
from tests.end_to_end.half_accounts import fetch, find_half_accounts
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, SECRET, Home, JitneyProcess
from tests.servers.apache import ApacheApplication, claims_shown
from tests.servers.http_browser import HttpBrowser
from tests.servers.oidc_provider import OIDCProviderServer

pytestmark = pytest.mark.anyio

_RECORDS = f"""
[[identity_provider]]
name = "acme"
issuer = "{{issuer}}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"
[identity_provider.provisioning]
enabled = true

[[application]]
id = "apache"
name = "Apache"
redirect_uris = ["{{apache}}"]
post_logout_redirect_uris = ["{{signed_out}}"]
client_secret_env = "SAMPLE_SECRET"
local_sign_in = false

[[application]]
id = "authlib"
name = "Authlib"
redirect_uris = ["{SAMPLE_CALLBACK}"]
client_secret_env = "SAMPLE_SECRET"
local_sign_in = false
"""


@dataclass(frozen=True)
class Chain:
    """A running ``oidc-provider`` and a running Jitney; Apache is declared and starts with each test."""

    home: Home
    provider: OIDCProviderServer
    apache: ApacheApplication

    async def links_of(self, username: str) -> list[str]:
        """The ids of the users who are linked to a subject of the provider."""
        found = await fetch(self.home, "SELECT subject, user_id FROM account_links")
        return [row[1] for row in found[0] if row[0] == username]


@pytest.fixture(scope="module")
async def chain(anyio_backend: str) -> AsyncIterator[Chain]:
    """The provider, Jitney, and the declarations that join them."""
    home = Home()
    callback = f"{home.base_url}/callback/acme"
    provider = OIDCProviderServer("jitney", SECRET, (callback,), anybody=True)
    apache = ApacheApplication("apache", SECRET, home.base_url)
    with provider:
        home.allow = (urlsplit(provider.issuer).netloc,)
        home.write_settings()
        await home.apply(
            _RECORDS.format(
                issuer=provider.issuer, apache=apache.redirect_uri, signed_out=apache.signed_out_page
            )
        )
        async with JitneyProcess(home):
            yield Chain(home, provider, apache)
    home.remove()


async def _sign_in_at_apache(chain: Chain, browser: HttpBrowser) -> dict[str, str]:
    """Open the protected page, end up there signed in, and return the claims that the module hands on."""
    page = await browser.follow(chain.apache.protected_page)
    assert 200 == page.status, chain.apache.log()
    assert chain.apache.protected_page == page.url, page.text
    return claims_shown(page.text)


@pytest.fixture
async def newcomer(chain: Chain) -> AsyncIterator[str]:
    """The name of somebody who was never here; Apache runs and asks for them."""
    name = f"person-{secrets.token_hex(4)}"
    apache = chain.apache
    apache.directives = {"OIDCAuthRequestParams": f"login_hint={name}"}
    await to_thread.run_sync(apache.start)
    yield name
    await to_thread.run_sync(apache.stop)


@pytest.mark.interop_sign_in("oidc-provider → Jitney → mod_auth_openidc: first")
async def test_mod_auth_openidc_gets_a_new_person(chain: Chain, newcomer: str) -> None:
    """A first sign-in makes one user and one link, and the module hands on the local subject and the claims."""
    async with HttpBrowser() as browser:
        claims = await _sign_in_at_apache(chain, browser)
    assert [claims["sub"]] == await chain.links_of(newcomer)
    assert chain.home.base_url == claims["iss"]
    assert f"{newcomer}@acme.example" == claims["email"]
    assert f"{newcomer} Newcomer" == claims["name"]
    assert [] == await find_half_accounts(chain.home)


@pytest.mark.interop_sign_in("oidc-provider → Jitney → mod_auth_openidc: returning")
async def test_mod_auth_openidc_gets_the_same_person_again(chain: Chain, newcomer: str) -> None:
    """From another browser the same person comes again as the same user."""
    async with HttpBrowser() as browser, HttpBrowser() as other_browser:
        first = await _sign_in_at_apache(chain, browser)
        again = await _sign_in_at_apache(chain, other_browser)
        assert any(url.startswith(chain.provider.issuer) for url in other_browser.visited)
    assert first["sub"] == again["sub"]
    assert [first["sub"]] == await chain.links_of(newcomer)


@pytest.mark.interop_sign_in("oidc-provider → Jitney → mod_auth_openidc: sign-out, and in again")
async def test_mod_auth_openidc_signs_out(chain: Chain, newcomer: str) -> None:
    """After the module's logout the session is over at Jitney too: the next visit goes upstream again."""
    async with HttpBrowser() as browser:
        first = await _sign_in_at_apache(chain, browser)
        signed_out = await browser.follow(chain.apache.logout_address)
        assert chain.apache.signed_out_page == signed_out.url, signed_out.text
        seen = len(browser.visited)
        again = await _sign_in_at_apache(chain, browser)
        assert any(url.startswith(chain.provider.issuer) for url in browser.visited[seen:])
    assert first["sub"] == again["sub"]
    assert [first["sub"]] == await chain.links_of(newcomer)


class AuthlibApplication:
    """An application made of Authlib's client: discovery, PKCE, code, ID token, UserInfo."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    async def sign_in(self, browser: HttpBrowser, login_hint: str) -> dict[str, Any]:
        """Bring the browser in; the claims of the ID token and of UserInfo together."""
        async with self._client() as client:
            metadata = await _get_public(client, f"{self.issuer}/.well-known/openid-configuration")
            verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
            address, state = client.create_authorization_url(
                metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, login_hint=login_hint
            )
            last = await browser.follow(address, stop_before=SAMPLE_CALLBACK)
            token = await client.fetch_token(
                metadata["token_endpoint"],
                authorization_response=last.location,
                code_verifier=verifier,
                state=state,
            )
            key_set = await _get_public(client, metadata["jwks_uri"])
            claims = jwt.decode(token["id_token"], jwk.KeySet.import_key_set(key_set)).claims
            assert {self.issuer, "authlib", nonce} == {claims["iss"], claims["aud"], claims["nonce"]}
            userinfo = (await client.get(metadata["userinfo_endpoint"])).json()
        assert claims["sub"] == userinfo["sub"]
        return claims | userinfo

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            "authlib",
            SECRET,
            scope="openid profile email",
            redirect_uri=SAMPLE_CALLBACK,
            code_challenge_method="S256",
            trust_env=False,
        )


async def _get_public(client: AsyncOAuth2Client, url: str) -> dict[str, Any]:
    """A document for which no token is sent."""
    return (await client.request("GET", url, withhold_token=True)).json()


@pytest.mark.interop_sign_in("oidc-provider → Jitney → Authlib: first")
async def test_authlib_gets_a_new_person(chain: Chain) -> None:
    """A first sign-in makes one user and one link, and the client gets the local subject and the claims."""
    name = f"person-{secrets.token_hex(4)}"
    async with HttpBrowser() as browser:
        claims = await AuthlibApplication(chain.home.base_url).sign_in(browser, name)
    assert [claims["sub"]] == await chain.links_of(name)
    assert f"{name}@acme.example" == claims["email"]
    assert f"{name} Newcomer" == claims["name"]
    assert [] == await find_half_accounts(chain.home)


@pytest.mark.interop_sign_in("oidc-provider → Jitney → Authlib: returning")
async def test_authlib_gets_the_same_person_again(chain: Chain) -> None:
    """From another browser the same person comes again as the same user."""
    name = f"person-{secrets.token_hex(4)}"
    application = AuthlibApplication(chain.home.base_url)
    async with HttpBrowser() as browser, HttpBrowser() as other_browser:
        first = await application.sign_in(browser, name)
        again = await application.sign_in(other_browser, name)
        assert any(url.startswith(chain.provider.issuer) for url in other_browser.visited)
    assert first["sub"] == again["sub"]
    assert [first["sub"]] == await chain.links_of(name)
