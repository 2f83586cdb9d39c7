"""Turns the next step of a sign-in into an answer for the browser; the one table step → page."""

from dataclasses import dataclass
from typing import assert_never

from starlette.responses import Response

from jitney.errors import InvalidInput
from jitney.ports import Applications
from jitney.signin.journey import Arrived, CannotAsk, Choose, Leave, Refused, Step, WrongCredentials
from jitney.web.kit.answers import ApplicationAnswers
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import form_token
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.render import redirect


@dataclass(frozen=True, slots=True)
class StepPages:
    """Answers a browser with what its sign-in owes next."""

    answers: ApplicationAnswers
    applications: Applications
    cookies: Cookies
    error_pages: ErrorPages

    async def answer(self, step: Step, *, form_secret: str, handle: str | None = None) -> Response:
        """Return the redirect or the page for a step.

        ``form_secret`` is ``Cookies.form_secret``; ``handle`` names the journey on the page of a refusal, so that
        the person can begin again.
        """
        match step:
            case Choose(handle):
                return redirect(f"/sign-in?h={handle}")
            case WrongCredentials(handle, reference):
                seal = form_token(form_secret, wrong_purpose(handle, reference))
                return redirect(f"/sign-in?h={handle}&wrong={reference}&seal={seal}")
            case Leave(location):
                return redirect(location)
            case Arrived():
                return await self._arrived(step)
            case CannotAsk(request, error):
                return await self.answers.fail(request, error, "The person would have to be asked something.")
            case Refused():
                return await self._refused(step, handle, form_secret)
            case _:
                assert_never(step)

    async def _arrived(self, step: Arrived) -> Response:
        if step.request is None:
            raise InvalidInput(
                "application_missing", "Please start from the application that you want to use."
            )
        if step.code is None:
            response = await self.answers.succeed(step.request, step.session)
        else:
            response = await self.answers.hand_over(step.request, step.code)
        if step.token is not None:
            self.cookies.set_session(response, step.token)
        return response

    async def _refused(self, step: Refused, handle: str | None, form_secret: str) -> Response:
        again = None
        if handle is not None and step.request is not None:
            application = await self.applications.find(step.request.application)
            again = {
                "handle": handle,
                "form_token": form_token(form_secret, f"sign-in {handle}"),
                "application": application.name if application else "the application",
            }
        return self.error_pages.of_refusal(step.outcome, step.sentence, again=again)


def wrong_purpose(handle: str, reference: str) -> str:
    """Name what seals a reference on its way through the address: only one that we gave is shown (R-106)."""
    return f"wrong {handle} {reference}"
