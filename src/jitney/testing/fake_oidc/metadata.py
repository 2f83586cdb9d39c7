"""What the fake provider publishes about itself: discovery document and key set."""

from typing import Any

from aiohttp import web

from jitney.testing.fake_oidc.clients import METHODS
from jitney.testing.fake_oidc.lies import Place
from jitney.testing.fake_oidc.lying_answers import answer, lying_key_set
from jitney.testing.fake_oidc.people import SCOPE_CLAIMS
from jitney.testing.fake_oidc.state import ProviderState


def discovery_document(state: ProviderState) -> dict[str, Any]:
    """The provider's metadata (OIDC Discovery 3, RFC 9207 3, OIDC Back-Channel Logout 2.1)."""
    issuer = state.place
    return {
        "issuer": state.issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "end_session_endpoint": f"{issuer}/end_session",
        "scopes_supported": ["openid", "offline_access", *SCOPE_CLAIMS],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(state.keys.algs),
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": ["HS256", "ES256", "RS256"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", *sorted({claim for claims in SCOPE_CLAIMS.values() for claim in claims})],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "authorization_response_iss_parameter_supported": state.habits.names_issuer,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }


class Metadata:
    """The two endpoints that anybody may read."""

    def __init__(self, state: ProviderState) -> None:
        self.state = state

    async def discovery(self, _request: web.Request) -> web.Response:
        """``GET /.well-known/openid-configuration``."""
        self.state.received.discovery_requests += 1
        return answer(discovery_document(self.state), self.state.liar.told(Place.DISCOVERY))

    async def jwks(self, _request: web.Request) -> web.Response:
        """``GET /jwks``."""
        self.state.received.jwks_requests += 1
        lies = self.state.liar.told(Place.JWKS)
        keys, issuer = lying_key_set(self.state.keys, lies), self.state.habits.key_issuer
        return answer({"keys": [key | {"issuer": issuer} for key in keys] if issuer else keys}, lies)
