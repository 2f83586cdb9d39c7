"""The edge of the server: what holds for every request, before and after any door."""

from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jitney.errors import InvalidInput, JitneyError, Overloaded
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.forms import body_limit
from jitney.web.kit.live_theme import LiveTheme

ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""Headers of every answer that does not say otherwise itself (R-105)."""

LONGEST_LENGTH = 9
"""How many digits a stated length may have."""

WITHOUT_THEME = (
    "/static/", "/health/", "/.well-known/", "/oauth2/token", "/oauth2/userinfo", "/oauth2/jwks",
)  # fmt: skip
"""Addresses that answer programs, or with files: how pages look does not matter there."""

ALWAYS_OVER_TLS = (*ALWAYS, (b"strict-transport-security", b"max-age=31536000; includeSubDomains"))


@dataclass(slots=True)
class Edge:
    """Wraps the whole application.

    It sheds load before work begins (R-151), refuses large bodies (R-127) and HEAD (a link checker's HEAD must
    never spend a state: R-018), adds the headers of R-105, and turns what nobody caught into an error page.
    ``live_theme`` is what pages are dressed in, which is brought up to date before one is made.
    """

    app: ASGIApp
    error_pages: ErrorPages
    secure: bool
    most_at_once: int = 512
    live_theme: LiveTheme | None = None
    _inside: int = field(default=0, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await _hang_up(receive, send)
            return
        self._inside += 1
        answered = _Answer(send, self.secure)
        try:
            early = self._refusal(scope)
            if early is not None:
                await early(scope, receive, answered)
            else:
                if self.live_theme is not None and not scope["path"].startswith(WITHOUT_THEME):
                    await self.live_theme.refresh()
                await self.app(scope, receive, answered)
        except JitneyError as fault:
            await _late(answered, scope, receive, self.error_pages.of_fault(scope, fault))
        except HTTPException as missing:  # Starlette's own word for a file that is not there
            page = PlainTextResponse(missing.detail, missing.status_code)
            await _late(answered, scope, receive, page)
        except Exception as bug:  # the one catch at the edge: whatever it is, it denies
            await _late(answered, scope, receive, self.error_pages.of_bug(scope, bug))
        finally:
            self._inside -= 1

    def _refusal(self, scope: Scope) -> Response | None:
        if self._inside > self.most_at_once:
            return self.error_pages.of_fault(
                scope,
                Overloaded("too_many_requests", "We are very busy. Please try again in a few seconds."),
            )
        if scope["method"] == "HEAD":
            return PlainTextResponse("", status_code=405, headers={"allow": "GET, POST"})
        if "\0" in scope["path"]:
            return self.error_pages.of_fault(
                scope, InvalidInput("address_malformed", "This address cannot be understood.")
            )
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or len(length) > LONGEST_LENGTH or int(length) > body_limit(scope["path"]):
            return self.error_pages.of_fault(
                scope, InvalidInput("body_too_large", "What was sent is too large.")
            )
        return None


class _Answer:
    """Adds the headers of every answer and remembers the status."""

    def __init__(self, send: Send, secure: bool) -> None:
        self._send = send
        self._always = ALWAYS_OVER_TLS if secure else ALWAYS
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            named = {name for name, _ in headers}
            message["headers"] = headers + [pair for pair in self._always if pair[0] not in named]
        await self._send(message)


async def _hang_up(receive: Receive, send: Send) -> None:
    """Refuse a web socket: there is none here, and no door behind this one expects it."""
    await receive()
    await send({"type": "websocket.close", "code": 1008})


async def _late(answered: _Answer, scope: Scope, receive: Receive, page: Response) -> None:
    """Send a page after all, unless an answer had begun: that one stays visibly broken."""
    if answered.status == 0:
        await page(scope, receive, answered)
