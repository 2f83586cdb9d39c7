"""Somebody who comes from an application through the fake SAML provider, and can bring an answer more than once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

import anyio
import httpx
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, Home
from tests.end_to_end.relying_party import RelyingParty, SignedIn, Visit
from tests.servers.http_browser import Hop, HttpBrowser

from jitney.testing.fake_saml.documents import found
from jitney.testing.fake_saml.lies import Habits, Lie, Stage
from jitney.testing.fake_saml.travel import read_message
from jitney.testing.fake_saml_provider import Asked, Document, FakeSAMLProvider

BEGIN, BYE = "https://app.example/begin", "https://app.example/bye"

_RECORDS = """
[[identity_provider]]
name = "acme"
type = "saml"
metadata_file = "{metadata}"
user_id_claim = "urn:oid:0.9.2342.19200300.100.1.1"
idp_initiated = true
default_application = "sample"
passes_logout_on = true

[identity_provider.provisioning]
enabled = true

[[application]]
id = "sample"
name = "Sample application"
redirect_uris = ["{callback}"]
post_logout_redirect_uris = ["{bye}"]
initiate_login_uri = "{begin}"
client_secret_env = "SAMPLE_SECRET"
identity_providers = ["acme"]
local_sign_in = false
"""


@dataclass(frozen=True)
class Ids:
    """The two ids of a response that may be used once each: its own, and that of its assertion."""

    response: str
    assertion: str


@dataclass
class SAMLVisitor:
    """Somebody in one browser; ``answer`` is the page by which the provider hands its answer on through it.

    ``transport`` is how the browser and the application reach Jitney, where they do not reach it directly.
    """

    home: Home
    transport: httpx.AsyncBaseTransport | None = None
    visit: Visit = field(default_factory=Visit)
    answer: Hop | None = None
    tokens: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        mounts = {self.home.base_url: self.transport} if self.transport else {}
        self.browser = HttpBrowser(mounts=mounts, posts_on=True)
        self.application = RelyingParty(self.home.base_url, transport=self.transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self.browser.close()

    @property
    def fields(self) -> Mapping[str, str]:
        """What the provider's page posts, octet by octet."""
        assert self.answer is not None
        assert self.answer.message is not None, self.answer.text
        return self.answer.message.fields

    @property
    def ids(self) -> Ids:
        """The ids of the response that the provider's page holds."""
        response = read_message(self.fields, "SAMLResponse")
        return Ids(response.attrib["ID"], found(response, "saml:Assertion").attrib["ID"])

    async def fetch_answer(self) -> None:
        """Go from the application to the provider, and stop before its answer is handed on."""
        self.visit = Visit()
        address = self.application.address(self.visit)
        self.answer = await self.browser.follow(address, stop_before=f"{self.home.base_url}/saml/")
        assert self.fields

    async def sign_in(self) -> SignedIn:
        """Sign in from the application's button to its tokens."""
        await self.fetch_answer()
        return await self.arrive(await self.bring(self.fields))

    async def arrive(self, hop: Hop) -> SignedIn:
        """Go on to the tokens with what followed the answer."""
        signed_in = await self.application.complete(self.visit, hop.location)
        self.tokens = signed_in.tokens
        return signed_in

    async def bring(self, fields: Mapping[str, str]) -> Hop:
        """Post an answer, and return what comes of it; a redirect is not followed."""
        return await self.browser.request("POST", f"{self.home.base_url}/saml/acme/acs", form=fields)

    async def sign_out(self) -> None:
        """Sign out at the application's wish here, there, and come back to the application."""
        wanted = {"id_token_hint": self.tokens["id_token"], "post_logout_redirect_uri": BYE}
        address = f"{self.home.base_url}/oauth2/logout?{urlencode(wanted)}"
        assert BYE == (await self.browser.follow(address, stop_before=BYE)).location

    async def is_signed_in(self) -> bool:
        """Whether the session of this browser still answers for itself."""
        hop = await self.browser.get(self.application.address(Visit(), prompt="none"))
        answer = parse_qs(urlsplit(hop.location or "").query)
        assert answer.keys() & {"code", "error"}, hop.text
        return "code" in answer

    async def has_live_tokens(self) -> bool:
        """Whether the access token that the application got last is still good."""
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        async with httpx.AsyncClient(transport=self.transport, trust_env=False) as http:
            answer = await http.get(f"{self.home.base_url}/oauth2/userinfo", headers=headers)
        assert answer.status_code in {200, 401}, answer.text
        return answer.status_code == 200


async def declare(home: Home, provider: FakeSAMLProvider) -> None:
    """Declare the provider by its metadata, and an application that sends everybody there."""
    provider.logout_at = f"{home.base_url}/saml/acme/slo"
    metadata = home.folder / "acme.xml"
    await anyio.Path(metadata).write_bytes(provider.metadata())
    await home.apply(_RECORDS.format(metadata=metadata, callback=SAMPLE_CALLBACK, bye=BYE, begin=BEGIN))


def with_ids(provider: FakeSAMLProvider, visitor: SAMLVisitor, ids: Ids) -> Mapping[str, str]:
    """Answer the request of the visitor once more, with ids of our choice: all else is genuine and new."""
    asked = next(one for one in provider.asked if one.relay_state == visitor.fields["RelayState"])
    lie = Lie(
        "ids_of_our_choice",
        "The response has the ids of another.",
        Document.RESPONSE,
        Stage.FACTS,
        lambda facts: replace(facts.asserting(id=ids.assertion), id=ids.response),
    )
    return provider.maker.respond(provider.find_person(), asked, lie=lie).parameters


def unasked(provider: FakeSAMLProvider, home: Home) -> Mapping[str, str]:
    """Return what the provider's page posts when nobody asked it."""
    ours = f"{home.base_url}/saml/acme"
    asked = Asked(None, f"{ours}/acs", f"{ours}/metadata")
    return provider.respond(asked, habits=Habits(is_unsolicited=True)).parameters


def reason_of(hop: Hop) -> str | None:
    """Return the reason code of a page that refuses."""
    return hop.response.headers.get("jitney-reason")
