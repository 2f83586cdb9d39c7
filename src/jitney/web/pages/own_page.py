"""The two doors of a page of the customer's own: what it shows, and the answers that it posts."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jitney.errors import Expired, InvalidInput, JitneyError, NotAllowed, NotFound
from jitney.provisioning.prompt_forms import PromptForm
from jitney.signin.journey import AskAgain, Shown, Step
from jitney.signin.journeys_in_browsers import Visitor
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.error_pages import STATUS
from jitney.web.kit.forms import read_form
from jitney.web.kit.networks import network_of
from jitney.web.kit.render import Pages, redirect
from jitney.web.pages.own_addresses import OwnPages
from jitney.web.pages.own_page_json import describe
from jitney.web.pages.prompt import WAY_TO_LINK, PromptVerbs, needed
from jitney.web.pages.prompt_view import prompt_address
from jitney.web.pages.steps import StepPages

log = structlog.get_logger("jitney.web")

ACTIONS = frozenset({"answer", "decline", "cancel", "another", "link"})
"""What a page elsewhere may do. An account is proven on a page of ours alone."""

WSO2_NAMES: Mapping[str, str] = {"password2": "password_again"}
"""Fields of pages that were written for WSO2 Identity Server → ours."""


@dataclass(frozen=True, slots=True)
class OwnPageDoors:
    """``/api/v1/prompts/{session_data_key}`` and ``/commonauth``.

    ``origin`` is the origin of the public address. Where no own page is set, neither door is there.
    """

    verbs: PromptVerbs
    steps: StepPages
    own: OwnPages
    cookies: Cookies
    pages: Pages
    origin: str

    async def describe(self, http: Request) -> Response:
        """``GET /api/v1/prompts/{session_data_key}``: what the page says, to whoever has its key; changes nothing.

        No cookie goes with it: a script of the page asks, or its server.
        """
        self._must_be_there()
        if http.method == "OPTIONS":
            return self._readable(http, Response(status_code=204))
        key: str = http.path_params["session_data_key"]
        try:
            shown = await self.verbs.prompts.look(key)
        except JitneyError as fault:
            log.warning("refused", code=fault.code)
            status = 404 if isinstance(fault, Expired) else STATUS[type(fault)][0]
            say = self.pages.language(http).gettext
            body = {"code": fault.code, "message": say(fault.sentence)}
            return self._readable(http, JSONResponse(body, status))
        return self._readable(http, JSONResponse(self._body(http, key, shown)))

    async def answer(self, http: Request) -> Response:
        """``POST /commonauth``: the answers of the page, with the key and the cookie of the browser.

        The attack: somebody sends a victim to a page of theirs, which posts an answer to a journey that waits for
        the sender; or posts the victim's own. So the form must come from the page that the settings name, and
        from the browser that began the journey; neither is enough without the key (R-102, R-104).
        """
        self._must_be_there()
        self._check_origin(http)
        fields = await read_form(http)
        key, action = needed(fields, "sessionDataKey"), fields.get("action", "answer")
        if action not in ACTIONS:
            raise InvalidInput("prompt_action_unknown", "This page has no such button. Please go back.")
        step = await self.verbs.do(
            action,
            key,
            _in_our_names(fields),
            browser=self._visitor(http),
            speaks=lambda wish: self.pages.language(http, ui_locales=wish).tag,
        )
        if step is None:
            return redirect(prompt_address(key, way=WAY_TO_LINK))
        return await self._go_on(http, step, key)

    async def _go_on(self, http: Request, step: Step, key: str) -> Response:
        if isinstance(step, AskAgain):
            return redirect(self._address(step.key, step.shown) or prompt_address(step.key))
        browser = self.cookies.read_browser(http)
        # Without the browser's own cookie no form of ours can be made for it.
        handle = key if browser else None
        secret = self.cookies.form_secret(http, browser or "")
        return await self.steps.answer(http, step, form_secret=secret, handle=handle)

    def _body(self, http: Request, key: str, shown: Shown) -> dict[str, object]:
        """Return the form, or where to go on when nothing is left that this page may ask."""
        if isinstance(shown.form, PromptForm) and self._address(key, shown):
            return describe(shown.form, shown, self.pages.language(http, ui_locales=shown.ui_locales).gettext)
        return {"mode": None, "reference": shown.reference, "go_on": f"{self.origin}{prompt_address(key)}"}

    def _address(self, key: str, shown: Shown) -> str | None:
        return self.own.address(shown.form.mode, key) if isinstance(shown.form, PromptForm) else None

    def _visitor(self, http: Request) -> Visitor:
        token = self.cookies.read_visitor(http)
        browser = self.cookies.read_browser(http) if token else self.cookies.need_browser(http)
        return Visitor(browser, token, network_of(http))

    def _check_origin(self, http: Request) -> None:
        stated = http.headers.get("origin")
        if stated == self.origin or stated in self.own.origins:
            return
        if stated == "null" and http.headers.get("sec-fetch-site") == "same-origin":
            return
        raise NotAllowed(
            "form_forged",
            "This form did not come from our page in this browser. Please go back and start again.",
        )

    def _must_be_there(self) -> None:
        if not self.own.origins:
            raise NotFound(
                "page_unknown", "There is nothing at this address. Please start from the application."
            )

    def _readable(self, http: Request, response: Response) -> Response:
        """Let scripts of the configured pages read an answer, and nobody else's; no cookie ever goes with it."""
        response.headers["cache-control"] = "no-store"
        response.headers["vary"] = "Origin, Accept-Language"
        asking = http.headers.get("origin")
        if asking in self.own.origins:
            response.headers["access-control-allow-origin"] = asking
            response.headers["access-control-allow-methods"] = "GET"
            response.headers["access-control-max-age"] = "600"
        return response


def _in_our_names(fields: Mapping[str, str]) -> Mapping[str, str]:
    """Return the fields with WSO2's names as ours, where ours are not there."""
    renamed = {ours: fields[theirs] for theirs, ours in WSO2_NAMES.items() if theirs in fields}
    return {**renamed, **{name: value for name, value in fields.items() if name not in WSO2_NAMES}}
