"""Turn the keys of an identity provider into its connection, over the defaults of its type."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from jitney.cli.identity_provider_model import EndpointRow, ProviderType, WrittenIdentityProvider
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import UpstreamConnection
from jitney.model.saml_connection import SAMLConnection, SAMLCredential, SAMLEndpoint

CONNECTIONS: Mapping[ProviderType, type[UpstreamConnection]] = {
    ProviderType.OIDC: OIDCConnection,
    ProviderType.OAUTH2: OAuth2Connection,
    ProviderType.SAML: SAMLConnection,
}

_SECRETS = ("client_secret", "private_key")
_OF_ALL = frozenset(
    {
        "name", "type", "preset", "display_name", "enabled", "domains", "home_realm_identifier", "is_shown",
        "user_id_claim", "role_claim", "role_separator", "provisioning", "claim", "role",
        "second_factor", "enhanced",
    }
)  # fmt: skip
_FROM_FILES = frozenset({"signing_certificates", "metadata_certificates", "credentials", "metadata"})
_SAML_FILES = frozenset(
    {
        "metadata_file", "metadata_certificate_files", "signing_certificate_files", "certificate_file",
        "private_key_file", "private_key_env", "private_key",
    }
)  # fmt: skip
_IMPORTED = ("single_sign_on", "single_logout", "signing_certificate_files")


@dataclass(frozen=True, slots=True)
class ReadProviderFiles:
    """What stands in the files and variables that a provider names."""

    client_secret: str | None = None
    private_key: str | None = None
    certificate: str | None = None
    signing_certificates: tuple[str, ...] = ()
    metadata_certificates: tuple[str, ...] = ()


def keys_of(type: ProviderType) -> frozenset[str]:
    """Return the keys that a provider of this type may have."""
    names = frozenset(field.name for field in fields(CONNECTIONS[type]))
    secrets = {name for secret in _SECRETS if secret in names for name in _spellings(secret)}
    files = _SAML_FILES if type is ProviderType.SAML else frozenset[str]()
    return (names - _FROM_FILES) | secrets | files | _OF_ALL


def missing_keys(written: WrittenIdentityProvider) -> tuple[str, ...]:
    """Return the keys that this type of provider needs, and that are not stated."""
    if written.type is ProviderType.SAML and (written.metadata_url or written.metadata_file):
        return ()
    needed = [
        field.name
        for field in fields(CONNECTIONS[written.type])
        if field.default is MISSING and field.default_factory is MISSING
    ]
    return tuple(name for name in needed if getattr(written, name) is None)


def clashing_keys(written: WrittenIdentityProvider) -> tuple[str, ...]:
    """Return the stated keys that say what the metadata say too, the metadata's own key first."""
    sources = [name for name in ("metadata_url", "metadata_file") if getattr(written, name)]
    doubled = [name for name in _IMPORTED if getattr(written, name)]
    return tuple(sources + doubled) if len(sources) > 1 or (sources and doubled) else ()


def default_of(key: str, type: ProviderType) -> object:
    """Return what a key of a connection is where it is not stated; ``MISSING`` where it is needed."""
    for field in fields(CONNECTIONS[type]):
        if field.name == key:
            made = field.default_factory
            return made() if made is not MISSING else field.default
    return None


def connection_of(written: WrittenIdentityProvider, read: ReadProviderFiles) -> UpstreamConnection:
    """Return the connection that is written; its needed keys are there."""
    kind = CONNECTIONS[written.type]
    names = {field.name for field in fields(kind)} - _FROM_FILES - set(_SECRETS)
    stated = {
        name: _noun(getattr(written, name)) for name in written.model_fields_set & names
    }  # fmt: skip
    stated = {name: value for name, value in stated.items() if value is not None}
    connection: Any = kind
    return connection(**{**stated, **_read_in(written, read)})


def _read_in(written: WrittenIdentityProvider, read: ReadProviderFiles) -> dict[str, object]:
    match written.type:
        case ProviderType.OIDC:
            return {"client_secret": read.client_secret, "private_key": read.private_key}
        case ProviderType.OAUTH2:
            return {"client_secret": read.client_secret}
        case ProviderType.SAML:
            own = read.certificate, read.private_key
            pair = (SAMLCredential(own[0], own[1]),) if own[0] and own[1] else ()
            return {
                "entity_id": written.entity_id or "",
                "signing_certificates": read.signing_certificates,
                "metadata_certificates": read.metadata_certificates,
                "credentials": pair,
            }


def _noun(value: object) -> object:
    if isinstance(value, list):
        return tuple(_noun(one) for one in value)  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, EndpointRow):
        return SAMLEndpoint(value.binding, value.url, value.response_url)
    return value


def _spellings(secret: str) -> tuple[str, ...]:
    return secret, f"{secret}_file", f"{secret}_env"
