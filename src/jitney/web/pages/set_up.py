"""The set-up page: the one-time link makes the first operator."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from jitney.administration.people.setup import Setup
from jitney.errors import Conflict, InvalidInput, UserStoreRejected
from jitney.ports import Entropy
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import check_form, form_token
from jitney.web.kit.forms import read_form, read_query
from jitney.web.kit.render import Pages

_ = str
"""Marks a text of the catalogue; the template translates it."""


@dataclass(frozen=True, slots=True)
class SetUpPages:
    """``/set-up``: the link is looked at by GET and spent by POST (R-104, R-118)."""

    setup: Setup
    cookies: Cookies
    pages: Pages
    entropy: Entropy
    origin: str
    password_rule: str

    async def show(self, http: Request) -> Response:
        """``GET /set-up?token=…``."""
        token = read_query(http).get("token", "")
        await self.setup.check(token)
        return self._page(http, token)

    async def complete(self, http: Request) -> Response:
        """``POST /set-up``."""
        fields = await read_form(http)
        token, username = fields.get("token", ""), fields.get("username", "")
        browser = self.cookies.need_browser(http)
        check_form(http, fields.get("form_token"), browser=browser, purpose="set-up", origin=self.origin)
        try:
            if fields.get("password") != fields.get("password_again"):
                raise InvalidInput("passwords_differ", "The two passwords are not the same.")
            await self.setup.complete(token, username, fields.get("password", ""))
        except (InvalidInput, UserStoreRejected, Conflict) as fault:
            return self._page(http, token, problem=fault.sentence, username=username)
        return self.pages.page(
            http,
            "message.html",
            heading=_("The operator is there"),
            sentence="Sign in to the console with the name and the password that you have just chosen. "
            "There you add identity providers and applications; “jitney apply” does the same from files.",
            onward=_("Open the console"),
            onward_href="/console",
        )

    def _page(self, http: Request, token: str, *, problem: str | None = None, username: str = "") -> Response:
        known = self.cookies.read_browser(http)
        browser = known or self.entropy.token()
        response = self.pages.page(
            http,
            "set_up.html",
            status=200 if problem is None else 400,
            token=token,
            form_token=form_token(browser, "set-up"),
            username=username,
            problem=problem,
            password_rule=self.password_rule,
        )
        if known is None:
            self.cookies.set_browser(response, browser)
        return response
