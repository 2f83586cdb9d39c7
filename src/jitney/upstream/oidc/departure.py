"""The way to the provider: the authorization request that we send a browser with (OIDC Core 3.1.2.1)."""

from collections.abc import Iterator

from jitney.model.connection import OIDCConnection, ResponseMode
from jitney.model.grant import AuthorizationRequest
from jitney.model.sign_in import UpstreamAttempt
from jitney.upstream.browser_address import PASSED_PROMPTS, build_address, challenge_of, plain_wishes
from jitney.upstream.oidc.discovery import ProviderMetadata


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
    if connection.response_mode is not ResponseMode.QUERY:
        ours["response_mode"] = connection.response_mode.value
    wishes = dict(_wishes(connection, request, metadata.prompts))
    return build_address(
        metadata.authorization_endpoint, {**wishes, **ours}, others=connection.extra_parameters
    )


def _wishes(
    connection: OIDCConnection, request: AuthorizationRequest | None, known_prompts: frozenset[str] | None
) -> Iterator[tuple[str, str]]:
    """Yield what the application wished for, as far as the settings pass it on."""
    if request is None:
        return
    yield from plain_wishes(request, connection.pass_through)
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
        demanded |= PASSED_PROMPTS
    passed = [word for word in prompt if word in demanded]
    if known_prompts is not None and "select_account" not in known_prompts:
        passed = ["login" if word == "select_account" else word for word in passed]
    return " ".join(dict.fromkeys(passed))


def _max_age(request: AuthorizationRequest) -> int | None:
    """Return ``max_age``; nought for ``prompt=login``.

    Only ``max_age`` obliges a provider to send ``auth_time`` (OIDC Core 2).
    """
    return 0 if "login" in request.prompt and request.max_age is None else request.max_age
