"""The way back from an identity provider, and the provider's word that a session there has ended."""

from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import JitneyError
from jitney.model.federated_identity import UnverifiedResponse
from jitney.signin.federated_login import FederatedLogin
from jitney.signin.journeys_in_browsers import Visitor
from jitney.signin.upstream_logout import UpstreamLogout
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.forms import read_form, read_query
from jitney.web.kit.networks import network_of
from jitney.web.pages.steps import StepPages

log = structlog.get_logger("jitney.web")


@dataclass(frozen=True, slots=True)
class Callback:
    """``/callback/{identity_provider}``: each identity provider has its own (R-050)."""

    federated: FederatedLogin
    upstream_logout: UpstreamLogout
    steps: StepPages
    cookies: Cookies

    async def come_back(self, http: Request) -> Response:
        """``GET /callback/{identity_provider}``: complete the trip."""
        return await self.complete(http, UnverifiedResponse(read_query(http)))

    async def come_back_by_post(self, http: Request) -> Response:
        """``POST /callback/{identity_provider}``: complete a trip whose answer came as a form (``form_post``)."""
        return await self.complete(http, UnverifiedResponse(await read_form(http), is_posted=True))

    async def complete(self, http: Request, unverified: UnverifiedResponse) -> Response:
        """Complete a trip, however its answer came.

        With a form that another site posts the visitor's cookie comes alone (R-102).
        It tells which browser this is;
        that this browser began the journey is then checked as ever, and a page of a refusal is bound to it instead.
        """
        browser = self.cookies.read_browser(http)
        visitor = self.cookies.read_visitor(http) if unverified.is_posted and browser is None else None
        secret = self.cookies.form_secret(http, browser) if browser else visitor or ""
        step = await self.federated.complete(
            http.path_params["identity_provider"],
            unverified,
            browser=Visitor(browser, visitor, network_of(http)),
        )
        return await self.steps.answer(http, step, form_secret=secret, handle=unverified.state or None)

    async def log_out(self, http: Request) -> Response:
        """``POST /logout/upstream/{identity_provider}``: OIDC Back-Channel Logout 2.5 and 2.8."""
        fields = await read_form(http)
        try:
            await self.upstream_logout.end(
                http.path_params["identity_provider"], fields.get("logout_token", "")
            )
        except JitneyError as fault:
            log.warning("refused", code=fault.code)
            return Response(
                '{"error":"invalid_request"}', 400, media_type="application/json", headers=NO_STORE
            )
        return Response(status_code=200, headers=NO_STORE)


NO_STORE = {"cache-control": "no-store"}
