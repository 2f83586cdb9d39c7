"""What an identity provider must be before it may be saved: every fault at once (pure)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from urllib.parse import urlsplit

from jitney.model.claims import MappingTable
from jitney.model.identity_provider import IdentityProvider, OIDCConnection, TokenEndpointAuth
from jitney.model.policy import FixedPlacement, OnNameTaken, PromptMode, ProvisioningPolicy
from jitney.model.user import EVERYONE, OPERATOR_ROLE, PRIMARY
from jitney.model.user_store import UserStoreDescription

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
_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a provider is judged against: the user stores, the roles, and what the installation allows.

    ``http_issuers_allowed_risky`` is for development.
    """

    stores: Mapping[str, UserStoreDescription]
    roles: frozenset[str]
    http_issuers_allowed_risky: bool = False


def find_faults(idp: IdentityProvider, surroundings: Surroundings) -> dict[str, str]:
    """Return what is wrong, field by field (``connection.issuer``); empty where all is well."""
    faults: dict[str, str] = {}
    if _NAME.fullmatch(idp.name) is None:
        faults["name"] = "A short name has 1 to 50 lower-case letters, digits and hyphens."
    if not idp.display_name.strip() or len(idp.display_name) > 100 or not idp.display_name.isprintable():
        faults["display_name"] = "A display name has 1 to 100 printable characters."
    faults.update(
        (f"connection.{key}", text) for key, text in _connection_faults(idp.connection, surroundings)
    )
    faults.update((f"mappings.{key}", text) for key, text in _mapping_faults(idp.mappings, surroundings))
    faults.update((f"policy.{key}", text) for key, text in _policy_faults(idp.policy, surroundings))
    return faults


def find_warnings(idp: IdentityProvider) -> tuple[str, ...]:
    """Return sentences about what is allowed and yet worth a second look."""
    warnings: list[str] = []
    if idp.policy.enabled and idp.policy.prompt_mode is not PromptMode.SILENT:
        warnings.append("policy.prompt_mode: the prompt pages are not built yet; new people are refused.")
    if idp.policy.linking.enabled and "*" in idp.policy.linking.trusted_email_domains:
        warnings.append("policy.linking.trusted_email_domains: * believes this provider about every address.")
    if idp.connection.verified_flags_from_userinfo:
        warnings.append("connection.verified_flags_from_userinfo: unsigned answers may raise trust.")
    return tuple(warnings)


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
    if fault := _role_fault({row.local for row in mappings.roles}, surroundings):
        yield "roles", fault


def _policy_faults(policy: ProvisioningPolicy, surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    if fault := _store_fault(_domain_of(policy), surroundings):
        yield "placement", fault
    if len(policy.linking.lookups) > 2:
        yield "linking.lookups", "At most two lookups are allowed."
    if any(not row.federated.strip() or not row.local.strip() for row in policy.linking.lookups):
        yield "linking.lookups", "A lookup names a federated and a local attribute."
    if policy.linking.enabled and not policy.linking.lookups:
        yield "linking.lookups", "Linking needs at least one lookup."
    for domain in policy.linking.trusted_email_domains:
        if domain != "*" and _DOMAIN.fullmatch(domain) is None:
            yield (
                "linking.trusted_email_domains",
                "An e-mail domain is written in lower case, such as acme.example.",
            )
    if (
        policy.on_name_taken is OnNameTaken.ASK
        and policy.prompt_mode is not PromptMode.USERNAME_PASSWORD_AND_CONSENT
    ):
        yield "on_name_taken", "Only the prompt mode username_password_and_consent may ask for another name."
    if policy.username_template is not None and not _is_template(policy.username_template):
        yield (
            "username_template",
            "A template is text with attributes in braces, such as {given_name}.{family_name}.",
        )
    if fault := _role_fault(set(policy.default_roles), surroundings):
        yield "default_roles", fault


def _domain_of(policy: ProvisioningPolicy) -> str:
    """Return the store that everybody, or everybody without a domain in the name, goes into."""
    return policy.placement.domain if isinstance(policy.placement, FixedPlacement) else PRIMARY


def _store_fault(domain: str, surroundings: Surroundings) -> str | None:
    store = surroundings.stores.get(domain.upper())
    if store is None:
        return f"There is no user store {domain}; there are {', '.join(sorted(surroundings.stores))}."
    if not store.enabled:
        return f"The user store {domain} is disabled."
    return f"The user store {domain} is read-only." if store.read_only else None


def _role_fault(roles: set[str], surroundings: Surroundings) -> str | None:
    """Refuse roles that do not exist, and the role that confers administration (R-038).

    The attack: whoever administers the upstream names himself a role there that a careless table turns
    into the keys of this house.
    """
    if any(role.casefold() == OPERATOR_ROLE for role in roles):
        return f"No identity provider may give the role {OPERATOR_ROLE}: it administers Jitney."
    if unknown := roles - surroundings.roles - {EVERYONE}:
        return f"There is no role {', '.join(sorted(unknown))}."
    return None


def _is_template(template: str) -> bool:
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return False
    plain = all(
        name is None or (name.strip() and not form and not conversion) for _, name, form, conversion in parts
    )
    return plain and any(name for _, name, _, _ in parts) and len(template) <= 200
