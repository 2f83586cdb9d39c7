"""Renders pages: one template environment, one place for the headers that every page carries."""

from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse, Response

TEMPLATES = Path(__file__).parent.parent / "templates"
STATIC = Path(__file__).parent.parent / "static"


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes pages from templates; everything in a template is escaped (R-106).

    ``secure`` says whether we are served over https.
    """

    secure: bool
    environment: Environment = field(default_factory=_environment)

    def page(self, template: str, *, status: int = 200, **values: object) -> Response:
        """Return a page with the headers of R-105."""
        html = self.environment.get_template(template).render(**values)
        response = HTMLResponse(html, status_code=status)
        response.headers["content-security-policy"] = self._content_policy()
        response.headers["cache-control"] = "no-store"
        return response

    def _content_policy(self) -> str:
        # A form's answer may lead through the provider to the application, and browsers hold every hop of it
        # against form-action; so the policy names schemes, not origins.
        targets = "'self' https:" if self.secure else "'self' https: http:"
        return (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'none'; "
            f"form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
        )


def redirect(location: str) -> Response:
    """Send the browser on by GET; the answer is not to be kept."""
    response = RedirectResponse(location, status_code=303)
    response.headers["cache-control"] = "no-store"
    return response
