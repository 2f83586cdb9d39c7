"""What an OpenID Connect connection must hold before it may be saved (pure)."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from jitney.administration.providers.connection_addresses import (
    find_endpoint_fault,
    find_issuer_fault,
    find_origin_fault,
    origin_of,
    split,
)
from jitney.administration.providers.connection_claims import find_renaming_faults
from jitney.administration.providers.oauth_parameters import find_parameter_faults
from jitney.model.connection import OIDCConnection, TokenEndpointAuth

ALGORITHMS = frozenset(
    {"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"}
)
"""Signatures by a key pair alone: ``none`` and shared secrets never verify an ID token here (R-051)."""

TENANT = "{tenantid}"
"""What stands in the issuer of a provider of many tenants for the one that a token is from."""

_SHARED = frozenset({"common", "organizations", "consumers"})
"""What Microsoft Entra takes in the place of a tenant, and no token ever names."""

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_BY_KEY = frozenset({TokenEndpointAuth.PRIVATE_KEY_JWT, TokenEndpointAuth.SIGNED_CLIENT_SECRET})


def find_oidc_faults(connection: OIDCConnection, *, http_allowed: bool) -> Iterator[tuple[str, str]]:
    """Tell what is wrong, field by field; ``http_allowed`` is for development."""
    yield from _address_faults(connection, http_allowed=http_allowed)
    yield from _tenant_faults(connection)
    if not connection.client_id.strip() or not connection.client_id.isprintable():
        yield "client_id", "The client id that the provider gave is needed."
    if not 0 <= connection.clock_skew <= 60:
        yield "clock_skew", "The clock skew is 0 to 60 seconds."
    if not connection.algorithms or not ALGORITHMS.issuperset(connection.algorithms):
        yield (
            "algorithms",
            "Only signatures by a key pair are allowed: " + ", ".join(sorted(ALGORITHMS)) + ".",
        )
    if "openid" not in connection.scopes:
        yield "scopes", "The scope openid is needed."
    yield from find_parameter_faults(connection.extra_parameters)
    yield from find_renaming_faults(connection.claim_names)
    yield from _credential_faults(connection)


def find_oidc_warnings(connection: OIDCConnection) -> Iterator[str]:
    """Tell what is allowed and yet worth a second look."""
    if connection.verified_flags_from_userinfo:
        yield "verified_flags_from_userinfo: unsigned answers may raise trust."


def _address_faults(connection: OIDCConnection, *, http_allowed: bool) -> Iterator[tuple[str, str]]:
    issuer = connection.issuer.replace(TENANT, "tenant")
    if fault := find_issuer_fault(issuer, http_allowed=http_allowed):
        yield "issuer", fault
    for origin in connection.approved_origins:
        if fault := find_origin_fault(origin, http_allowed=http_allowed):
            yield "approved_origins", fault
    endpoint = connection.groups_endpoint
    if endpoint is None:
        return
    if fault := find_endpoint_fault(endpoint, http_allowed=http_allowed):
        yield "groups_endpoint", fault
        return
    known = {origin_of(url) for url in (issuer, *connection.approved_origins) if split(url)}
    if origin_of(endpoint) not in known:
        # It is sent the person's access token.
        yield "groups_endpoint", "Its origin is neither the issuer's nor one of approved_origins."


def _tenant_faults(connection: OIDCConnection) -> Iterator[tuple[str, str]]:
    """Find what makes an issuer of many tenants, or one of one, something between the two (R-003)."""
    rest = connection.issuer.replace(TENANT, "", 1)
    if "{" in rest or "}" in rest or (TENANT in connection.issuer and TENANT in _host_of(connection.issuer)):
        yield "issuer", f"An issuer of many tenants holds {TENANT} once, in its path; no other holds a brace."
    elif TENANT in connection.issuer and not connection.tenants:
        yield "tenants", f"An issuer with {TENANT} needs the list of tenants whose people may come."
    elif TENANT not in connection.issuer and connection.tenants:
        yield "tenants", f"Tenants are named only where the issuer holds {TENANT}."
    if shared := _SHARED.intersection(connection.tenants):
        yield (
            "tenants",
            f"{min(shared)} stands for many tenants; list those whose people may come, by their ids.",
        )
    if wrong := [one for one in connection.tenants if _TENANT.fullmatch(one) is None]:
        yield "tenants", f"A tenant is named by its id, exactly: letters, digits and . _ -, not {wrong[0]!r}."


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return url


def _credential_faults(connection: OIDCConnection) -> Iterator[tuple[str, str]]:
    method = connection.token_endpoint_auth
    if method in _BY_KEY and not connection.private_key:
        yield "private_key", f"{method.value} needs a private key."
    if method is TokenEndpointAuth.SIGNED_CLIENT_SECRET:
        if not connection.private_key_id:
            yield "private_key_id", "signed_client_secret needs the id that the provider gave the key."
        if not connection.secret_issuer:
            yield "secret_issuer", "signed_client_secret needs who signs it, such as Apple's team id."
    if method not in _BY_KEY and not connection.client_secret:
        yield "client_secret", f"{method.value} needs the client secret."
    needs_length = method is TokenEndpointAuth.CLIENT_SECRET_JWT
    if needs_length and connection.client_secret and len(connection.client_secret.encode()) < 32:
        yield "client_secret", "client_secret_jwt needs a secret of at least 32 bytes (RFC 7518 3.2)."
