"""What an identity provider must be before it may be saved: every fault at once (pure)."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from jitney.administration.faults_by_field import gather
from jitney.administration.policy_rules import find_policy_faults, find_policy_warnings, find_role_faults
from jitney.administration.surroundings import Surroundings
from jitney.model.claims import MappingTable
from jitney.model.identity_provider import IdentityProvider, OIDCConnection, TokenEndpointAuth
from jitney.provisioning.claim_mapping import VERIFIED_FLAGS, speaks_of

ALGORITHMS = frozenset(
    {"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"}
)
"""Signatures by a key pair alone: ``none`` and shared secrets never verify an ID token here (R-051)."""

OURS_ALONE = frozenset(
    {
        "client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "scope", "state",
        "nonce", "code_challenge", "code_challenge_method", "code_verifier", "request", "request_uri",
    }
)  # fmt: skip
"""Parameters of an authorization request that no setting may replace."""

RESERVED_ATTRIBUTES = frozenset(
    {
        "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "azp", "amr", "acr", "auth_time", "sid",
        "scope", "client_id", "roles", "at_hash", "c_hash",
    }
)  # fmt: skip
"""Claims of our own tokens that no mapping may set (R-087)."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")


def find_faults(idp: IdentityProvider, surroundings: Surroundings) -> dict[str, str]:
    """Return what is wrong, field by field (``connection.issuer``); empty where all is well."""
    return gather(_faults(idp, surroundings))


def find_warnings(idp: IdentityProvider, surroundings: Surroundings) -> tuple[str, ...]:
    """Return sentences about what is allowed and yet worth a second look."""
    warnings = [f"policy.{text}" for text in find_policy_warnings(idp.policy, idp.mappings, surroundings)]
    warnings += [f"mappings.{text}" for text in _mapping_warnings(idp.mappings)]
    if idp.connection.verified_flags_from_userinfo:
        warnings.append("connection.verified_flags_from_userinfo: unsigned answers may raise trust.")
    return tuple(warnings)


def _faults(idp: IdentityProvider, surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    if _NAME.fullmatch(idp.name) is None:
        yield "name", "A short name has 1 to 50 lower-case letters, digits and hyphens."
    if not idp.display_name.strip() or len(idp.display_name) > 100 or not idp.display_name.isprintable():
        yield "display_name", "A display name has 1 to 100 printable characters."
    yield from ((f"connection.{key}", text) for key, text in _connection_faults(idp.connection, surroundings))
    yield from ((f"mappings.{key}", text) for key, text in _mapping_faults(idp.mappings, surroundings))
    yield from ((f"policy.{key}", text) for key, text in find_policy_faults(idp.policy, surroundings))


def check_url(url: str, *, http_allowed: bool) -> str | None:
    """Say what is wrong with an issuer's or an origin's address, ``None`` where it is sound."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "This is no address."
    if not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        return "This is no address."
    if parts.scheme != "https" and not (http_allowed and parts.scheme == "http"):
        return "The address begins with https://."
    if "@" in parts.netloc or "?" in url or "#" in url:
        return "The address holds no user name, query or fragment."
    return None


def _connection_faults(connection: OIDCConnection, surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    http_allowed = surroundings.http_issuers_allowed_risky
    if fault := check_url(connection.issuer, http_allowed=http_allowed):
        yield "issuer", fault
    for origin in connection.approved_origins:
        fault = check_url(origin, http_allowed=http_allowed)
        if fault or urlsplit(origin).path:
            yield "approved_origins", fault or "An origin has no path and no slash at its end."
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
    if taken := OURS_ALONE.intersection(connection.extra_parameters):
        yield "extra_parameters", f"These parameters are Jitney's own: {', '.join(sorted(taken))}."
    yield from _credential_faults(connection)


def _credential_faults(connection: OIDCConnection) -> Iterator[tuple[str, str]]:
    by_key = connection.token_endpoint_auth is TokenEndpointAuth.PRIVATE_KEY_JWT
    if by_key and not connection.private_key:
        yield "private_key", "private_key_jwt needs a private key."
    if not by_key and not connection.client_secret:
        yield "client_secret", f"{connection.token_endpoint_auth.value} needs the client secret."
    needs_length = connection.token_endpoint_auth is TokenEndpointAuth.CLIENT_SECRET_JWT
    if needs_length and connection.client_secret and len(connection.client_secret.encode()) < 32:
        yield "client_secret", "client_secret_jwt needs a secret of at least 32 bytes (RFC 7518 3.2)."


def _mapping_faults(mappings: MappingTable, surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    for row in mappings.claims:
        if not row.remote.strip() or not row.local.strip():
            yield "claims", "A row of the claim table names a remote claim and a local attribute."
        elif row.local in RESERVED_ATTRIBUTES:
            yield "claims", f"{row.local} is a claim of our own tokens and cannot be mapped to."
    if mappings.roles and mappings.role_claim is None:
        yield "role_claim", "A role table needs the name of the claim that holds the roles."
    for fault in find_role_faults({row.local for row in mappings.roles}, surroundings):
        yield "roles", fault


def _mapping_warnings(mappings: MappingTable) -> Iterator[str]:
    """Name the flags that do not count for the value beside which they are mapped (R-006)."""
    flags = {row.local: row.remote for row in reversed(mappings.claims) if row.local in VERIFIED_FLAGS}
    for flag, remote in flags.items():
        for row in mappings.claims:
            if row.local == VERIFIED_FLAGS[flag] and not speaks_of(remote, row.remote):
                yield (
                    f"claims: {remote} says nothing about {row.remote}: "
                    f"{row.local} from there counts as not verified."
                )
