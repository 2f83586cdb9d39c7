"""The way to the provider: the authorization request that we send a browser with (RFC 6749 4.1.1)."""

from jitney.model.connection import OAuth2Connection
from jitney.model.grant import AuthorizationRequest
from jitney.model.sign_in import UpstreamAttempt
from jitney.upstream.browser_address import PASSED_PROMPTS, build_address, challenge_of, plain_wishes
from jitney.upstream.faults import refusal


def build_location(
    connection: OAuth2Connection,
    *,
    request: AuthorizationRequest | None,
    attempt: UpstreamAttempt,
    state: str,
) -> str:
    """Return where to send the browser: code flow with state always, and with PKCE S256 (R-049).

    PKCE lacks only where the settings say that the provider breaks on it; then the attempt has no verifier.
    """
    ours = {
        "response_type": "code",
        "client_id": connection.client_id,
        "redirect_uri": attempt.redirect_uri,
        "state": state,
    }
    if connection.scopes:
        ours["scope"] = connection.scope_separator.join(dict.fromkeys(connection.scopes))
    if attempt.code_verifier:
        ours["code_challenge"] = challenge_of(attempt.code_verifier)
        ours["code_challenge_method"] = "S256"
    wishes = _wishes(connection, request) if request is not None else {}
    return build_address(
        connection.authorization_endpoint, {**wishes, **ours}, others=connection.extra_parameters
    )


def check_demands(request: AuthorizationRequest | None) -> None:
    """Refuse what plain OAuth 2.0 cannot give, before anybody is sent away (R-089).

    Nothing in its answers says when somebody signed in: an application that demands a fresh sign-in would be told
    of one that nobody saw, by whoever found the browser open. Nor can it be asked to show no page.
    Raises ``upstream_freshness_unprovable``, ``upstream_interaction_required``.
    """
    if request is None:
        return
    if "none" in request.prompt:
        raise refusal("upstream_interaction_required")
    if "login" in request.prompt or request.max_age is not None:
        raise refusal("upstream_freshness_unprovable")


def _wishes(connection: OAuth2Connection, request: AuthorizationRequest) -> dict[str, str]:
    """Return what the application wished for, as far as the settings pass it on."""
    wishes = dict(plain_wishes(request, connection.pass_through))
    prompts = [word for word in request.prompt if word in PASSED_PROMPTS]
    if prompts and "prompt" in connection.pass_through:
        wishes["prompt"] = " ".join(dict.fromkeys(prompts))
    return wishes
