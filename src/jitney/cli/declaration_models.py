"""The TOML of ``jitney apply``: every key with its type; ``declaration_file`` turns it into nouns."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from jitney.cli.declared_values import PlainSecret, Texts, as_list
from jitney.cli.user_store_model import WrittenUserStore
from jitney.model.application import ClientAuthentication, SubjectType
from jitney.model.identity_provider import TokenEndpointAuth
from jitney.model.policy import (
    OnNameTaken,
    OnProvisioningFailure,
    OnUnknownDomain,
    OnUnprovenMatch,
    PromptMode,
    RoleSyncMode,
    SyncMode,
)
from jitney.settings.checked import Count, Section, Switch


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
    """The claim whose value is looked for, or a mapped attribute."""
    local: str
    """The attribute of users in which it is looked for; only one person may have each value."""


class Linking(Section):
    """Whether and how an arrival may join a user who already exists."""

    enabled: Switch = False
    """Let people prove an account of theirs, and look for one by the lookups."""
    lookups: list[Lookup] = []
    """At most two pairs `{ federated, local }`, tried in order until one finds somebody."""
    trusted_email_domains: list[str] = []
    """E-mail domains for which this provider's verified address counts as proof; `*` for all, at a risk."""
    on_unproven_match: OnUnprovenMatch = OnUnprovenMatch.ASK
    """What happens when somebody is found and nothing proves that it is the same person."""
    skip_provisioning_if_nobody_matches: Switch = False
    """Let those whom no lookup finds pass without an account."""


class Provisioning(Section):
    """The policy, field by field."""

    enabled: Switch = False
    """Make accounts for people of this provider. While it is off, known people sign in without any sync."""
    placement: str = "PRIMARY"
    """The domain of the user store that people go into, or `as_in_username`: what stands before the first `/`."""
    prompt_mode: PromptMode = PromptMode.SILENT
    """What a new person is asked before an account is made."""
    attribute_sync: SyncMode = SyncMode.PRESERVE_LOCAL
    """How the attributes of a returning person are refreshed."""
    role_sync: RoleSyncMode = RoleSyncMode.MERGE_WITH_EXISTING
    """Whether a role that this provider gave and no longer sends is taken away."""
    linking: Linking = Field(default_factory=Linking)
    """See below."""
    on_provisioning_failure: OnProvisioningFailure | None = None
    """What happens when no account can be made. Without it: as `fail_authn_on_provision_failure` says."""
    on_unknown_domain: OnUnknownDomain = OnUnknownDomain.PRIMARY
    """Where `as_in_username` puts a name that asks for a user store which does not exist."""
    on_name_taken: OnNameTaken | None = None
    """What happens when the wanted name belongs to somebody else.
    Without it: `ask` where the prompt mode asks for a name, else `refuse`."""
    default_roles: list[str] = []
    """Roles that everybody of this provider gets."""
    username_template: str | None = None
    """The wanted user name as text with attributes in braces, such as `{given_name}.{family_name}`."""
    anchor_claim: str | None = None
    """A claim that must stay the same for a subject, such as the tenant `tid`, or `email_domain`.
    A known subject that comes with another value is refused."""


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
    required_attributes: Texts = []
    """Attributes that people are asked for if their provider did not send them and the page may ask."""
    allow_missing_pkce_risky: Switch = False
    scopes: list[str] = ["openid", "profile", "email", "address", "phone", "roles", "offline_access"]
    id_token_algorithm: Literal["ES256", "RS256"] = "ES256"
    subject_type: SubjectType = SubjectType.PUBLIC
    access_token_seconds: Count = 600
    refresh_token_seconds: Count = 30 * 24 * 3600


class PurposeRow(Section):
    """An attribute that a purpose needs."""

    name: str
    """A local attribute; no flag, id, user name, role or password."""
    mandatory: Switch = False
    """Whoever does not agree to it gets no account."""


class WrittenPurpose(Section):
    """What personal data is used for, as people read it."""

    name: str
    """3 to 60 characters, used by no other purpose."""
    description: str
    """1 to 500 characters."""
    attribute: Annotated[list[PurposeRow], BeforeValidator(as_list)] = []
    """The attributes that it needs, in the order in which the page shows them."""


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
    link: Annotated[list[WrittenLink], BeforeValidator(as_list)] = []


class DeclarationFile(Section):
    """A whole file."""

    role: list[WrittenRole] = []
    user_store: list[WrittenUserStore] = []
    purpose: list[WrittenPurpose] = []
    identity_provider: list[WrittenIdentityProvider] = []
    application: list[WrittenApplication] = []
    user: list[WrittenUser] = []
