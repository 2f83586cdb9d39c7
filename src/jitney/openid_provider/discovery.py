"""What we tell applications about ourselves (OIDC Discovery 1.0, RFC 8414)."""

from collections.abc import Mapping

from jitney.model.application import ClientAuthentication
from jitney.model.factor import REFEDS_MFA
from jitney.openid_provider.client_authentication import ASSERTION_ALGORITHMS
from jitney.openid_provider.released_claims import SCOPE_CLAIMS, SCOPES
from jitney.openid_provider.request_checks import PROMPTS, RESPONSE_MODES
from jitney.openid_provider.signing_keys import ALGORITHMS

PATHS: Mapping[str, str] = {
    "authorization_endpoint": "/oauth2/authorize",
    "token_endpoint": "/oauth2/token",
    "userinfo_endpoint": "/oauth2/userinfo",
    "jwks_uri": "/oauth2/jwks",
    "end_session_endpoint": "/oauth2/logout",
    "revocation_endpoint": "/oauth2/revoke",
    "introspection_endpoint": "/oauth2/introspect",
}
"""Every endpoint by its name in the metadata; the doors take their paths from here."""

_METHODS = [method.value for method in ClientAuthentication]


def metadata(issuer: str) -> dict[str, object]:
    """Return the metadata document for ``issuer`` (no slash at its end)."""
    assertion_algorithms = list(ASSERTION_ALGORITHMS)
    authenticated = [method for method in _METHODS if method != ClientAuthentication.NONE]
    return {
        "issuer": issuer,
        **{name: issuer + path for name, path in PATHS.items()},
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": _METHODS,
        "token_endpoint_auth_signing_alg_values_supported": assertion_algorithms,
        "revocation_endpoint_auth_methods_supported": _METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": assertion_algorithms,
        "introspection_endpoint_auth_methods_supported": authenticated,
        "introspection_endpoint_auth_signing_alg_values_supported": assertion_algorithms,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "acr_values_supported": [REFEDS_MFA],
        "prompt_values_supported": sorted(PROMPTS),
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash",
            *(claim for claims in SCOPE_CLAIMS.values() for claim in claims),
        ],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
    }  # fmt: skip
