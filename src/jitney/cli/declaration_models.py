"""The TOML of ``jitney apply``: every key with its type; ``declaration_file`` turns it into nouns."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from jitney.model.application import ClientAuthentication, SubjectType
from jitney.model.identity_provider import TokenEndpointAuth
from jitney.model.policy import (
    OnNameTaken,
    OnProvisioningFailure,
    OnUnknownDomain,
    PromptMode,
    RoleSyncMode,
    SyncMode,
)
from jitney.settings.checked import Count, Section, Switch


def _refuse_plain_secret(value: object) -> object:
    """Refuse a secret in the file itself.

    The attack: such files are kept in repositories, copied into tickets and read by everybody who may read
    the settings; a secret in one is known to all of them, for ever.
    """
    if value is not None:
        raise ValueError("a secret does not stand in this file: name a file (…_file) or a variable (…_env)")
    return None


PlainSecret = Annotated[None, BeforeValidator(_refuse_plain_secret)]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


Texts = Annotated[list[str], BeforeValidator(_as_list)]


class ClaimRow(Section):
    """A row of the claim table."""

    remote: str
    local: str
    default: str | None = None


class RoleRow(Section):
    """A row of the role table."""

    remote: str
    local: str


class Lookup(Section):
    """A pair of attributes by which an existing user may be found."""

    federated: str
    local: str


class Linking(Section):
    """Whether and how an arrival may join a user who already exists."""

    enabled: Switch = False
    lookups: list[Lookup] = []
    skip_provisioning_if_nobody_matches: Switch = False
    trusted_email_domains: list[str] = []


class Provisioning(Section):
    """The policy, field by field; ``placement`` is a user store's domain, or ``as_in_username``."""

    enabled: Switch = False
    placement: str = "PRIMARY"
    prompt_mode: PromptMode = PromptMode.SILENT
    attribute_sync: SyncMode = SyncMode.PRESERVE_LOCAL
    role_sync: RoleSyncMode = RoleSyncMode.MERGE_WITH_EXISTING
    linking: Linking = Field(default_factory=Linking)
    on_provisioning_failure: OnProvisioningFailure | None = None
    on_unknown_domain: OnUnknownDomain = OnUnknownDomain.PRIMARY
    on_name_taken: OnNameTaken | None = None
    default_roles: list[str] = []
    username_template: str | None = None


class WrittenIdentityProvider(Section):
    """``[[identity_provider]]``."""

    name: str
    issuer: str
    client_id: str
    display_name: str | None = None
    enabled: Switch | None = None
    client_secret: PlainSecret = Field(None, json_schema_extra={"secret": True})
    client_secret_file: str | None = None
    client_secret_env: str | None = None
    private_key: PlainSecret = Field(None, json_schema_extra={"secret": True})
    private_key_file: str | None = None
    private_key_env: str | None = None
    private_key_id: str | None = None
    token_endpoint_auth: TokenEndpointAuth = TokenEndpointAuth.CLIENT_SECRET_BASIC
    scopes: list[str] = ["openid", "profile", "email"]
    algorithms: list[str] = ["ES256", "RS256", "PS256", "EdDSA"]
    approved_origins: list[str] = []
    trusted_audiences: list[str] = []
    clock_skew: Count = 60
    use_userinfo: Switch = True
    verified_flags_from_userinfo: Switch = False
    pass_through: list[Literal["login_hint", "prompt", "acr_values", "ui_locales"]] = [
        "login_hint", "prompt", "acr_values", "ui_locales",
    ]  # fmt: skip
    extra_parameters: dict[str, str] = {}
    user_id_claim: str | None = None
    role_claim: str | None = None
    role_separator: str | None = None
    provisioning: Provisioning = Field(default_factory=Provisioning)
    claim: list[ClaimRow] = []
    role: list[RoleRow] = []


class WrittenApplication(Section):
    """``[[application]]``; its ``id`` is the ``client_id``."""

    id: str
    name: str | None = None
    redirect_uris: Texts
    post_logout_redirect_uris: Texts = []
    authentication: ClientAuthentication = ClientAuthentication.CLIENT_SECRET_BASIC
    client_secret: PlainSecret = Field(None, json_schema_extra={"secret": True})
    client_secret_file: str | None = None
    client_secret_env: str | None = None
    jwks_file: str | None = None
    enabled: Switch | None = None
    identity_providers: list[str] = []
    local_sign_in: Switch = True
    requires_local_account: Switch = False
    allow_missing_pkce_risky: Switch = False
    scopes: list[str] = ["openid", "profile", "email", "address", "phone", "roles", "offline_access"]
    id_token_algorithm: Literal["ES256", "RS256"] = "ES256"
    subject_type: SubjectType = SubjectType.PUBLIC
    access_token_seconds: Count = 600
    refresh_token_seconds: Count = 30 * 24 * 3600


class WrittenRole(Section):
    """``[[role]]``."""

    name: str


class WrittenLink(Section):
    """A federated identity that opens the user."""

    identity_provider: str
    subject: str


class WrittenUser(Section):
    """``[[user]]``: people to begin with, and people of a demonstration."""

    name: str
    domain: str = "PRIMARY"
    attributes: dict[str, Texts] = {}
    roles: list[str] = []
    locked: bool | str = False
    password: PlainSecret = Field(None, json_schema_extra={"secret": True})
    password_file: str | None = None
    password_env: str | None = None
    link: Annotated[list[WrittenLink], BeforeValidator(_as_list)] = []


class DeclarationFile(Section):
    """A whole file."""

    role: list[WrittenRole] = []
    identity_provider: list[WrittenIdentityProvider] = []
    application: list[WrittenApplication] = []
    user: list[WrittenUser] = []
