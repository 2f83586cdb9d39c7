"""What must hold of a code or a refresh token before it is exchanged."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from jitney.errors import Expired, InvalidInput, NotAllowed
from jitney.model.application import Application
from jitney.model.grant import Code, TokenFamily

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def check_code(code: Code, form: Mapping[str, str], application: Application, now: datetime) -> None:
    """Refuse a code that is too old, another's, or not proven to be in the right hands (R-081).

    Whoever steals a code from a log or a window's address has neither the client's secret nor its verifier.
    """
    if code.request.application != application.id:
        raise InvalidInput("code_of_another_application", "The code is not valid.")
    if now >= code.expires:
        raise Expired("code_expired", "The code is not valid.")
    if form.get("redirect_uri") != code.request.redirect_uri:
        raise InvalidInput("code_redirect_uri_differs", "The redirect_uri is not the one of the request.")
    check_verifier(form.get("code_verifier"), code.request.code_challenge)


def check_verifier(verifier: str | None, challenge: str | None) -> None:
    """Refuse a verifier that does not fit, is missing, or was not asked for (RFC 7636 section 4.6, R-080).

    The attack of the last: an attacker strips the challenge from the request, and the honest application
    notices nothing (RFC 9700 section 4.8.2).
    """
    if challenge is None:
        if verifier is not None:
            raise InvalidInput("pkce_not_begun", "The code was asked for without a code_challenge.")
        return
    if verifier is None:
        raise InvalidInput("pkce_verifier_missing", "The code_verifier is missing.")
    if not _VERIFIER.fullmatch(verifier):
        raise InvalidInput("pkce_verifier_malformed", "The code_verifier is malformed.")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    if not hmac.compare_digest(digest, challenge.encode()):
        raise InvalidInput("pkce_verifier_wrong", "The code_verifier does not fit.")


def check_family(family: TokenFamily, application: Application, now: datetime) -> None:
    """Refuse a family that was revoked, has reached its end, or may not be refreshed any more (R-083)."""
    if family.revoked is not None:
        raise Expired("refresh_token_revoked", "The refresh token is not valid.")
    if now >= family.expires:
        raise Expired("refresh_token_expired", "The refresh token is not valid.")
    if not family.refreshable or "offline_access" not in application.scopes:
        raise NotAllowed("refresh_not_allowed", "The application may not refresh tokens.")


def narrowed(scope: str | None, family: TokenFamily, application: Application) -> tuple[str, ...]:
    """Return the scopes of this answer: what was asked for, within what was given and is still registered."""
    given = tuple(each for each in family.scopes if each in application.scopes)
    wanted = tuple(dict.fromkeys(scope.split())) if scope is not None else given
    if not set(family.scopes).issuperset(wanted):
        raise InvalidInput("scope_grows", "A refresh cannot widen the scope.")
    return tuple(each for each in given if each in wanted)
