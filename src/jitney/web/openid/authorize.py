"""``/oauth2/authorize``: an application sends somebody to sign in."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import JitneyError
from jitney.openid_provider.authorization import Authorization
from jitney.openid_provider.request_checks import RefusedRequest
from jitney.web.kit.answers import SignInEntrance
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.forms import parse_pairs
from jitney.web.kit.render import redirect
from jitney.web.openid.answers import OpenIDAnswers
from jitney.web.openid.forms import read_pairs

_LONGEST_ADDRESS: Final = 8 * 1024


@dataclass(frozen=True, slots=True)
class AuthorizeEndpoint:
    """Checks the request and hands it to the sign-in."""

    authorization: Authorization
    entrance: SignInEntrance
    answers: OpenIDAnswers
    error_pages: ErrorPages

    async def get(self, http: Request) -> Response:
        """``GET``: the request is in the query."""
        return await self._enter(http, parse_pairs(http.scope["query_string"]))

    async def post(self, http: Request) -> Response:
        """``POST``: the request is a form (OIDC Core 3.1.2.1).

        A browser leaves our cookies out of a form that another site posts, so that nobody would ever be
        signed in already; it sends them on the redirect.
        """
        pairs = await read_pairs(http)
        query = urlencode(pairs)
        if len(query) <= _LONGEST_ADDRESS:
            return redirect(f"{http.scope['path']}?{query}")
        return await self._enter(http, pairs)

    async def handle(self, http: Request) -> Response:
        """Answer either; a fault that may not be told to the application is a page of ours (R-079)."""
        try:
            return await (self.post if http.method == "POST" else self.get)(http)
        except JitneyError as fault:
            return self.error_pages.of_fault(http, fault)

    async def _enter(self, http: Request, pairs: list[tuple[str, str]]) -> Response:
        accepted = await self.authorization.accept(pairs)
        if isinstance(accepted, RefusedRequest):
            return self.answers.refuse(accepted)
        return await self.entrance.enter(http, accepted)
