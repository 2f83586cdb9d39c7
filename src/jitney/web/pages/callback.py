"""The way back from an identity provider, and the provider's word that a session there has ended."""

from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import JitneyError
from jitney.model.federated_identity import UnverifiedResponse
from jitney.signin.federated_login import FederatedLogin
from jitney.signin.upstream_logout import UpstreamLogout
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.forms import read_form, read_query
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
        parameters = read_query(http)
        browser = self.cookies.read_browser(http)
        secret = self.cookies.form_secret(http, browser or "")
        step = await self.federated.complete(
            http.path_params["identity_provider"], UnverifiedResponse(parameters), browser=browser
        )
        return await self.steps.answer(http, step, form_secret=secret, handle=parameters.get("state"))

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
