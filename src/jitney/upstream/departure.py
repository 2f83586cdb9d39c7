"""The way to the provider: the authorization request that we send a browser with (OIDC Core 3.1.2.1)."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from jitney.jose import base64url
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import OIDCConnection
from jitney.model.sign_in import UpstreamAttempt
from jitney.upstream.discovery import ProviderMetadata

OWN_PARAMETERS: Final = frozenset(
    {
        "response_type", "response_mode", "client_id", "client_secret", "redirect_uri", "scope", "state",
        "nonce", "code_challenge", "code_challenge_method", "code_verifier", "request", "request_uri",
        "registration", "max_age", "id_token_hint",
    }
)  # fmt: skip
"""Parameters that are ours alone: neither settings nor the endpoint's own query may say them."""

_PASSED_PROMPTS: Final = frozenset({"consent", "select_account"})


def build_location(
    metadata: ProviderMetadata,
    connection: OIDCConnection,
    *,
    request: AuthorizationRequest | None,
    attempt: UpstreamAttempt,
    state: str,
) -> str:
    """Return where to send the browser: code flow with PKCE S256, state and nonce, always (R-049)."""
    ours = {
        "response_type": "code",
        "client_id": connection.client_id,
        "redirect_uri": attempt.redirect_uri,
        "scope": " ".join(dict.fromkeys(("openid", *connection.scopes))),
        "state": state,
        "nonce": attempt.nonce,
        "code_challenge": challenge_of(attempt.code_verifier),
        "code_challenge_method": "S256",
    }
    base, _, query = metadata.authorization_endpoint.partition("?")
    extra = {**dict(parse_qsl(query, keep_blank_values=True)), **connection.extra_parameters}
    extra = {name: value for name, value in extra.items() if name not in OWN_PARAMETERS}
    wishes = dict(_wishes(connection, request, metadata.prompts))
    return f"{base}?{urlencode({**extra, **wishes, **ours})}"


def challenge_of(code_verifier: str) -> str:
    """Return the S256 challenge (RFC 7636 section 4.2)."""
    return base64url.encode(hashlib.sha256(code_verifier.encode("ascii")).digest()).decode("ascii")


def _wishes(
    connection: OIDCConnection, request: AuthorizationRequest | None, known_prompts: frozenset[str] | None
) -> Iterator[tuple[str, str]]:
    """Yield what the application wished for, as far as the settings pass it on."""
    if request is None:
        return
    passed: Mapping[str, str | None] = {
        "login_hint": request.login_hint,
        "acr_values": request.acr_values,
        "ui_locales": request.ui_locales,
    }
    yield from ((name, value) for name, value in passed.items() if value and name in connection.pass_through)
    if prompt := _prompt(connection, request.prompt, known_prompts):
        yield "prompt", prompt
    max_age = _max_age(request)
    if max_age is not None:
        yield "max_age", str(max_age)


def _prompt(connection: OIDCConnection, prompt: tuple[str, ...], known_prompts: frozenset[str] | None) -> str:
    """Return the prompt to send: a demand always travels, a wish where the settings pass it on.

    ``login`` is a demand for a fresh sign-in and ``none`` one for no page at all (R-089):
    if they stopped here,
    the application would be told of a freshness, or the person shown a page, that nobody asked for.
    A provider that says that it knows no ``select_account`` gets ``login`` for it, which every one knows: it would
    refuse the former, and without either it would bring back the account that the person wants to leave.
    """
    demanded = {"login", "none"}
    if "prompt" in connection.pass_through:
        demanded |= _PASSED_PROMPTS
    passed = [word for word in prompt if word in demanded]
    if known_prompts is not None and "select_account" not in known_prompts:
        passed = ["login" if word == "select_account" else word for word in passed]
    return " ".join(dict.fromkeys(passed))


def _max_age(request: AuthorizationRequest) -> int | None:
    """Return ``max_age``; nought for ``prompt=login``.

    Only ``max_age`` obliges a provider to send ``auth_time`` (OIDC Core 2).
    """
    return 0 if "login" in request.prompt and request.max_age is None else request.max_age
