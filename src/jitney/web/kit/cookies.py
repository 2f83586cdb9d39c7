"""The cookies of Jitney: the browser's, which binds sign-ins, the session's, and the visitor's."""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import InvalidInput

TOKEN_LENGTH = 43
"""256 bits in base64url, which is what ``Entropy.token`` makes."""

_VISITOR = re.compile(r"[0-9a-f]{64}")
_SHORT_NAME = re.compile(r"[a-z0-9-]{1,50}")


@dataclass(frozen=True, slots=True)
class Cookies:
    """Names and flags of our cookies (R-102).

    Over https they are ``__Host-``, ``Secure``, ``HttpOnly`` and ``SameSite=Lax``: no neighbour domain can
    plant one, no script can read one, no foreign form carries one.
    The visitor's alone is ``SameSite=None``: it must come with the form of a customer's own page on another site.
    It comes with a provider's page that posts its answer too.
    It says which browser that is, and opens nothing without the key of a page or the state of a trip.
    Plain http exists in the development profile alone; a browser would drop ``Secure`` cookies there, so the
    names lose their prefix.
    """

    secure: bool

    @property
    def browser_name(self) -> str:
        """Return the name of the cookie that tells one browser from another."""
        return "__Host-jitney-browser" if self.secure else "jitney-browser"

    @property
    def session_name(self) -> str:
        """Return the name of the cookie that carries a session."""
        return "__Host-jitney-session" if self.secure else "jitney-session"

    @property
    def visitor_name(self) -> str:
        """Return the name of the cookie that a form of a page elsewhere brings along."""
        return "__Host-jitney-visitor" if self.secure else "jitney-visitor"

    def read_browser(self, http: Request) -> str | None:
        """Return the browser's secret, or ``None``; what is not shaped like one counts as none."""
        return _shaped(http.cookies.get(self.browser_name))

    def read_session(self, http: Request) -> str | None:
        """Return the session's secret, or ``None``."""
        return _shaped(http.cookies.get(self.session_name))

    def read_visitor(self, http: Request) -> str | None:
        """Return the visitor's token, or ``None``."""
        value = http.cookies.get(self.visitor_name)
        return value if value is not None and _VISITOR.fullmatch(value) else None

    @property
    def origin_name(self) -> str:
        """Return the name of the cookie that says which provider has just sent the browser here."""
        return "__Host-jitney-came-from" if self.secure else "jitney-came-from"

    def read_origin(self, http: Request) -> str | None:
        """Return the short name of the provider that sent the browser here, or ``None``; it is a hint, no more."""
        value = http.cookies.get(self.origin_name)
        return value if value is not None and _SHORT_NAME.fullmatch(value) else None

    def set_origin(self, response: Response, provider: str) -> None:
        """Remember for two minutes which provider sent the browser here."""
        self._set(response, self.origin_name, provider, seconds=120)

    def clear_origin(self, response: Response) -> None:
        """Forget it: a hint counts for one sign-in."""
        response.delete_cookie(self.origin_name, path="/", secure=self.secure, httponly=True, samesite="lax")

    def need_browser(self, http: Request) -> str:
        """Return the browser's secret; raise ``InvalidInput`` ``browser_unknown`` where there is none."""
        browser = self.read_browser(http)
        if browser is None:
            raise InvalidInput(
                "browser_unknown",
                "This sign-in was begun in another browser, or cookies are switched off. "
                "Please allow cookies for this site and start again from the application.",
            )
        return browser

    def form_secret(self, http: Request, browser: str) -> str:
        """Return what the form tokens of this browser are made with now.

        It changes when a session begins or ends (R-022): a form that was shown before somebody signed in cannot
        act in their name.
        Sign-ins under way in other tabs are bound to the browser's own cookie, and go on.
        """
        return f"{browser} {self.read_session(http) or ''}"

    def set_browser(self, response: Response, secret: str) -> None:
        """Give the browser a secret of its own, for as long as it stays open."""
        self._set(response, self.browser_name, secret)

    def set_session(self, response: Response, secret: str) -> None:
        """Give the browser a session, for as long as it stays open; the server decides when it ends."""
        self._set(response, self.session_name, secret)

    def set_visitor(self, response: Response, token: str) -> None:
        """Give the browser what a form of a page elsewhere brings along, for as long as it stays open."""
        self._set(response, self.visitor_name, token, same_site="None" if self.secure else "Lax")

    def clear_session(self, response: Response) -> None:
        """Take the session's cookie away."""
        response.delete_cookie(self.session_name, path="/", secure=self.secure, httponly=True, samesite="lax")

    def _set(
        self,
        response: Response,
        name: str,
        secret: str,
        *,
        same_site: str = "Lax",
        seconds: int | None = None,
    ) -> None:
        flags = "; Secure" if self.secure else ""
        flags += f"; Max-Age={seconds}" if seconds is not None else ""
        response.headers.append(
            "set-cookie", f"{name}={secret}; Path=/; HttpOnly; SameSite={same_site}{flags}"
        )


def _shaped(value: str | None) -> str | None:
    return value if value is not None and len(value) == TOKEN_LENGTH and value.isascii() else None
