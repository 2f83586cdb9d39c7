"""The page of the second factor, and what somebody did on it."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jitney.errors import InvalidInput
from jitney.model.factor import FactorKind
from jitney.signin.factor_page import FactorPage
from jitney.signin.factor_step import FactorStep
from jitney.signin.journey import Step
from jitney.signin.journeys_in_browsers import Visitor
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import check_form
from jitney.web.kit.forms import read_form, read_query
from jitney.web.kit.networks import network_of
from jitney.web.kit.render import redirect
from jitney.web.pages.factor_view import FactorView, factor_address, factor_purpose
from jitney.web.pages.prompt import needed
from jitney.web.pages.steps import StepPages

_PATH = "/sign-in/factor"
LONGEST_LABEL = 60
"""Characters of a passkey's name; browsers stop people there already."""


@dataclass(frozen=True, slots=True)
class FactorPages:
    """``/sign-in/factor``; ``origin`` is the origin of the public address, which our own forms come from."""

    factors: FactorStep
    steps: StepPages
    view: FactorView
    cookies: Cookies
    origin: str

    def routes(self) -> list[Route]:
        """Return the routes, to be mounted at the root."""
        return [
            Route(_PATH, self.show, methods=["GET"]),
            Route(_PATH, self.answer, methods=["POST"]),
        ]

    async def show(self, http: Request) -> Response:
        """``GET /sign-in/factor?h=KEY[&way=…]``: changes nothing, and sends nothing (R-104)."""
        query = read_query(http)
        browser = self.cookies.need_browser(http)
        way = _WAYS.get(query.get("way", ""))
        shown = await self.factors.show(query.get("h", ""), browser=_visitor(http, browser), way=way)
        return self.view.page(http, shown, form_secret=self.cookies.form_secret(http, browser))

    async def answer(self, http: Request) -> Response:
        """``POST /sign-in/factor``: the button ``action`` says what is wanted.

        What was only asked for is shown by an address, so that to load the page again asks for nothing.
        """
        fields, key, browser = await self._posted(http)
        action = fields.get("action", "answer")
        if action == "use-other-way":
            return redirect(factor_address(key, way=_way(fields)))
        said = await self._do(action, key, fields, browser=_visitor(http, browser))
        secret = self.cookies.form_secret(http, browser)
        if not isinstance(said, FactorPage):
            return await self.steps.answer(http, said, form_secret=secret, handle=key)
        if said.problem or said.recovery_codes:
            return self.view.page(http, said, form_secret=secret)
        return redirect(factor_address(key, way=said.way if action == "ask" else None))

    async def _do(
        self, action: str, key: str, fields: Mapping[str, str], *, browser: Visitor
    ) -> FactorPage | Step:
        """Carry out what a button says; raises ``InvalidInput`` with ``prompt_action_unknown``, and as the verb."""
        match action:
            case "ask":
                return await self.factors.ask(key, _way(fields), browser=browser)
            case "answer":
                typed, label = needed(fields, "answer"), fields.get("label", "").strip()[:LONGEST_LABEL]
                return await self.factors.answer(key, _way(fields), typed, browser=browser, label=label)
            case "go_on":
                return await self.factors.go_on(key, browser=browser)
            case "cancel":
                return await self.factors.cancel(key, browser=browser)
            case _:
                raise InvalidInput("prompt_action_unknown", "This page has no such button. Please go back.")

    async def _posted(self, http: Request) -> tuple[Mapping[str, str], str, str]:
        fields = await read_form(http)
        key, browser = needed(fields, "h"), self.cookies.need_browser(http)
        check_form(
            http,
            fields.get("form_token"),
            browser=self.cookies.form_secret(http, browser),
            purpose=factor_purpose(key),
            origin=self.origin,
        )
        return fields, key, browser


_WAYS: Mapping[str, FactorKind] = {kind.value: kind for kind in FactorKind}


def _way(fields: Mapping[str, str]) -> FactorKind:
    way = _WAYS.get(needed(fields, "way"))
    if way is None:
        raise InvalidInput("factor_way_unknown", "This page has no such button. Please go back.")
    return way


def _visitor(http: Request, browser: str) -> Visitor:
    return Visitor(browser, network=network_of(http))
