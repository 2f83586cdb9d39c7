"""Turns a filled preset into the connection that it declares, as the command line does."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from jitney.model.connection import OAuth2Connection, OIDCConnection, ResponseMode, TokenEndpointAuth
from jitney.model.identity_provider import UpstreamConnection
from jitney.model.saml_connection import SAMLConnection

CONNECTIONS = {"oidc": OIDCConnection, "oauth2": OAuth2Connection, "saml": SAMLConnection}
MAPPING_KEYS = frozenset({"user_id_claim", "role_claim", "role_separator", "claim"})
"""What a preset may say beside its connection."""

TENANT = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
PARAMETERS = {
    "host": "id.acme.example",
    "realm": "acme",
    "tenant": TENANT,
    "application": "6731de76-14a6-49ae-97bc-6eba6914391e",
    "web_api": "https://jitney.acme.example/adfs",
}
NEEDS = {
    "client_id": "jitney",
    "client_secret": "s" * 32,
    "tenants": [TENANT],
    "secret_issuer": "TEAM123456",
    "private_key": "a key",
    "private_key_id": "KEY1234567",
    "issuer": "https://id.acme.example",
    "authorization_endpoint": "https://id.acme.example/authorize",
    "token_endpoint": "https://id.acme.example/token",
    "userinfo_endpoint": "https://id.acme.example/me",
    "subject_claim": "id",
    "metadata_url": "https://id.acme.example/metadata",
}
"""What an operator could write for each parameter that has no default, and for each key that is needed."""

_ENUMERATIONS = {"token_endpoint_auth": TokenEndpointAuth, "response_mode": ResponseMode}


def keys_of(type: str) -> frozenset[str]:
    """The keys of a declaration of this type."""
    return frozenset(one.name for one in fields(CONNECTIONS[type]))


def connection_of(filled: Mapping[str, Any]) -> UpstreamConnection:
    """The connection that a filled preset declares; lists become tuples, words members of their enumeration."""
    kind = CONNECTIONS[str(filled["type"])]
    known = keys_of(str(filled["type"]))
    values = {key: _value(key, value) for key, value in filled.items() if key in known}
    if kind is SAMLConnection:
        values.setdefault("entity_id", "")
    return kind(**values)


def _value(key: str, value: Any) -> Any:
    if key in _ENUMERATIONS:
        return _ENUMERATIONS[key](value)
    return tuple(value) if isinstance(value, list) else value
