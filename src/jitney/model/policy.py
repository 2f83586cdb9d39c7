"""ProvisioningPolicy: what to do when somebody new arrives from an identity provider."""

from dataclasses import dataclass
from enum import StrEnum


class PromptMode(StrEnum):
    """What the person is asked before an account is made for them."""

    SILENT = "silent"
    CONSENT = "consent"
    PASSWORD_AND_CONSENT = "password_and_consent"
    USERNAME_PASSWORD_AND_CONSENT = "username_password_and_consent"

    @property
    def asks_username(self) -> bool:
        """Say whether the person may choose the user name."""
        return self is PromptMode.USERNAME_PASSWORD_AND_CONSENT

    @property
    def asks_password(self) -> bool:
        """Say whether the person chooses a password."""
        return self in {PromptMode.PASSWORD_AND_CONSENT, PromptMode.USERNAME_PASSWORD_AND_CONSENT}


class SyncMode(StrEnum):
    """How a returning user's attributes are refreshed."""

    OVERRIDE_ALL = "override_all"
    PRESERVE_LOCAL = "preserve_local"
    NONE = "none"


class RoleSyncMode(StrEnum):
    """Whether a role that the provider no longer sends is taken away again."""

    MERGE_WITH_EXISTING = "merge_with_existing"
    OVERRIDE_ALL = "override_all"


class OnProvisioningFailure(StrEnum):
    """What happens to the person when no account can be made for them."""

    REFUSE = "refuse"
    CONTINUE = "continue"


class OnUnknownDomain(StrEnum):
    """Where a user goes whose wanted name asks for a user store that does not exist."""

    PRIMARY = "primary"
    REFUSE = "refuse"


class OnNameTaken(StrEnum):
    """What happens when the wanted user name belongs to somebody else."""

    REFUSE = "refuse"
    ASK = "ask"
    SUFFIX = "suffix"


@dataclass(frozen=True, slots=True)
class FixedPlacement:
    """Everybody of this identity provider goes into one user store."""

    domain: str = "PRIMARY"


@dataclass(frozen=True, slots=True)
class AsInUsername:
    """The wanted name says it: ``ENG/alice`` goes into the store ENG."""


Placement = FixedPlacement | AsInUsername


@dataclass(frozen=True, slots=True)
class AccountLookup:
    """A pair of attributes by which an existing user may be found."""

    federated: str
    local: str


class OnUnprovenMatch(StrEnum):
    """What happens when somebody matches and nothing proves that it is the same person."""

    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class LinkRule:
    """Whether and how an arrival may join a user who already exists; off by default (R-005).

    ``lookups`` are at most two, tried in order until one finds somebody; without any, nobody is found, but
    people may still prove an account of theirs.
    ``trusted_email_domains`` are those for which this provider's verified address counts as proof; ``*`` for all.
    """

    enabled: bool = False
    lookups: tuple[AccountLookup, ...] = ()
    skip_provisioning_if_nobody_matches: bool = False
    trusted_email_domains: tuple[str, ...] = ()
    on_unproven_match: OnUnprovenMatch = OnUnprovenMatch.ASK

    def trusts_domain_of(self, email: str) -> bool:
        """Say whether this provider's word about an address counts; domains compare without case."""
        local, _, domain = email.rpartition("@")
        if not (local and domain):
            return False
        return "*" in self.trusted_email_domains or domain.lower() in self.trusted_email_domains


@dataclass(frozen=True, slots=True)
class ProvisioningPolicy:
    """The policy of one identity provider, field by field as in ``docs/reference/policies.md``.

    Provisioning is off until an administrator switches it on.
    ``on_name_taken`` ``None`` means: ask where the prompt mode may ask for a name, else refuse.
    ``anchor_claim`` names a claim that must stay the same for a subject, such as the tenant (R-016).
    """

    enabled: bool = False
    placement: Placement = FixedPlacement()
    prompt_mode: PromptMode = PromptMode.SILENT
    attribute_sync: SyncMode = SyncMode.PRESERVE_LOCAL
    role_sync: RoleSyncMode = RoleSyncMode.MERGE_WITH_EXISTING
    linking: LinkRule = LinkRule()
    on_provisioning_failure: OnProvisioningFailure = OnProvisioningFailure.REFUSE
    on_unknown_domain: OnUnknownDomain = OnUnknownDomain.PRIMARY
    on_name_taken: OnNameTaken | None = None
    default_roles: tuple[str, ...] = ()
    username_template: str | None = None
    anchor_claim: str | None = None

    @property
    def name_taken_rule(self) -> OnNameTaken:
        """Return the rule for a taken name with the default resolved."""
        if self.on_name_taken is not None:
            return self.on_name_taken
        return OnNameTaken.ASK if self.prompt_mode.asks_username else OnNameTaken.REFUSE
