"""Every route of the server and every grant type: which way in it is, or why it is none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute, Mount, Route

Door = tuple[str, str]
"""A method and a path, as the router has them."""


@dataclass(frozen=True)
class NoWay:
    """A route by which nobody comes in, and why."""

    why: str


_METADATA = NoWay("says how we are spoken with, and nothing about anybody")
_BEGINS = NoWay("begins a sign-in, or leads on to where somebody proves themselves")
_SHOWS = NoWay("shows a page that asks; what is answered there is the way in")
_ENDS = NoWay("only ends sessions or tokens")
_TRIAL = NoWay("an operator's trial ends in a rehearsal: it makes no session and no account")
_FURNITURE = NoWay("the same for everybody")

ROUTES: Mapping[Door, str | NoWay] = {
    ("GET", "/.well-known/openid-configuration"): _METADATA,
    ("GET", "/.well-known/oauth-authorization-server"): _METADATA,
    ("GET", "/oauth2/jwks"): _METADATA,
    ("GET", "/oauth2/authorize"): "live session",
    ("POST", "/oauth2/authorize"): "live session",
    ("POST", "/oauth2/token"): "code redemption",
    ("GET", "/oauth2/userinfo"): "userinfo",
    ("POST", "/oauth2/userinfo"): "userinfo",
    ("POST", "/oauth2/revoke"): _ENDS,
    ("POST", "/oauth2/introspect"): "introspection",
    ("GET", "/oauth2/logout"): _ENDS,
    ("POST", "/oauth2/logout"): _ENDS,
    ("POST", "/oauth2/logout/confirm"): _ENDS,
    ("GET", "/callback/{identity_provider}"): "OpenID Connect",
    ("POST", "/callback/{identity_provider}"): "OpenID Connect",
    ("GET", "/saml/{identity_provider}/metadata"): _METADATA,
    ("POST", "/saml/{identity_provider}/acs"): "SAML",
    ("GET", "/saml/{identity_provider}/slo"): _ENDS,
    ("POST", "/saml/{identity_provider}/slo"): _ENDS,
    ("GET", "/logout/upstream/{identity_provider}/done"): _ENDS,
    ("POST", "/logout/upstream/{identity_provider}"): _ENDS,
    ("GET", "/trial"): _TRIAL,
    ("POST", "/trial"): _TRIAL,
    ("GET", "/sign-in"): _SHOWS,
    ("POST", "/sign-in"): _BEGINS,
    ("POST", "/sign-in/address"): _BEGINS,
    ("POST", "/sign-in/again"): _BEGINS,
    ("POST", "/sign-in/local"): "password",
    ("GET", "/sign-in/prompt"): _SHOWS,
    ("POST", "/sign-in/prompt"): "prompt",
    ("POST", "/sign-in/prompt/username"): NoWay("says whether a name is free, to whoever is asked for one"),
    ("GET", "/api/v1/prompts/{session_data_key}"): _SHOWS,
    ("POST", "/commonauth"): "own page",
    ("GET", "/sign-in/factor"): _SHOWS,
    ("POST", "/sign-in/factor"): "second factor",
    ("GET", "/account"): "my account",
    ("GET", "/account/signed-out"): _FURNITURE,
    ("POST", "/account/again"): "my account",
    ("POST", "/account/sessions/end"): "my account",
    ("POST", "/account/sessions/end-others"): "my account",
    ("POST", "/account/identities/remove"): "my account",
    ("GET", "/account/factors"): "my account",
    ("GET", "/account/factors/add"): "my account",
    ("POST", "/account/factors/add"): "my account",
    ("POST", "/account/factors/remove"): "my account",
    ("POST", "/account/factors/codes"): "my account",
    ("POST", "/account/export.json"): "my account",
    ("GET", "/account/delete"): "my account",
    ("POST", "/account/delete"): "my account",
    ("GET", "/account/consents"): "my account",
    ("GET", "/account/consents/{receipt_id}.json"): "my account",
    ("POST", "/account/consents/withdraw"): "my account",
    ("GET", "/set-up"): _SHOWS,
    ("POST", "/set-up"): NoWay("makes the first operator by a link that is spent with it, and no session"),
    ("GET", "/health/live"): _FURNITURE,
    ("GET", "/health/ready"): _FURNITURE,
    ("GET", "/theme.css"): _FURNITURE,
    ("GET", "/theme/logo"): _FURNITURE,
    ("GET", "/static"): _FURNITURE,
}
"""A route that is missing here fails the run: whoever adds one says what it is."""

BESIDE: Mapping[str, str] = {
    "OAuth 2.0": "OpenID Connect",
    "link proof, password": "prompt",
    "link proof, provider": "OpenID Connect",
    "refresh": "code redemption",
    "refresh, repeated": "code redemption",
}
"""Ways that share the route of another one."""

GRANTS: Mapping[str, tuple[str, ...]] = {
    "authorization_code": ("code redemption",),
    "refresh_token": ("refresh", "refresh, repeated"),
}
"""Every grant type, and the ways that it is."""


CONSOLE = "/console"
"""Below it every route stands behind one door, which asks for a live session of an operator and for a right.
What each of them needs is declared with it, and held by ``tests/web/console``."""


def doors_of(routes: Sequence[BaseRoute]) -> Iterator[Door]:
    """Name every route outside the console by its methods and its path; HEAD and OPTIONS never lead in."""
    for route in routes:
        assert isinstance(route, Route | Mount), route
        methods = {"GET"} if isinstance(route, Mount) else (route.methods or set()) - {"HEAD", "OPTIONS"}
        if not route.path.startswith(CONSOLE):
            yield from ((method, route.path) for method in sorted(methods))


def routes_of(way: str) -> list[Door]:
    """List the routes of a way."""
    return [door for door, said in ROUTES.items() if said == way]
