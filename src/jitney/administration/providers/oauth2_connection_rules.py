"""What a plain OAuth 2.0 connection must hold before it may be saved (pure)."""

from collections.abc import Iterator

from jitney.administration.providers.connection_addresses import find_endpoint_fault
from jitney.administration.providers.connection_claims import find_renaming_faults, is_mutable
from jitney.administration.providers.oauth_parameters import find_parameter_faults
from jitney.model.connection import OAuth2Connection, TokenEndpointAuth

METHODS = frozenset({TokenEndpointAuth.CLIENT_SECRET_BASIC, TokenEndpointAuth.CLIENT_SECRET_POST})
"""How we may prove who we are: a signed proof names an issuer, which plain OAuth 2.0 does not have."""

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "emails_endpoint")
SEPARATORS = frozenset({" ", ","})

_USERINFO_OURS = frozenset({"access_token", "appsecret_proof"})


def find_oauth2_faults(connection: OAuth2Connection, *, http_allowed: bool) -> Iterator[tuple[str, str]]:
    """Tell what is wrong, field by field; ``http_allowed`` is for development."""
    for name in ENDPOINTS:
        url: str | None = getattr(connection, name)
        if url is not None and (fault := find_endpoint_fault(url, http_allowed=http_allowed)):
            yield name, fault
    if not connection.client_id.strip() or not connection.client_id.isprintable():
        yield "client_id", "The client id that the provider gave is needed."
    if not connection.client_secret:
        yield "client_secret", f"{connection.token_endpoint_auth.value} needs the client secret."
    if connection.token_endpoint_auth not in METHODS:
        yield "token_endpoint_auth", "Plain OAuth 2.0 knows client_secret_basic and client_secret_post."
    if connection.scope_separator not in SEPARATORS:
        yield "scope_separator", "Scopes are separated by a space or a comma."
    yield from _subject_faults(connection)
    yield from find_parameter_faults(connection.extra_parameters)
    yield from find_parameter_faults(
        connection.userinfo_parameters, ours=_USERINFO_OURS, field="userinfo_parameters"
    )
    yield from find_renaming_faults(connection.claim_names)


def find_oauth2_warnings(connection: OAuth2Connection) -> Iterator[str]:
    """Tell what is allowed and yet worth a second look."""
    if connection.verified_flags_from_userinfo:
        yield "verified_flags_from_userinfo: unsigned answers may raise trust."
    if not connection.sends_pkce:
        yield "sends_pkce: without PKCE a stolen code is worth more; switch it off only where it breaks."


def _subject_faults(connection: OAuth2Connection) -> Iterator[tuple[str, str]]:
    if not connection.subject_claim.strip() or not connection.subject_claim.isprintable():
        yield "subject_claim", "The claim that holds the immutable id of the person is needed."
    elif is_mutable(connection.subject_claim):
        yield (
            "subject_claim",
            f"{connection.subject_claim} changes, or is given to somebody else later; "
            "the subject is an id that never does (R-002).",
        )
