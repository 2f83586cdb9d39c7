"""Identity provider rows: a provider as columns and back, one codec for each kind of connection, secrets sealed.

Nodes of the release before serve beside us (P-14).
They know no connection but OpenID Connect, which they read from and write into ``record``.
So one that they understand stands there too, and in the place of any other something that is switched off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jitney.database.database import Row
from jitney.database.moments import to_micros
from jitney.errors import Misconfigured
from jitney.model.claims import MappingTable
from jitney.model.connection import OAuth2Connection, OIDCConnection, ResponseMode, TokenEndpointAuth
from jitney.model.enhanced import EnhancedFeature
from jitney.model.home_realm import HomeRealm
from jitney.model.identity_provider import IdentityProvider, UpstreamConnection
from jitney.model.policy import ProvisioningPolicy
from jitney.model.saml_connection import SAMLConnection
from jitney.model.sign_in_policy import SecondFactorRule
from jitney.storage.codec import Codec
from jitney.storage.tables import identity_providers as _t
from jitney.storage.vault import Place, Vault


@dataclass(frozen=True, slots=True)
class _Record:
    """What ``record`` holds.

    ``enabled`` and ``connection`` are for nodes of the release before; we read the columns of these names.
    ``home_realm`` is missing where such a node wrote the row last, and then its ``connection`` is the newer one.
    """

    id: str
    name: str
    display_name: str
    connection: OIDCConnection | None = None
    enabled: bool = True
    mappings: MappingTable = MappingTable()
    policy: ProvisioningPolicy = ProvisioningPolicy()
    home_realm: HomeRealm | None = None
    version: int = 1


_RECORD: Codec[_Record] = Codec(_Record)
_CONNECTIONS: Mapping[str, Codec[Any]] = {
    "oidc": Codec(OIDCConnection),
    "oauth2": Codec(OAuth2Connection),
    "saml": Codec(SAMLConnection),
}
"""By kind, which has a column of its own: the kinds share fields, and could not be told apart by those."""

_KEYS: Codec[tuple[str, ...]] = Codec(tuple[str, ...])
_NOT_FOR_OLDER_NODES = OIDCConnection(issuer="", client_id="")


@dataclass(frozen=True, slots=True)
class _SignInRules:
    """What a provider's people owe and may not do; in a column that nodes of the release before leave alone."""

    second_factor: SecondFactorRule = SecondFactorRule()
    enhanced: EnhancedFeature = EnhancedFeature()


