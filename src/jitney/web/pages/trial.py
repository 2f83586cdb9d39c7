"""The way into an operator's trial of a provider, perhaps for an application: a link, and a button."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from jitney.ports import Entropy
from jitney.signin.provider_trial import ProviderTrial
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import check_form, form_token
from jitney.web.kit.forms import read_form, read_query
from jitney.web.kit.render import Pages
from jitney.web.pages.steps import StepPages


@dataclass(frozen=True, slots=True)
class TrialPages:
    """``/trial``; ``origin`` is the origin of our public address, which our own form comes from."""

    trials: ProviderTrial
    steps: StepPages
    cookies: Cookies
    pages: Pages
    entropy: Entropy
    origin: str

    async def show(self, http: Request) -> Response:
        """``GET /trial?k=…``: say what will happen; a look at the link does not spend it (R-104)."""
        key = read_query(http).get("k", "")
        ahead = await self.trials.look(key)
        known = self.cookies.read_browser(http)
        browser = known or self.entropy.token()
        token = form_token(self.cookies.form_secret(http, browser), f"trial {key}")
        response = self.pages.page(http, "trial_begin.html", ahead=ahead, key=key, form_token=token)
        if known is None:
            self.cookies.set_browser(response, browser)
        return response

    async def begin(self, http: Request) -> Response:
        """``POST /trial``: leave for the provider."""
        fields = await read_form(http)
        key = fields.get("k", "")
        browser = self.cookies.need_browser(http)
        secret = self.cookies.form_secret(http, browser)
        check_form(http, fields.get("form_token"), browser=secret, purpose=f"trial {key}", origin=self.origin)
        step = await self.trials.begin(key, browser=browser)
        return await self.steps.answer(http, step, form_secret=secret)
