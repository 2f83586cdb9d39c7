"""A chain of real parts: an identity provider, Jitney, and an application; and people who walk along it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from anyio import to_thread
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, SECRET, Home
from tests.end_to_end.relying_party import RelyingParty, SignedIn, Visit
from tests.servers.http_browser import Hop, HttpBrowser
from tests.servers.lemonldap import LemonLDAPServer
from tests.servers.lemonldap_configuration import OIDCApplication
from tests.servers.pysaml2_provider import PySAML2Server
from tests.servers.saml_server import KnownPerson
from tests.servers.simplesamlphp import SimpleSAMLphpServer

AnyServer = SimpleSAMLphpServer | LemonLDAPServer | PySAML2Server

SIGNED_OUT = "https://app.example/signed-out"
"""Where the application sends people after the logout; nothing answers there."""

BEGIN = "https://app.example/begin"
"""Where the application begins a sign-in when it is told to (OIDC Core 4)."""

_PROVIDER = """
[[identity_provider]]
name = "acme"
passes_logout_on = true
{connection}
[identity_provider.provisioning]
enabled = true

[[application]]
id = "sample"
name = "Sample application"
redirect_uris = ["{callback}"]
post_logout_redirect_uris = ["{signed_out}"]
initiate_login_uri = "{begin}"
client_secret_env = "SAMPLE_SECRET"
identity_providers = ["acme"]
local_sign_in = false
"""
_SAML = """
type = "saml"
metadata_url = "{metadata_url}"
name_id_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
user_id_claim = "{user_id_claim}"
"""
_OPENID = """
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"
"""


@dataclass(frozen=True)
class Chain:
    """An identity provider and a Jitney that run and know each other; ``connection`` is how it is declared."""

    home: Home
    server: AnyServer
    application: RelyingParty
    connection: str

    async def links_of(self, user_id: str) -> list[str]:
        """The subjects that lead to a user."""
        (rows,) = await fetch(self.home, "SELECT subject, user_id FROM account_links")
        return [subject for subject, user in rows if user == user_id]

    async def attributes_of(self, user_id: str) -> dict[str, str]:
        """What is kept of a user."""
        (rows,) = await fetch(
            self.home, f"SELECT name, value FROM user_attributes WHERE user_id = '{user_id}'"
        )
        return dict(rows)

    async def begin(self, browser: HttpBrowser, visit: Visit, **extra: str) -> Hop:
        """Come from the application, and rest where the browser does: at the provider, or with an answer."""
        return await browser.follow(self.application.address(visit, **extra), stop_before=SAMPLE_CALLBACK)

    async def sign_in(self, browser: HttpBrowser, person: KnownPerson) -> SignedIn:
        """Walk to the application as a person, who gives their password where the provider asks for it."""
        visit = Visit()
        last = await self.attempt(browser, person, visit)
        return await self.application.complete(visit, last.location)

    async def attempt(self, browser: HttpBrowser, person: KnownPerson, visit: Visit) -> Hop:
        """The same without looking at how it ended."""
        page = await self.begin(browser, visit)
        if page.location is not None or not page.forms or not page.forms[0].asks:
            return page
        return await self.server.form.fill_in(browser, page, person, stop_before=SAMPLE_CALLBACK)

    async def is_signed_in(self, browser: HttpBrowser) -> bool:
        """Whether Jitney knows the browser without a question."""
        last = await self.begin(browser, Visit(), prompt="none")
        answer = parse_qs(urlsplit(last.location or "").query)
        assert answer.keys() & {"code", "error"}, last.text
        return "code" in answer

    def logout_address(self, signed_in: SignedIn) -> str:
        """Where the application sends people who sign out."""
        given = {"id_token_hint": signed_in.tokens["id_token"], "post_logout_redirect_uri": SIGNED_OUT}
        return f"{self.home.base_url}/oauth2/logout?{urlencode(given)}"

    async def declare(self, more: str = "") -> None:
        """Bring Jitney's records to what they shall be, with more lines about the provider."""
        text = _PROVIDER.format(
            connection=self.connection + more, callback=SAMPLE_CALLBACK, signed_out=SIGNED_OUT, begin=BEGIN
        )
        await self.home.apply(text)

    async def refresh(self) -> None:
        """Fetch the provider's metadata now, as an operator would."""
        await self.home.run("idp", "refresh", "acme")


@asynccontextmanager
async def saml_chain(server: AnyServer, *, user_id_claim: str) -> AsyncIterator[Chain]:
    """Declare the provider to Jitney by its metadata, and Jitney to the provider by ours; ``server`` runs."""
    home = Home(allow=(urlsplit(server.metadata_url).netloc,))
    connection = _SAML.format(metadata_url=server.metadata_url, user_id_claim=user_id_claim)
    async with _serving(home, server, connection) as chain:
        await introduce(home, server)
        yield chain


@asynccontextmanager
async def openid_chain(server: LemonLDAPServer) -> AsyncIterator[Chain]:
    """Declare the provider to Jitney by its issuer, and Jitney to the provider as a client; ``server`` runs."""
    home = Home(allow=(urlsplit(server.address).netloc,))
    client = OIDCApplication(
        "jitney",
        SECRET,
        redirect_uris=(f"{home.base_url}/callback/acme",),
        post_logout_redirect_uris=(f"{home.base_url}/logout/upstream/acme/done",),
    )
    await to_thread.run_sync(server.serve, client)
    async with _serving(home, server, _OPENID.format(issuer=server.address)) as chain:
        yield chain


@asynccontextmanager
async def _serving(home: Home, server: AnyServer, connection: str) -> AsyncIterator[Chain]:
    try:
        chain = Chain(home, server, RelyingParty(home.base_url), connection)
        await chain.declare()
        async with ForkedServer(home):
            yield chain
    finally:
        home.remove()


async def introduce(home: Home, server: AnyServer) -> None:
    """Give the provider the metadata that Jitney has for it."""
    await to_thread.run_sync(server.trust, await our_metadata(home, "acme"))


async def our_metadata(home: Home, name: str) -> bytes:
    """What Jitney says of itself to the provider of a name."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{home.address}/saml/{name}/metadata")
    assert 200 == answer.status_code, answer.text
    return answer.content
