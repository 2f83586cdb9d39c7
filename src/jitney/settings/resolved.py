"""Resolved: the settings as everything after start-up sees them: plain, frozen, complete."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from jitney.model.consent import DataController
from jitney.model.user_store import UserStoreDescription
from jitney.web.kit.theme import PRODUCT_NAME, Theme


class Profile(StrEnum):
    """What the installation is for; production refuses every setting that is weak (R-118)."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where we listen, and the address by which the world knows us (without a slash at its end)."""

    base_url: str
    host: str
    port: int
    processes: int
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    profile: Profile


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """``url`` is ``sqlite:///`` and an absolute path, or ``postgresql://…``; it may hold a password."""

    url: str = field(repr=False)
    pool_size: int

    @property
    def is_embedded(self) -> bool:
        """Say whether the database is a file of ours."""
        return self.url.startswith("sqlite:")


@dataclass(frozen=True, slots=True)
class SecuritySettings:
    """Where the master key and older ones stand, and how long sessions last."""

    master_key_file: Path
    master_key_older_files: tuple[Path, ...]
    session_idle_seconds: int
    session_seconds: int


@dataclass(frozen=True, slots=True)
class OutgoingSettings:
    """``allow`` lists ``host:port`` of private addresses that may be called all the same (R-076)."""

    allow: tuple[str, ...]
    ca_file: Path | None


@dataclass(frozen=True, slots=True)
class ProvisioningSettings:
    """The switches of ``jit.md`` section 12 that hold for the whole installation.

    ``refuse_on_failure`` and ``role_separator`` are what an identity provider gets that does not say itself.
    The two addresses are pages of the customer's own, which ask in place of ours.
    ``equal_name_may_link`` makes the holder of the wanted name somebody who may be linked after proof.
    ``enhanced`` is the enhanced feature, for providers that do not say themselves.
    """

    refuse_on_failure: bool
    role_separator: str
    indelible_attributes: tuple[str, ...]
    username_provisioning_url: str | None = None
    password_provisioning_url: str | None = None
    equal_name_may_link: bool = False
    enhanced: bool = False


@dataclass(frozen=True, slots=True)
class SecondFactorSettings:
    """Who owes a second factor by their role, how apps call us, and how many codes an hour are mailed in all."""

    required_roles: frozenset[str] = frozenset()
    totp_issuer: str = PRODUCT_NAME
    emails_per_hour: int = 1000


@dataclass(frozen=True, slots=True)
class OutcomeSettings:
    """For how many days the claims of a federated sign-in are kept; 0 keeps none."""

    recorded_sign_in_days: int = 7


@dataclass(frozen=True, slots=True)
class ConsentSettings:
    """What every consent receipt says of this installation; empty texts say nothing."""

    controller: DataController
    policy_url: str
    jurisdiction: str
    service: str


NO_CONSENT_SETTINGS = ConsentSettings(DataController(""), "", "", PRODUCT_NAME)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server; ``security`` is ``starttls``, ``tls`` or ``none``."""

    host: str
    port: int
    security: str
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. ``source`` is the file that they came from, ``None`` where the defaults hold.

    ``mail`` is ``None`` where no letters are sent.
    ``warnings`` are whole sentences for the operator; each begins with the path of its key.
    """

    home: Path
    source: Path | None
    server: ServerSettings
    database: DatabaseSettings
    security: SecuritySettings
    outgoing: OutgoingSettings
    log_level: str
    user_store: UserStoreDescription
    provisioning: ProvisioningSettings
    pages: Theme = Theme()
    consent: ConsentSettings = NO_CONSENT_SETTINGS
    mail: MailSettings | None = None
    second_factor: SecondFactorSettings = SecondFactorSettings()
    outcomes: OutcomeSettings = OutcomeSettings()
    warnings: tuple[str, ...] = ()

    @property
    def is_development(self) -> bool:
        """Say whether weak settings are let through, for trying things out."""
        return self.server.profile is Profile.DEVELOPMENT

    @property
    def opening_lines(self) -> tuple[str, ...]:
        """Say in a few lines what was started: the file, the profile, the address and the database."""
        file = str(self.source) if self.source else "none found, the defaults hold"
        database = "embedded SQLite" if self.database.is_embedded else "PostgreSQL"
        lines = (
            f"Settings: {file}.",
            f"Profile: {self.server.profile.value}."
            + (" Not for real people." if self.is_development else ""),
            f"Address: {self.server.base_url} ({database}).",
        )
        return lines + tuple(f"Warning: {warning}" for warning in self.warnings)
