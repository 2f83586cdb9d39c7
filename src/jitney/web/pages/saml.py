"""The SAML addresses of one identity provider: our metadata, its assertions, and single logout."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jitney.errors import Expired, NotFound
from jitney.model.federated_identity import UnverifiedResponse
from jitney.ports import IdentityProviders, Upstreams
from jitney.signin.federated_login import is_of_no_trip
from jitney.signin.logout_onward import LogoutOnward
from jitney.signin.unsolicited import Invited, UnsolicitedArrival
from jitney.signin.upstream_logout import UpstreamLogout
from jitney.web.kit.forms import read_form, read_query
from jitney.web.kit.onward import onward
from jitney.web.kit.render import Pages, redirect
from jitney.web.pages.callback import NO_STORE, Callback

_ = str
"""Marks a text of the catalogue; the template translates it."""


@dataclass(frozen=True, slots=True)
class SAMLPages:
    """``/saml/{identity_provider}/…``: each identity provider has its own, and none answers for another (R-064)."""

    identity_providers: IdentityProviders
    upstreams: Upstreams
    callback: Callback
    unsolicited: UnsolicitedArrival
    upstream_logout: UpstreamLogout
    logout_onward: LogoutOnward
    pages: Pages
    issuer: str

    def routes(self) -> list[Route]:
        """Return the routes, to be mounted at the root."""
        base = "/saml/{identity_provider}"
        return [
            Route(f"{base}/metadata", self.metadata, methods=["GET"]),
            Route(f"{base}/acs", self.take_response, methods=["POST"]),
            Route(f"{base}/slo", self.take_logout_message, methods=["GET", "POST"]),
            Route("/logout/upstream/{identity_provider}/done", self.signed_out, methods=["GET"]),
        ]

    async def metadata(self, http: Request) -> Response:
        """``GET …/metadata``: what the provider needs to know about us."""
        provider = await self.identity_providers.find_by_name(http.path_params["identity_provider"])
        if provider is None:
            raise NotFound("identity_provider_unknown", "There is no such identity provider.")
        document = self.upstreams.find_saml(provider).metadata()
        return Response(document, media_type="application/samlmetadata+xml", headers=NO_STORE)

    async def take_response(self, http: Request) -> Response:
        """``POST …/acs``: the answer to a request of ours, or one that nobody asked for (R-066)."""
        unverified = UnverifiedResponse(await read_form(http), is_posted=True)
        name = http.path_params["identity_provider"]
        try:
            return await self.callback.complete(http, unverified)
        except Expired as fault:
            invited = await self.unsolicited.receive(name, unverified) if is_of_no_trip(fault) else None
            if invited is None:
                raise
        return self._invite(invited)

    async def take_logout_message(self, http: Request) -> Response:
        """``GET`` and ``POST …/slo``: a request to end sessions, or the answer to ours.

        That a GET changes something is the protocol's will (SAML Bindings 3.4); the message is signed.
        """
        unverified = await _read(http)
        name = http.path_params["identity_provider"]
        if "SAMLRequest" in unverified.parameters:
            answer = await self.upstream_logout.end_saml(name, unverified)
            return onward(answer, nonce=self.callback.steps.error_pages.entropy.token())
        return await self._finish(http, unverified)

    async def signed_out(self, http: Request) -> Response:
        """``GET /logout/upstream/{identity_provider}/done``: back from an OpenID Connect provider."""
        return await self._finish(http, UnverifiedResponse(read_query(http)))

    async def _finish(self, http: Request, unverified: UnverifiedResponse) -> Response:
        return_to = await self.logout_onward.finish(http.path_params["identity_provider"], unverified)
        if return_to is not None:
            return redirect(return_to)
        return self.pages.page(
            http, "message.html", heading=_("Signed out"), sentence="You are signed out here."
        )

    def _invite(self, invited: Invited) -> Response:
        """Send the browser to the application, which begins; the cookie says through whom, and grants nothing."""
        separator = "&" if "?" in invited.initiate_login_uri else "?"
        response = redirect(f"{invited.initiate_login_uri}{separator}{urlencode({'iss': self.issuer})}")
        self.callback.cookies.set_origin(response, invited.provider)
        return response


async def _read(http: Request) -> UnverifiedResponse:
    """Return a message, with the query as it came: the signature covers its very octets."""
    if http.method == "POST":
        return UnverifiedResponse(await read_form(http), is_posted=True)
    return UnverifiedResponse(read_query(http), query=http.scope["query_string"].decode("ascii", "replace"))
