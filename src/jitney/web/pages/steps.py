"""Turns the next step of a sign-in into an answer for the browser; the one table step → page."""

from dataclasses import dataclass
from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import InvalidInput
from jitney.model.grant import AuthorizationRequest
from jitney.ports import Applications, Onward
from jitney.signin.journey import (
    Arrived,
    AskAgain,
    CannotAsk,
    Choose,
    FactorWanted,
    Leave,
    Prompt,
    Refused,
    Step,
    Tried,
    TurnedBack,
    WrongCredentials,
)
from jitney.signin.own_pages import is_own
from jitney.web.kit.answers import ApplicationAnswers
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import form_token
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.onward import onward
from jitney.web.kit.render import redirect
from jitney.web.pages.own_addresses import OwnPages
from jitney.web.pages.prompt_view import PromptView, prompt_address
from jitney.web.pages.trial_view import trial_page

WRONG: Final = "wrong"
UNDECIDED: Final = "undecided"
"""What an address says of a failed try: the name of the parameter that holds its reference."""

OWN_START: Final = "/account/signed-out"
"""Where somebody ends who does not sign in to a page of ours after all."""


@dataclass(frozen=True, slots=True)
class StepPages:
    """Answers a browser with what its sign-in owes next; ``own`` are pages of the customer's that ask."""

    answers: ApplicationAnswers
    applications: Applications
    cookies: Cookies
    error_pages: ErrorPages
    prompt_view: PromptView
    own: OwnPages = OwnPages()

    async def answer(
        self, http: Request, step: Step, *, form_secret: str, handle: str | None = None
    ) -> Response:
        """Return the redirect or the page for a step.

        ``form_secret`` is ``Cookies.form_secret``; ``handle`` names the journey on the page of a refusal, so that
        the person can begin again.
        """
        match step:
            case Choose(handle):
                return redirect(f"/sign-in?h={handle}")
            case WrongCredentials(handle, reference, is_undecided):
                kind = UNDECIDED if is_undecided else WRONG
                seal = form_token(form_secret, wrong_purpose(handle, reference, kind))
                return redirect(f"/sign-in?h={handle}&{kind}={reference}&seal={seal}")
            case Leave():
                return self._leave(step)
            case Tried():
                return trial_page(self.error_pages.pages, http, step)
            case Arrived():
                return await self._arrived(step)
            case CannotAsk(request, error):
                return await self._fail(request, error, "The person would have to be asked something.")
            case Prompt():
                return self._prompt(step)
            case FactorWanted(key):
                return redirect(f"/sign-in/factor?h={key}")
            case AskAgain(key, shown):
                return self.prompt_view.page(http, key, shown, form_secret=form_secret, status=422)
            case TurnedBack(request):
                return await self._fail(_known(request), "access_denied", "The person said no.")
            case Refused():
                return await self._refused(http, step, handle=handle, form_secret=form_secret)
            case _:
                assert_never(step)

    async def _fail(self, request: AuthorizationRequest, error: str, sentence: str) -> Response:
        """Tell the application; where it is a page of ours, begin there once more."""
        return redirect(OWN_START) if is_own(request) else await self.answers.fail(request, error, sentence)

    def _leave(self, step: Leave) -> Response:
        response = onward(Onward(step.location, step.fields), nonce=self.error_pages.entropy.token())
        if step.visitor is not None:
            self.cookies.set_visitor(response, step.visitor)
        return response

    def _prompt(self, step: Prompt) -> Response:
        own = self.own.address(step.mode, step.key)
        if own is None:
            return redirect(prompt_address(step.key))
        response = redirect(own)
        self.cookies.set_visitor(response, step.visitor)
        return response

    async def _arrived(self, step: Arrived) -> Response:
        request = _known(step.request)
        if is_own(request):
            response = redirect(request.redirect_uri)
        elif step.code is None:
            response = await self.answers.succeed(request, step.session)
        else:
            response = await self.answers.hand_over(request, step.code)
        if step.token is not None:
            self.cookies.set_session(response, step.token)
        return response

    async def _refused(
        self, http: Request, step: Refused, *, handle: str | None, form_secret: str
    ) -> Response:
        again = None
        if handle is not None and step.request is not None:
            application = await self.applications.find(step.request.application)
            again = {
                "handle": handle,
                "form_token": form_token(form_secret, f"sign-in {handle}"),
                "application": application.name if application else "the application",
            }
        wish = step.request.ui_locales if step.request else None
        return self.error_pages.of_refusal(http, step.outcome, step.sentence, again=again, ui_locales=wish)


def _known(request: AuthorizationRequest | None) -> AuthorizationRequest:
    if request is None:
        raise InvalidInput("application_missing", "Please start from the application that you want to use.")
    return request


def wrong_purpose(handle: str, reference: str, kind: str = WRONG) -> str:
    """Name what seals a reference on its way through the address: only one that we gave is shown (R-106)."""
    return f"{kind} {handle} {reference}"
