"""What a changed connection keeps of the stored one: secrets, unless somebody else would get to see them (pure)."""

from dataclasses import replace
from typing import assert_never

from jitney.administration.providers.saml_imports import with_kept_imports
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import UpstreamConnection
from jitney.model.saml_connection import SAMLConnection


def with_kept(present: UpstreamConnection, wanted: UpstreamConnection) -> UpstreamConnection:
    """Return a changed connection with what it does not state: secrets, and metadata that were imported."""
    return with_kept_secrets(present, with_kept_imports(present, wanted))


def with_kept_secrets(present: UpstreamConnection, wanted: UpstreamConnection) -> UpstreamConnection:
    """Keep stored secrets that were not given anew, but never for another peer (R-004, R-115).

    The attack: somebody who may edit a provider but not read its secret points the issuer, or the token endpoint,
    at a server of his own, leaves the secret's field masked, and has our next sign-in hand it over.
    Another kind of connection keeps nothing.
    The keys of a SAML connection are our own and never leave: they stay whoever the provider is.
    One that is published beside the pair that is stated stays too: stating it again ends no roll-over.
    """
    match wanted:
        case OIDCConnection():
            return _kept_by_oidc(present, wanted)
        case OAuth2Connection():
            return _kept_by_oauth2(present, wanted)
        case SAMLConnection():
            kept = present.credentials if isinstance(present, SAMLConnection) else ()
            is_begin = wanted.credentials == kept[: len(wanted.credentials)]
            return replace(wanted, credentials=kept if is_begin else wanted.credentials)
        case _:
            assert_never(wanted)


def _kept_by_oidc(present: UpstreamConnection, wanted: OIDCConnection) -> OIDCConnection:
    if not isinstance(present, OIDCConnection) or wanted.issuer != present.issuer:
        return wanted
    return replace(
        wanted,
        client_secret=wanted.client_secret or present.client_secret,
        private_key=wanted.private_key or present.private_key,
    )


def _kept_by_oauth2(present: UpstreamConnection, wanted: OAuth2Connection) -> OAuth2Connection:
    if not isinstance(present, OAuth2Connection) or _takers(present) != _takers(wanted):
        return wanted
    return replace(wanted, client_secret=wanted.client_secret or present.client_secret)


def _takers(connection: OAuth2Connection) -> tuple[str | None, ...]:
    """Return every address that is sent the secret, or a token that it has bought (R-004)."""
    return connection.token_endpoint, connection.userinfo_endpoint, connection.emails_endpoint