_RULES: Codec[_SignInRules] = Codec(_SignInRules)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A connection taken apart: its kind, what anybody may read, and the secrets."""

    kind: str
    bare: UpstreamConnection
    client_secret: str | None = None
    private_key: str | None = None


def identity_provider_row(idp: IdentityProvider, vault: Vault) -> dict[str, Any]:
    """Return the columns of a provider; no secret is in any of them but the two that are sealed (R-125)."""
    parts = _parts(idp.connection)
    return {
        "id": idp.id,
        "name": idp.name,
        "enabled": idp.enabled,
        "version": idp.version,
        "record": _RECORD.encode(_record(idp, parts.bare)),
        "kind": parts.kind,
        "connection": _CONNECTIONS[parts.kind].encode(parts.bare),
        "home_realm": idp.home_realm.identifier,
        "is_shown": idp.home_realm.is_shown,
        "refresh_due": _refresh_due(idp.connection),
        "sign_in_rules": _RULES.encode(_SignInRules(idp.second_factor, idp.enhanced)),
        "client_secret": vault.seal_text(_client_secret(idp.id), parts.client_secret),
        "private_key": vault.seal_text(_private_key(idp.id), parts.private_key),
    }


def is_kind_known(row: Row) -> bool:
    """Say whether we understand the row; a newer node may have written what we do not (P-14)."""
    return row["kind"] in _CONNECTIONS


def identity_provider(row: Row, vault: Vault) -> IdentityProvider:
    """Return the provider of a row.

    Raises ``Misconfigured``: ``identity_provider_kind_unknown``, and ``sealed_value_unreadable`` or
    ``master_key_unknown`` where a secret does not open.
    """
    record = _RECORD.decode(row["record"])
    rules = _RULES.decode_or_null(row["sign_in_rules"]) or _SignInRules()
    return IdentityProvider(
        id=record.id,
        name=record.name,
        display_name=record.display_name,
        connection=_with_secrets(_bare(row, record), row, vault),
        enabled=row["enabled"],
        mappings=record.mappings,
        policy=record.policy,
        home_realm=record.home_realm or HomeRealm(),
        version=record.version,
        second_factor=rules.second_factor,
        enhanced=rules.enhanced,
    )


def _parts(connection: UpstreamConnection) -> _Parts:
    match connection:
        case OIDCConnection():
            bare = replace(connection, client_secret=None, private_key=None)
            return _Parts("oidc", bare, connection.client_secret, connection.private_key)
        case OAuth2Connection():
            return _Parts("oauth2", replace(connection, client_secret=None), connection.client_secret)
        case SAMLConnection():
            bare = replace(
                connection,
                credentials=tuple(replace(each, private_key="") for each in connection.credentials),
            )
            keys = tuple(each.private_key for each in connection.credentials)
            return _Parts("saml", bare, private_key=_KEYS.encode(keys) if keys else None)


def _record(idp: IdentityProvider, bare: UpstreamConnection) -> _Record:
    known = bare if isinstance(bare, OIDCConnection) and _is_known_to_older_nodes(bare) else None
    return _Record(
        id=idp.id,
        name=idp.name,
        display_name=idp.display_name,
        connection=known or _NOT_FOR_OLDER_NODES,
        enabled=idp.enabled and known is not None,
        mappings=idp.mappings,
        policy=idp.policy,
        home_realm=idp.home_realm,
        version=idp.version,
    )


def _is_known_to_older_nodes(connection: OIDCConnection) -> bool:
    """Say whether a node of the release before understands all that is set here."""
    older = replace(
        connection,
        secret_issuer=None,
        response_mode=ResponseMode.QUERY,
        tenants=(),
        claim_names={},
        groups_endpoint=None,
        passes_logout_on=False,
    )
    return (
        older == connection and connection.token_endpoint_auth is not TokenEndpointAuth.SIGNED_CLIENT_SECRET
    )


def _bare(row: Row, record: _Record) -> UpstreamConnection:
    """Return the connection without its secrets: the one in ``record`` where an older node wrote last."""
    if row["kind"] == "oidc" and record.home_realm is None and record.connection is not None:
        return record.connection
    if not is_kind_known(row):
        raise Misconfigured(
            "identity_provider_kind_unknown",
            "An identity provider is of a kind that is unknown here.",
            path=f"identity_providers.{row['name']}",
        )
    connection: UpstreamConnection = _CONNECTIONS[row["kind"]].decode(row["connection"])
    return connection


def _with_secrets(bare: UpstreamConnection, row: Row, vault: Vault) -> UpstreamConnection:
    client_secret = vault.open_text(_client_secret(row["id"]), row["client_secret"])
    private_key = vault.open_text(_private_key(row["id"]), row["private_key"])
    match bare:
        case OIDCConnection():
            return replace(bare, client_secret=client_secret, private_key=private_key)
        case OAuth2Connection():
            return replace(bare, client_secret=client_secret)
        case SAMLConnection():
            return _with_keys(bare, _KEYS.decode_or_null(private_key) or ())


def _with_keys(bare: SAMLConnection, keys: tuple[str, ...]) -> SAMLConnection:
    """Put each private key beside its certificate; they were kept in the same order."""
    if len(keys) != len(bare.credentials):
        raise Misconfigured(
            "sealed_value_unreadable", "A stored secret was changed or moved.",
            table=_t.name, column="private_key",
        )  # fmt: skip
    pairs = zip(bare.credentials, keys, strict=True)
    return replace(bare, credentials=tuple(replace(each, private_key=key) for each, key in pairs))


def _refresh_due(connection: UpstreamConnection) -> int | None:
    """Return when metadata shall be fetched again; at once where that was never done."""
    if not isinstance(connection, SAMLConnection) or (due := connection.metadata_due) is None:
        return None
    return 0 if connection.metadata.checked is None else to_micros(due)


def _client_secret(id: str) -> Place:
    return Place(_t.name, id, "client_secret")


def _private_key(id: str) -> Place:
    return Place(_t.name, id, "private_key")
