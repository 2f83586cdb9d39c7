"""Send a browser back to the application that asked: by an address, or by a form that posts itself."""

from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, Response

from jitney.errors import JitneyError
from jitney.model.grant import AuthorizationRequest
from jitney.model.session import Session
from jitney.openid_provider.authorization import Authorization, AuthorizationAnswer
from jitney.openid_provider.request_checks import RefusedRequest
from jitney.ports import Entropy
from jitney.web.kit.render import redirect
from jitney.web.openid.errors import Place, error_word, log

_PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Back to the application</title></head>
<body>
<form method="post" action="{action}">
{fields}
<noscript><button>Continue</button></noscript>
</form>
<script nonce="{nonce}">document.forms[0].submit()</script>
</body>
</html>
"""


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

        Everything in it is escaped; ``state`` is whatever the application's visitor made of it (R-085).
        """
        nonce = self.entropy.token()
        fields = "\n".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in answer.fields
        )
        page = _PAGE.format(action=escape(answer.redirect_uri), fields=fields, nonce=nonce)
        response = HTMLResponse(page)
        response.headers["content-security-policy"] = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; form-action {_source(answer.redirect_uri)}; "
            "frame-ancestors 'none'; base-uri 'none'"
        )
        response.headers["cache-control"] = "no-store"
        response.headers["referrer-policy"] = "no-referrer"
        return response


def _source(uri: str) -> str:
    """Return what the page may post to: the one origin, or the one private-use scheme."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
