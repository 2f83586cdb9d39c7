"""The sign-in page: choose an identity provider, or type a name and a password."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import InvalidInput
from jitney.model.grant import AuthorizationRequest
from jitney.model.secret_hash import hash_secret
from jitney.ports import Entropy
from jitney.signin.arrival import Arrival
from jitney.signin.federated_login import FederatedLogin
from jitney.signin.home_realms import HomeRealmDiscovery
from jitney.signin.journey import Leave
from jitney.signin.journeys_in_browsers import visitor_token
from jitney.signin.local_login import LocalLogin
from jitney.signin.own_pages import is_own, own_request
from jitney.signin.page_problems import NOT_LOOKED_UP
from jitney.web.kit.answers import ApplicationAnswers
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import check_form, check_origin, form_token, is_form_token
from jitney.web.kit.forms import read_form, read_query
from jitney.web.kit.networks import network_of
from jitney.web.kit.render import Pages, redirect
from jitney.web.pages.steps import OWN_START, UNDECIDED, WRONG, StepPages, wrong_purpose

PROBLEMS: Mapping[str, str] = {
    WRONG: "This user name and password do not open an account. Please check both and try again.",
    UNDECIDED: NOT_LOOKED_UP,
}
"""What an address says of a failed try → the sentence."""

NO_HOME = (
    "We do not know where people with this e-mail address sign in. "
    "Please check the address, or choose another way to sign in."
)


@dataclass(frozen=True, slots=True)
class SignInPages:
    """``/sign-in`` and the entrance from the OpenID endpoints.

    ``origin`` is the origin of the public address, which our own forms come from.
    """

    arrival: Arrival
    federated: FederatedLogin
    local: LocalLogin
    discovery: HomeRealmDiscovery
    steps: StepPages
    answers: ApplicationAnswers
    cookies: Cookies
    pages: Pages
    entropy: Entropy
    origin: str

    async def enter(self, http: Request, request: AuthorizationRequest) -> Response:
        """Use the browser's session or begin a sign-in; a browser without a secret of its own gets one."""
        known = self.cookies.read_browser(http)
        browser = known or self.entropy.token()
        came_from = self.cookies.read_origin(http)
        step = await self.arrival.arrive(
            request,
            session_token=self.cookies.read_session(http),
            browser=browser,
            came_from=came_from,
            network=network_of(http),
        )
        response = await self.steps.answer(http, step, form_secret=self.cookies.form_secret(http, browser))
        if came_from is not None:
            self.cookies.clear_origin(response)
        if known is None:
            self.cookies.set_browser(response, browser)
        return response

    async def enter_own(self, http: Request, path: str, *, fresh: bool = False) -> Response:
        """Begin a sign-in to a page of ours at ``path``, which is never one that came with a request (R-108).

        ``fresh`` demands a new one, whatever session there is (R-009).
        """
        return await self.enter(http, own_request(path, fresh=fresh))

    async def show(self, http: Request) -> Response:
        """``GET /sign-in?h=…``."""
        query = read_query(http)
        handle = query.get("h", "")
        browser = self.cookies.need_browser(http)
        secret = self.cookies.form_secret(http, browser)
        kind, reference = _sealed_reference(query, handle, secret)
        problem = PROBLEMS[kind] if reference is not None else None
        return await self._page(http, handle, browser, {"problem": problem, "reference": reference})

    async def find_home(self, http: Request) -> Response:
        """``POST /sign-in/address``: leave for the provider of the person's e-mail address, or let them choose."""
        fields, handle, browser = await self._posted(http)
        found = await self.discovery.find(handle, _needed(fields, "address"), browser=browser)
        if isinstance(found, Leave):
            return await self.steps.answer(http, found, form_secret=self.cookies.form_secret(http, browser))
        if found.options:
            shown = {
                "providers": found.options,
                "local": False,
                "asks_address": False,
                "typed": found.address,
            }
            return await self._page(http, handle, browser, shown)
        unknown = {"address": found.address, "username": found.address, "address_problem": NO_HOME}
        return await self._page(http, handle, browser, unknown, status=422)

    async def _page(
        self, http: Request, handle: str, browser: str, shown: Mapping[str, Any], *, status: int = 200
    ) -> Response:
        choices = await self.arrival.choices(handle, browser=browser)
        secret = self.cookies.form_secret(http, browser)
        values: dict[str, Any] = {
            "application": choices.application, "providers": choices.options, "local": choices.local,
            "asks_address": choices.asks_address, "handle": handle,
            "form_token": form_token(secret, f"sign-in {handle}"),
            "typed": None, "address": "", "address_problem": None, "username": "",
            "problem": None, "reference": None,
            **shown,
        }  # fmt: skip
        return self.pages.page(http, "sign_in.html", status=status, ui_locales=choices.ui_locales, **values)

    async def choose(self, http: Request) -> Response:
        """``POST /sign-in``: leave for the chosen identity provider."""
        fields, handle, browser = await self._posted(http)
        step = await self.federated.begin(handle, _needed(fields, "identity_provider"), browser=browser)
        return await self.steps.answer(http, step, form_secret=self.cookies.form_secret(http, browser))

    async def sign_in_locally(self, http: Request) -> Response:
        """``POST /sign-in/local``: user name and password."""
        fields, handle, browser = await self._posted(http)
        step = await self.local.sign_in(
            handle,
            _needed(fields, "username"),
            _needed(fields, "password"),
            browser=browser,
            network=network_of(http),
        )
        return await self.steps.answer(
            http, step, form_secret=self.cookies.form_secret(http, browser), handle=handle
        )

    async def again(self, http: Request) -> Response:
        """``POST /sign-in/again``: after a refusal, begin once more or go back to the application.

        The refusal of an answer that another site posted was shown to a browser of which only the
        visitor's token was known; its form is bound to that.
        """
        fields, handle, browser = await self._posted(http, or_visitor=True)
        if fields.get("choice") != "cancel":
            step = await self.arrival.again(handle, browser=browser)
            return await self.steps.answer(http, step, form_secret=self.cookies.form_secret(http, browser))
        request = await self.arrival.give_up(handle, browser=browser)
        if is_own(request):
            return redirect(OWN_START)
        return await self.answers.fail(request, "access_denied", "The person did not sign in.")

    async def _posted(self, http: Request, *, or_visitor: bool = False) -> tuple[dict[str, str], str, str]:
        fields = dict(await read_form(http))
        handle = _needed(fields, "h")
        browser = self.cookies.need_browser(http)
        secret, purpose = self.cookies.form_secret(http, browser), f"sign-in {handle}"
        token = fields.get("form_token")
        if or_visitor and is_form_token(token, browser=visitor_token(hash_secret(browser)), purpose=purpose):
            check_origin(http, self.origin)
        else:
            check_form(http, token, browser=secret, purpose=purpose, origin=self.origin)
        return fields, handle, browser


def _needed(fields: dict[str, str], name: str) -> str:
    value = fields.get(name, "")
    if not value:
        raise InvalidInput(
            "field_missing", "Something is missing in this form. Please go back and fill it in."
        )
    return value


def _sealed_reference(query: Mapping[str, str], handle: str, secret: str) -> tuple[str, str | None]:
    """Return what went wrong and its reference, which is shown only if we put it into this address (R-106)."""
    kind = UNDECIDED if UNDECIDED in query else WRONG
    reference = query.get(kind)
    if reference is None:
        return kind, None
    purpose = wrong_purpose(handle, reference, kind)
    return kind, reference if is_form_token(query.get("seal"), browser=secret, purpose=purpose) else None
