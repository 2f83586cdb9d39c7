"""Send a browser back to the application that asked: by an address, or by a form that posts itself."""

from dataclasses import dataclass

from starlette.responses import Response

from jitney.errors import JitneyError
from jitney.model.grant import AuthorizationRequest
from jitney.model.session import Session
from jitney.openid_provider.authorization import Authorization, AuthorizationAnswer
from jitney.openid_provider.request_checks import RefusedRequest
from jitney.ports import Entropy
from jitney.web.kit.posting import origin_of, posting_page
from jitney.web.kit.render import redirect
from jitney.web.openid.errors import Place, error_word, log


@dataclass(frozen=True, slots=True)
class OpenIDAnswers:
    """How a finished sign-in goes back; implements ``web.kit.answers.ApplicationAnswers``."""

    authorization: Authorization
    entropy: Entropy

    async def succeed(self, request: AuthorizationRequest, session: Session) -> Response:
        """Issue a code and send the browser back with it, or with the error that stands against it."""
        try:
            code = await self.authorization.issue_code(request, session)
        except JitneyError as fault:
            log.warning("refused", code=fault.code)
            return await self.fail(request, error_word(fault, Place.AUTHORIZE), fault.sentence)
        return await self.hand_over(request, code)

    async def hand_over(self, request: AuthorizationRequest, code: str) -> Response:
        """Send the browser back with a code that was made with the session."""
        return self._send(self.authorization.answer_with_code(request, code))

    async def fail(self, request: AuthorizationRequest, error: str, sentence: str) -> Response:
        """Send the browser back with an OAuth error; ``sentence`` is safe for strangers."""
        return self._send(self.authorization.answer_with_error(request, error, sentence))

    def refuse(self, refused: RefusedRequest) -> Response:
        """Send the browser back with the reason why the request was not accepted."""
        fault = refused.fault
        log.warning("refused", code=fault.code)
        word = error_word(fault, Place.AUTHORIZE)
        return self._send(self.authorization.answer_with_error(refused.address, word, fault.sentence))

    def _send(self, answer: AuthorizationAnswer) -> Response:
        return redirect(answer.location) if answer.response_mode == "query" else self._form(answer)

    def _form(self, answer: AuthorizationAnswer) -> Response:
        """Return a page whose form posts itself (OAuth 2.0 Form Post Response Mode).

        ``state`` is whatever the application's visitor made of it (R-085).
        """
        return posting_page(
            answer.redirect_uri, answer.fields, title="Back to the application",
            nonce=self.entropy.token(), targets=origin_of(answer.redirect_uri),
        )  # fmt: skip
