"""IdentityProvider: an upstream that we trust: its connection, its mappings, its provisioning policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jitney.model.claims import MappingTable
from jitney.model.policy import ProvisioningPolicy
from jitney.model.secret_hash import hash_secret


class TokenEndpointAuth(StrEnum):
    """How we prove to the provider's token endpoint that we are its client (OIDC Core 9)."""

    CLIENT_SECRET_BASIC = "client_secret_basic"
    CLIENT_SECRET_POST = "client_secret_post"
    CLIENT_SECRET_JWT = "client_secret_jwt"
    PRIVATE_KEY_JWT = "private_key_jwt"


@dataclass(frozen=True, slots=True)
class OIDCConnection:
    """Everything needed to speak OpenID Connect with one issuer.

    ``client_secret`` and ``private_key`` (PEM) are plain here and encrypted where they rest (R-125);
    they are kept out of ``repr``.
    ``approved_origins`` are origins beside the issuer's on which its endpoints may stand (R-054).
    ``trusted_audiences`` may stand beside us in ``aud``; ``clock_skew`` is in seconds, at most 60 (R-051).
    ``verified_flags_from_userinfo`` lets UserInfo raise trust, which it may not otherwise (R-052).
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    private_key_id: str | None = None
    token_endpoint_auth: TokenEndpointAuth = TokenEndpointAuth.CLIENT_SECRET_BASIC
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    algorithms: tuple[str, ...] = ("ES256", "RS256", "PS256", "EdDSA")
    approved_origins: tuple[str, ...] = ()
    trusted_audiences: tuple[str, ...] = ()
    clock_skew: int = 60
    use_userinfo: bool = True
    verified_flags_from_userinfo: bool = False
    pass_through: tuple[str, ...] = ("login_hint", "prompt", "acr_values", "ui_locales")
    extra_parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def fingerprint(self) -> str:
        """Return a text by which the same connection is known again later; secrets have no part in it."""
        return hash_secret(repr(self))


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """An upstream that we trust.

    ``id`` is generated, immutable and never reused (R-004); ``name`` is the short name that stands in its
    callback's address and does not change; ``display_name`` is what people see.
    """

    id: str
    name: str
    display_name: str
    connection: OIDCConnection
    enabled: bool = True
    mappings: MappingTable = MappingTable()
    policy: ProvisioningPolicy = ProvisioningPolicy()
    version: int = 1
