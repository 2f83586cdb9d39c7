"""What a connection must hold before it may be saved, whatever it speaks: every fault at once (pure)."""

from collections.abc import Iterator
from typing import assert_never

from jitney.administration.providers.oauth2_connection_rules import find_oauth2_faults, find_oauth2_warnings
from jitney.administration.providers.oidc_connection_rules import find_oidc_faults, find_oidc_warnings
from jitney.administration.providers.saml_connection_rules import (
    SAMLSurroundings,
    find_saml_faults,
    find_saml_warnings,
)
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import UpstreamConnection
from jitney.model.saml_connection import SAMLConnection


def find_connection_faults(
    connection: UpstreamConnection, saml: SAMLSurroundings, *, http_allowed: bool
) -> Iterator[tuple[str, str]]:
    """Tell what is wrong, field by field; ``http_allowed`` is for development."""
    match connection:
        case OIDCConnection():
            return find_oidc_faults(connection, http_allowed=http_allowed)
        case OAuth2Connection():
            return find_oauth2_faults(connection, http_allowed=http_allowed)
        case SAMLConnection():
            return find_saml_faults(connection, saml, http_allowed=http_allowed)
        case _:
            assert_never(connection)


def find_connection_warnings(connection: UpstreamConnection, saml: SAMLSurroundings) -> Iterator[str]:
    """Tell what is allowed and yet worth a second look, each sentence behind its field."""
    match connection:
        case OIDCConnection():
            return find_oidc_warnings(connection)
        case OAuth2Connection():
            return find_oauth2_warnings(connection)
        case SAMLConnection():
            return find_saml_warnings(connection, saml)
        case _:
            assert_never(connection)


def kind_of(connection: UpstreamConnection) -> str:
    """Return what a connection speaks, as a declaration calls it."""
    match connection:
        case OIDCConnection():
            return "oidc"
        case OAuth2Connection():
            return "oauth2"
        case SAMLConnection():
            return "saml"
        case _:
            assert_never(connection)
