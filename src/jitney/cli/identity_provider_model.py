"""The TOML of an identity provider: every key with its type; ``identity_provider_file`` turns it into a noun.

The text under a key stands in ``docs/reference/identity-providers.md``.
"""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from jitney.cli.declared_values import PlainSecret, Texts
from jitney.cli.provisioning_model import ClaimRow, Provisioning, RoleRow
from jitney.cli.sign_in_model import WrittenEnhanced, WrittenSecondFactor
from jitney.model.connection import ResponseMode, TokenEndpointAuth
from jitney.model.saml_connection import ContextComparison, SAMLBinding, SignedPart
from jitney.settings.checked import Count, Section, Switch


class ProviderType(StrEnum):
    """What providers speak, as documents name it."""

    OIDC = "oidc"
    OAUTH2 = "oauth2"
    SAML = "saml"


class EndpointRow(Section):
    """Where a SAML provider takes messages."""

    binding: SAMLBinding
    url: str
    response_url: str | None = None
    """Where it takes the answers, if elsewhere."""


class WrittenIdentityProvider(Section):
    """``[[identity_provider]]``; what is left out is as its type says."""

    name: str
    """1 to 50 lower-case letters, digits and hyphens; it stands in the addresses that the provider is given."""
    type: ProviderType = ProviderType.OIDC
    """What the provider speaks."""
    preset: str | None = None
    """A well-known provider, which fills in what is known of it: `jitney idp presets` lists them."""
    display_name: str | None = None
    """What people see."""
    enabled: Switch | None = None
    """Whether it is used. Without it a new one is, and one that an operator switched off stays off."""
    domains: Texts = []
    """E-mail domains whose people belong there: `acme.example`, or `*.acme.example` for all below it."""
    home_realm_identifier: str | None = None
    """What an application may send as `fidp` to send people straight there."""
    is_shown: Switch = True
    """Whether the sign-in page offers it. People of one that is not shown are found by their domain."""

    issuer: str | None = None
    """The issuer, exactly as its discovery document says it; of many tenants with `{tenantid}` in its path."""
    client_id: str | None = None
    """The client id that the provider gave."""
    client_secret: PlainSecret = Field(None, json_schema_extra={"secret": True})
    """Refused: a secret comes from a file or a variable."""
    client_secret_file: str | None = None
    """A file that holds the client secret."""
    client_secret_env: str | None = None
    """An environment variable that holds the client secret."""
    private_key: PlainSecret = Field(None, json_schema_extra={"secret": True})
    """Refused: a key comes from a file or a variable."""
    private_key_file: str | None = None
    """A PEM file with our key: for `private_key_jwt` and `signed_client_secret`, or of `certificate_file`."""
    private_key_env: str | None = None
    """An environment variable that holds it."""
    private_key_id: str | None = None
    """The id by which the provider knows the key."""
    secret_issuer: str | None = None
    """Who signs a `signed_client_secret`, such as Apple's team id."""
    token_endpoint_auth: TokenEndpointAuth | None = None
    """How we prove to the token endpoint who we are."""
    response_mode: ResponseMode | None = None
    """How the browser brings the answer: in the address, or as a form that it posts."""
    tenants: Texts | None = None
    """The tenants of an issuer with `{tenantid}` whose people may come."""
    scopes: list[str] | None = None
    """What is asked for."""
    algorithms: list[str] | None = None
    """Which signatures of ID tokens are believed."""
    approved_origins: list[str] | None = None
    """Origins beside the issuer's on which its endpoints may stand."""
    trusted_audiences: list[str] | None = None
    """Who may stand beside us in an ID token's `aud`."""
    clock_skew: Count | None = None
    """By how many seconds clocks may differ, at most 60."""
    use_userinfo: Switch | None = None
    """Whether the UserInfo endpoint is asked too."""
    verified_flags_from_userinfo: Switch | None = None
    """Let an unsigned answer say that an address was verified."""
    claim_names: dict[str, str] | None = None
    """Claims of the provider's own, and the standard claim that each stands for."""
    string_flags_count: Switch | None = None
    """Take `"true"` and `1` for a verified flag, as the provider documents that it writes them."""
    groups_endpoint: str | None = None
    """Where the groups are asked for that are too many for a token."""
    passes_logout_on: Switch | None = None
    """Send a person who signs out here to sign out there too."""
    pass_through: list[Literal["login_hint", "prompt", "acr_values", "ui_locales"]] | None = None
    """What of an application's wishes is passed on."""
    extra_parameters: dict[str, str] | None = None
    """Parameters that are added to the request that the browser carries there."""

    authorization_endpoint: str | None = None
    """Where people are sent."""
    token_endpoint: str | None = None
    """Where codes are redeemed."""
    userinfo_endpoint: str | None = None
    """Where it is asked who the person is."""
    emails_endpoint: str | None = None
    """Where the addresses of the person are asked for; the primary verified one counts."""
    scope_separator: str | None = None
    """What stands between scopes: a space or a comma."""
    sends_pkce: Switch | None = None
    """Whether PKCE is used; off only where the provider breaks on it."""
    subject_claim: str | None = None
    """The claim that holds the immutable id of the person; it never changes once people are linked."""
    userinfo_root: str | None = None
    """The object of the answer that holds the claims."""
    userinfo_parameters: dict[str, str] | None = None
    """Parameters of the user-info call."""
    signs_userinfo_call: Switch | None = None
    """Whether the user-info call proves that we know the client secret (`appsecret_proof`)."""

    entity_id: str | None = None
    """The provider's entity id; without it the one of its metadata."""
    metadata_url: str | None = None
    """Where its metadata are fetched, and fetched again every `metadata_hours`."""
    metadata_file: str | None = None
    """A file of its metadata, read when the document is applied."""
    metadata_certificate_files: Texts | None = None
    """PEM files with the keys of which one must have signed the metadata."""
    metadata_hours: Count | None = None
    """After how many hours they are fetched again, 1 to 168."""
    single_sign_on: list[EndpointRow] | None = None
    """Where people are sent, `{ binding, url }` each; without metadata."""
    single_logout: list[EndpointRow] | None = None
    """Where sign-outs are sent; without metadata."""
    signing_certificate_files: Texts | None = None
    """PEM files with the certificates that verify what the provider sends; without metadata."""
    certificate_file: str | None = None
    """A PEM file with our certificate, whose key `private_key_file` holds. Without both a key pair is made."""
    service_provider_id: str | None = None
    """Our entity id. Without it, the address of our metadata for this provider."""
    request_binding: SAMLBinding | None = None
    """How requests travel."""
    signs_requests: Switch | None = None
    """Whether they are signed."""
    force_authn: Switch | None = None
    """Demand a fresh sign-in each time."""
    name_id_format: str | None = None
    """The format of the name that is asked for."""
    authn_contexts: Texts | None = None
    """How people shall have signed in there, as class references."""
    context_comparison: ContextComparison | None = None
    """How they compare; with `exact` the answer must name one of them."""
    attribute_consuming_service_index: Count | None = None
    """Which set of attributes is asked for."""
    subject_attribute: str | None = None
    """The attribute that holds the immutable id of the person. Without it, the name (NameID)."""
    mutable_subject_allowed_risky: Switch | None = None
    """Let an e-mail address be the subject, at the risk that it is given to somebody else."""
    signed: SignedPart | None = None
    """What must bear a signature of its own; `either`: the assertion is covered by one."""
    wants_encryption: Switch | None = None
    """Refuse assertions in the clear."""
    sha1_allowed_risky: Switch | None = None
    """Accept RSA with SHA-1 from a provider that has nothing better."""
    idp_initiated: Switch | None = None
    """Take responses that nobody asked for; they lead to an application, which then begins the sign-in."""
    relay_states: dict[str, str] | None = None
    """RelayState of such a response → the application that it leads to."""
    default_application: str | None = None
    """The application for any other."""

    user_id_claim: str | None = None
    """The claim that holds the wanted user name."""
    role_claim: str | None = None
    """The claim that holds the roles."""
    role_separator: str | None = None
    """What separates roles that come as one text."""
    provisioning: Provisioning = Field(default_factory=Provisioning)
    """See [policies](policies.md)."""
    second_factor: WrittenSecondFactor = Field(default_factory=WrittenSecondFactor)
    """See [policies](policies.md)."""
    enhanced: WrittenEnhanced = Field(default_factory=WrittenEnhanced)
    """See [policies](policies.md)."""
    claim: list[ClaimRow] = []
    """Rows `{ remote, local, default }`; without any, standard claims become the attributes of their name."""
    role: list[RoleRow] = []
    """Rows `{ remote, local }`."""
