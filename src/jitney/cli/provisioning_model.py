"""The TOML of a provisioning policy and its mapping tables: every key with its type."""

from pydantic import Field

from jitney.model.policy import (
    OnNameTaken,
    OnProvisioningFailure,
    OnUnknownDomain,
    OnUnprovenMatch,
    PromptMode,
    RoleSyncMode,
    SyncMode,
)
from jitney.settings.checked import Section, Switch


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
