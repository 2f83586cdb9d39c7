"""``/oauth2/logout``: an application, or a person, ends the session here."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import JitneyError
from jitney.openid_provider.end_session import EndSession, LogoutRequest
from jitney.ports import Entropy
from jitney.signin.logout_onward import LogoutOnward
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import check_form, form_token
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.forms import parse_pairs
from jitney.web.kit.onward import onward
from jitney.web.kit.render import Pages, redirect
from jitney.web.openid.forms import read_pairs

_FORM = "logout"

_ = str
"""Marks a text of the catalogue; the template translates it."""


@dataclass(frozen=True, slots=True)
class LogoutEndpoint:
    """Ends a session at once where the application proves that it is its own, and asks the person otherwise.

    ``origin`` is the origin of our public address, which our own form comes from.
    """

    end_session: EndSession
    logout_onward: LogoutOnward
    cookies: Cookies
    pages: Pages
    error_pages: ErrorPages
    entropy: Entropy
    origin: str

    async def handle(self, http: Request) -> Response:
        """``GET``, and ``POST`` by an application (RP-Initiated Logout 2)."""
        try:
            if http.method == "POST":
                # Our cookies do not travel with a form that another site posts; they do on the redirect.
                return redirect(f"{http.scope['path']}?{urlencode(await read_pairs(http))}")
            pairs = parse_pairs(http.scope["query_string"])
            asked = await self.end_session.judge(pairs, self.cookies.read_session(http))
            return self._ask(http, asked) if asked.needs_confirmation else await self._end(http, asked)
        except JitneyError as fault:
            return self.error_pages.of_fault(http, fault)

    async def confirm(self, http: Request) -> Response:
        """``POST /oauth2/logout/confirm``: the person said yes on our page (R-090, R-104)."""
        try:
            pairs = await read_pairs(http)
            secret = self.cookies.form_secret(http, self.cookies.need_browser(http))
            posted = dict(pairs).get("form_token")
            check_form(http, posted, browser=secret, purpose=_FORM, origin=self.origin)
            asked = await self.end_session.judge(
                [pair for pair in pairs if pair[0] != "form_token"], self.cookies.read_session(http)
            )
            return await self._end(http, asked)
        except JitneyError as fault:
            return self.error_pages.of_fault(http, fault)

    async def _end(self, http: Request, asked: LogoutRequest) -> Response:
        """End the session here, and then at the provider where it began, if its settings say so."""
        further = None
        if asked.session is not None:
            await self.end_session.end(asked.session)
            further = await self.logout_onward.begin(asked.session, return_to=asked.return_to)
        if further is not None:
            response = onward(further, nonce=self.entropy.token())
        else:
            response = redirect(asked.return_to) if asked.return_to is not None else self._ended(http)
        self.cookies.clear_session(response)
        return response

    def _ended(self, http: Request) -> Response:
        return self.pages.page(
            http, "message.html", heading=_("Signed out"), sentence="You are signed out here."
        )

    def _ask(self, http: Request, asked: LogoutRequest) -> Response:
        """Ask on a page of ours; a browser without a cookie is given the one that binds the form to it."""
        known = self.cookies.read_browser(http)
        browser = known or self.entropy.token()
        token = form_token(self.cookies.form_secret(http, browser), _FORM)
        response = self.pages.page(http, "sign_out.html", fields=asked.asked, form_token=token)
        if known is None:
            self.cookies.set_browser(response, browser)
        return response
