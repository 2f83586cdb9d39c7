"""What an identity provider must be before it may be saved: every fault at once (pure)."""

import re
from collections.abc import Iterator

from jitney.administration.faults_by_field import gather
from jitney.administration.providers.connection_rules import find_connection_faults, find_connection_warnings
from jitney.administration.providers.home_realm_rules import find_home_realm_faults
from jitney.administration.providers.policy_rules import (
    find_policy_faults,
    find_policy_warnings,
    find_role_faults,
)
from jitney.administration.providers.second_factor_rules import (
    find_second_factor_faults,
    find_second_factor_warnings,
)
from jitney.administration.providers.surroundings import Surroundings
from jitney.administration.sign_in_policy_reach import find_provider_warnings
from jitney.administration.text_lengths import with_length_faults
from jitney.model.claims import MappingTable
from jitney.model.identity_provider import IdentityProvider
from jitney.model.sign_in_policy import LOCAL
from jitney.provisioning.claim_mapping import VERIFIED_FLAGS, speaks_of

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
    return with_length_faults(gather(_faults(idp, surroundings)), idp)


def find_warnings(idp: IdentityProvider, surroundings: Surroundings) -> tuple[str, ...]:
    """Return sentences about what is allowed and yet worth a second look."""
    warnings = [f"policy.{text}" for text in find_policy_warnings(idp.policy, idp.mappings, surroundings)]
    warnings += [f"mappings.{text}" for text in _mapping_warnings(idp.mappings)]
    warnings += [f"connection.{text}" for text in find_connection_warnings(idp.connection, surroundings.saml)]
    found = find_second_factor_warnings(idp.second_factor, idp.connection)
    warnings += [f"second_factor.{text}" for text in found]
    applications = surroundings.saml.applications.values()
    warnings += find_provider_warnings(idp, applications, enhanced=surroundings.enhanced)
    return tuple(warnings)


def _faults(idp: IdentityProvider, surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    if _NAME.fullmatch(idp.name) is None:
        yield "name", "A short name has 1 to 50 lower-case letters, digits and hyphens."
    if idp.name == LOCAL:
        yield "name", f"{LOCAL} means people of our own user stores; choose another short name."
    if not idp.display_name.strip() or len(idp.display_name) > 100 or not idp.display_name.isprintable():
        yield "display_name", "A display name has 1 to 100 printable characters."
    http_allowed = surroundings.http_issuers_allowed_risky
    connection = find_connection_faults(idp.connection, surroundings.saml, http_allowed=http_allowed)
    yield from ((f"connection.{key}", text) for key, text in connection)
    yield from ((f"home_realm.{key}", text) for key, text in find_home_realm_faults(idp.home_realm))
    yield from ((f"mappings.{key}", text) for key, text in _mapping_faults(idp.mappings, surroundings))
    yield from ((f"policy.{key}", text) for key, text in find_policy_faults(idp.policy, surroundings))
    second_factor = find_second_factor_faults(idp.second_factor)
    yield from ((f"second_factor.{key}", text) for key, text in second_factor)


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
