"""Addresses at a provider that we send browsers to: what is ours in them, and that nothing overrides it."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from jitney.jose import base64url
from jitney.model.grant import AuthorizationRequest

OWN_PARAMETERS: Final = frozenset(
    {
        "response_type", "response_mode", "client_id", "client_secret", "redirect_uri", "scope", "state",
        "nonce", "code_challenge", "code_challenge_method", "code_verifier", "request", "request_uri",
        "registration", "max_age", "id_token_hint", "post_logout_redirect_uri", "logout_hint",
    }
)  # fmt: skip
"""Parameters that are ours alone: neither settings nor the endpoint's own query may say them."""

PASSED_PROMPTS: Final = frozenset({"consent", "select_account"})
"""The prompts that are mere wishes."""


def build_address(endpoint: str, ours: Mapping[str, str], *, others: Mapping[str, str]) -> str:
    """Return the endpoint with our parameters, those of its own query and ``others``; ours are never overridden."""
    base, _, query = endpoint.partition("?")
    theirs = {**dict(parse_qsl(query, keep_blank_values=True)), **others}
    theirs = {name: value for name, value in theirs.items() if name not in OWN_PARAMETERS}
    return f"{base}?{urlencode({**theirs, **ours})}"


def challenge_of(code_verifier: str) -> str:
    """Return the S256 challenge (RFC 7636 section 4.2)."""
    return base64url.encode(hashlib.sha256(code_verifier.encode("ascii")).digest()).decode("ascii")


def plain_wishes(request: AuthorizationRequest, pass_through: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the application's wishes that travel as they are, as far as the settings pass them on."""
    passed: Mapping[str, str | None] = {
        "login_hint": request.login_hint,
        "acr_values": request.acr_values,
        "ui_locales": request.ui_locales,
    }
    yield from ((name, value) for name, value in passed.items() if value and name in pass_through)
