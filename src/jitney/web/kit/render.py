"""Renders pages: in the language of the browser, with the headers that every page carries."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from jitney.web.kit.languages import Language
from jitney.web.kit.live_theme import LiveTheme
from jitney.web.kit.theme import Theme

STATIC = Path(__file__).parent.parent / "static"

_PLAIN = Theme()


class Pages:
    """Makes pages from templates; everything in a template is escaped (R-106).

    ``secure`` says whether we are served over https; ``theme`` is how this installation looks and speaks, for good
    or as of now.
    """

    def __init__(self, secure: bool, theme: Theme | LiveTheme = _PLAIN) -> None:
        self.secure = secure
        self.live = theme if isinstance(theme, LiveTheme) else LiveTheme(theme)

    @property
    def theme(self) -> Theme:
        """Return how this installation looks and speaks now."""
        return self.live.now.theme

    def language(self, http: Request | Scope, *, ui_locales: str | None = None) -> Language:
        """Return the language in which a page for this request speaks."""
        return self.live.now.languages.choose(http, ui_locales=ui_locales)

    def page(
        self,
        http: Request | Scope,
        template: str,
        *,
        status: int = 200,
        scripts: bool = False,
        ui_locales: str | None = None,
        **values: object,
    ) -> Response:
        """Return a page with the headers of R-105, in the language that was asked for.

        ``scripts`` lets the page load scripts of ours; ``ui_locales`` is the wish of the application, where the
        page belongs to an authorization request.
        """
        dress = self.live.now
        language = dress.languages.choose(http, ui_locales=ui_locales)
        html = dress.render(template, {**values, "language": language, "theme": dress.theme})
        response = HTMLResponse(html, status_code=status)
        response.headers["content-security-policy"] = self._content_policy(scripts=scripts)
        response.headers["cache-control"] = "no-store"
        response.headers["content-language"] = language.tag
        response.headers["vary"] = "Accept-Language"
        return response

    def _content_policy(self, *, scripts: bool) -> str:
        # A form's answer may lead through the provider to the application, and browsers hold every hop of it
        # against form-action; so the policy names schemes, not origins.
        targets = "'self' https:" if self.secure else "'self' https: http:"
        running = "script-src 'self'; connect-src 'self'" if scripts else "script-src 'none'"
        fonts = "font-src 'self'; " if self.theme.folder else ""
        return (
            f"default-src 'none'; style-src 'self'; img-src 'self' data:; {fonts}{running}; "
            f"form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
        )


def redirect(location: str) -> Response:
    """Send the browser on by GET; the answer is not to be kept."""
    response = RedirectResponse(location, status_code=303)
    response.headers["cache-control"] = "no-store"
    return response
