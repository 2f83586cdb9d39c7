"""The way to the provider's own sign-out (OIDC RP-Initiated Logout 1.0)."""

from jitney.upstream.browser_address import build_address


def build_logout_location(
    endpoint: str, *, client_id: str, logout_hint: str, signed_out: str, state: str
) -> str:
    """Return where to send the browser, so that the person signs out there and comes back to ``signed_out``.

    ``logout_hint`` is the ID token of the sign-in, by which the provider knows whose session it is and does not
    have to ask (section 2). It travels in the address: a form that our page posts there would arrive without the
    provider's own ``Lax`` cookies, and so without the session that it shall end.
    """
    ours = {
        "client_id": client_id,
        "post_logout_redirect_uri": signed_out,
        "state": state,
        **({"id_token_hint": logout_hint} if logout_hint else {}),
    }
    return build_address(endpoint, ours, others={})
