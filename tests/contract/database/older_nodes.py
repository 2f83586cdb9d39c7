"""What a node of the release before knew of identity providers: its nouns as they were, and how it saved one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, update

from jitney.database.database import Row
from jitney.database.statements import Statement, Write
from jitney.model.claims import MappingTable
from jitney.model.policy import ProvisioningPolicy
from jitney.storage.codec import Codec
from jitney.storage.tables import identity_providers as _t


class OlderAuth(StrEnum):
    """How one proved to a token endpoint that one is its client."""

    CLIENT_SECRET_BASIC = "client_secret_basic"
    CLIENT_SECRET_POST = "client_secret_post"
    CLIENT_SECRET_JWT = "client_secret_jwt"
    PRIVATE_KEY_JWT = "private_key_jwt"


@dataclass(frozen=True, slots=True)
class OlderConnection:
    """Everything that was needed to speak OpenID Connect."""

    issuer: str
    client_id: str
    client_secret: str | None = None
    private_key: str | None = None
    private_key_id: str | None = None
    token_endpoint_auth: OlderAuth = OlderAuth.CLIENT_SECRET_BASIC
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    algorithms: tuple[str, ...] = ("ES256", "RS256", "PS256", "EdDSA")
    approved_origins: tuple[str, ...] = ()
    trusted_audiences: tuple[str, ...] = ()
    clock_skew: int = 60
    use_userinfo: bool = True
    verified_flags_from_userinfo: bool = False
    pass_through: tuple[str, ...] = ("login_hint", "prompt", "acr_values", "ui_locales")
    extra_parameters: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class OlderIdentityProvider:
    """A provider as it was."""

    id: str
    name: str
    display_name: str
    connection: OlderConnection
    enabled: bool = True
    mappings: MappingTable = MappingTable()
    policy: ProvisioningPolicy = ProvisioningPolicy()
    version: int = 1


_RECORD: Codec[OlderIdentityProvider] = Codec(OlderIdentityProvider)
_CHANGED = ("enabled", "version", "record")


def as_read_by_an_older_node(row: Row) -> OlderIdentityProvider:
    """Return the provider as such a node understood the row, without what is sealed."""
    return _RECORD.decode(row["record"])


def as_saved_by_an_older_node(row: Row, **changes: Any) -> Write:
    """Return the write by which such a node replaced the provider of the row, secrets apart."""
    old = as_read_by_an_older_node(row)
    new = replace(old, version=old.version + 1, **changes)
    values = {"enabled": new.enabled, "version": new.version, "record": _RECORD.encode(new)}
    save = update(_t).where(_t.c.id == bindparam("key")).values({name: bindparam(name) for name in _CHANGED})
    return Write(Statement("older_save", save), {"key": new.id, **values}, must=1)
