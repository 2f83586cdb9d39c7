"""Slips: what makes a form of the console one that we gave to this operator, in this browser, to be posted once."""

import hmac
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.requests import Request

from jitney.model.secret_hash import hash_secret
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import form_token, is_form_token

TOKEN = "form_token"
WHO = "form_of"
"""The hidden fields of every form."""


@dataclass(frozen=True, slots=True)
class Slip:
    """Makes the hidden fields of the forms of one page; ``number`` is drawn for this page alone."""

    secret: str = field(repr=False)
    number: str = field(repr=False)
    who: str = field(repr=False)

    def token(self, path: str) -> str:
        """Return the token of a form that is posted to this address of ours."""
        return f"{self.number}.{form_token(self.secret, _purpose(unquote(path), self.number))}"


def slip_for(http: Request, cookies: Cookies, *, operator_id: str, number: str, key: bytes) -> Slip:
    """Return what the forms of a page are made with; ``key`` is the server's own."""
    browser = cookies.need_browser(http)
    return Slip(cookies.form_secret(http, browser), number, who_token(browser, operator_id, key))


def who_token(browser: str, operator_id: str, key: bytes) -> str:
    """Return by what an operator is known again in the same browser after their session has ended.

    Nobody but the server can make one, so that nobody but operators can have anything kept.
    """
    return f"{operator_id}.{form_token(key.hex() + browser, f'console operator {operator_id}')}"


def is_who_token(unverified: str, browser: str, key: bytes) -> bool:
    """Say whether the server made this for somebody in this browser, in constant time."""
    operator_id, _, _ = unverified.partition(".")
    genuine = who_token(browser, operator_id, key)
    return hmac.compare_digest(unverified.encode(errors="replace"), genuine.encode(errors="replace"))


def verify_slip(unverified: str, http: Request, cookies: Cookies) -> str | None:
    """Return the key by which a posted form counts once; ``None`` where the form was not made for this session."""
    number, dot, token = unverified.partition(".")
    path = http.scope["path"]
    secret = cookies.form_secret(http, cookies.need_browser(http))
    fits = is_form_token(token, browser=secret, purpose=_purpose(path, number))
    return hash_secret(f"console form {number} {path}") if dot and fits else None


def _purpose(path: str, number: str) -> str:
    return f"console {path} {number}"
