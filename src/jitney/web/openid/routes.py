"""The paths of the OpenID endpoints."""

from dataclasses import dataclass

from starlette.routing import Route

from jitney.openid_provider.discovery import PATHS
from jitney.openid_provider.provider import OpenIDProvider
from jitney.ports import Entropy
from jitney.signin.logout_onward import LogoutOnward
from jitney.web.kit.answers import SignInEntrance
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.render import Pages
from jitney.web.openid.answers import OpenIDAnswers
from jitney.web.openid.authorize import AuthorizeEndpoint
from jitney.web.openid.cors import Handler, readable_anywhere
from jitney.web.openid.discovery import DiscoveryEndpoints
from jitney.web.openid.logout import LogoutEndpoint
from jitney.web.openid.token import TokenEndpoints
from jitney.web.openid.userinfo import UserInfoEndpoint

WELL_KNOWN = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


@dataclass(frozen=True, slots=True)
class Furniture:
    """What the pages of these endpoints are made with; ``origin`` is that of our public address.

    ``logout_onward`` takes whoever signs out here to their identity provider, to sign out there too.
    """

    cookies: Cookies
    pages: Pages
    error_pages: ErrorPages
    entropy: Entropy
    origin: str
    logout_onward: LogoutOnward


def routes(
    provider: OpenIDProvider, *, answers: OpenIDAnswers, entrance: SignInEntrance, furniture: Furniture
) -> list[Route]:  # fmt: skip
    """Return the routes, to be mounted at the root."""
    authorize = AuthorizeEndpoint(provider.authorization, entrance, answers, furniture.error_pages)
    logout = LogoutEndpoint(
        provider.end_session,
        furniture.logout_onward,
        furniture.cookies,
        furniture.pages,
        furniture.error_pages,
        furniture.entropy,
        furniture.origin,
    )
    tokens = TokenEndpoints(provider.clients, provider.exchange, provider.known_tokens)
    discovery = DiscoveryEndpoints(provider.issuer, provider.keys)
    confirm = PATHS["end_session_endpoint"] + "/confirm"
    return [
        *(_readable(path, discovery.configuration, "GET") for path in WELL_KNOWN),
        _readable(PATHS["jwks_uri"], discovery.jwks, "GET"),
        Route(PATHS["authorization_endpoint"], authorize.handle, methods=["GET", "POST"]),
        _readable(PATHS["token_endpoint"], tokens.token, "POST"),
        _readable(PATHS["userinfo_endpoint"], UserInfoEndpoint(provider.user_info).handle, "GET", "POST"),
        Route(PATHS["revocation_endpoint"], tokens.revoke, methods=["POST"]),
        Route(PATHS["introspection_endpoint"], tokens.introspect, methods=["POST"]),
        Route(PATHS["end_session_endpoint"], logout.handle, methods=["GET", "POST"]),
        Route(confirm, logout.confirm, methods=["POST"]),
    ]


def _readable(path: str, handler: Handler, *methods: str) -> Route:
    return Route(path, readable_anywhere(handler), methods=[*methods, "OPTIONS"])
