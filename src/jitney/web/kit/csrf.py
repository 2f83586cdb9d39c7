"""Form tokens and the origin check: a foreign page cannot post our forms (R-104)."""

import base64
import hashlib
import hmac

from starlette.requests import Request

from jitney.errors import NotAllowed


def form_token(browser: str, purpose: str) -> str:
    """Return the token for one form: bound to this browser's cookie and to what the form is for.

    ``browser`` is the secret of the browser's cookie, best ``Cookies.form_secret``; ``purpose`` names the form
    and the record it acts on.
    A page elsewhere knows neither the cookie nor, thereby, the token; a token of another form does not fit.
    """
    digest = hmac.digest(browser.encode(), b"jitney form\0" + purpose.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_form(http: Request, form_value: str | None, *, browser: str, purpose: str, origin: str) -> None:
    """Refuse a posted form that was not made by a page of ours in this browser.

    Raises ``NotAllowed`` with ``form_forged``.
    """
    check_origin(http, origin)
    if not is_form_token(form_value, browser=browser, purpose=purpose):
        raise _forged()


def is_form_token(unverified: str | None, *, browser: str, purpose: str) -> bool:
    """Say whether a text is the token of this form in this browser, in constant time."""
    expected = form_token(browser, purpose).encode()
    return unverified is not None and hmac.compare_digest(unverified.encode(errors="replace"), expected)


def check_origin(http: Request, origin: str) -> None:
    """Refuse a post that a browser says comes from another site.

    Our pages send ``Referrer-Policy: no-referrer``, under which a browser names the origin of our own forms
    ``null`` (Fetch, "append a request Origin header"); then ``Sec-Fetch-Site`` must vouch for it.
    """
    stated = http.headers.get("origin")
    site = http.headers.get("sec-fetch-site")
    if stated is not None and stated != "null" and stated != origin:
        raise _forged()
    if site is not None and site not in {"same-origin", "none"}:
        raise _forged()
    if stated == "null" and site is None:
        raise _forged()


def _forged() -> NotAllowed:
    return NotAllowed(
        "form_forged", "This form did not come from our page in this browser. Please go back and start again."
    )
