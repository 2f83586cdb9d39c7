"""Checked: every key of ``conf/deployment.toml`` with its type, its bounds and its default.

What people see and receive (``[pages]``, ``[consent]``, ``[mail]``) stands in ``checked_pages.py``,
``[authentication.second_factor]`` and ``[outcomes]`` in ``checked_sign_in.py``.
"""

from typing import Literal

from pydantic import Field

from jitney.model.user_store import PASSWORD_PATTERN, PRIMARY_USERNAME_PATTERN, ROLE_PATTERN
from jitney.settings.checked_pages import Consent, Mail, Pages
from jitney.settings.checked_sign_in import Outcomes, SecondFactor
from jitney.settings.section import TRUE_OR_FALSE, Count, Section, Switch, setting

__all__ = ["Count", "Deployment", "Section", "Switch"]

DEFAULT_PORT = 8420


class Server(Section):
    """Where Jitney listens and how the world reaches it."""

    base_url: str | None = setting(
        None, "an address such as https://id.example.com, without a path's end slash"
    )
    """The public address of this installation, as browsers and applications see it.
    Without it: `http://localhost:PORT`, in the development profile alone."""
    host: str = setting("127.0.0.1", "an IP address or host name of this machine", min_length=1)
    """The address to listen on."""
    port: Count = setting(DEFAULT_PORT, "a whole number from 0 to 65535", ge=0, le=65535)
    """The port to listen on."""
    processes: Count = setting(1, "a whole number from 1 to 64", ge=1, le=64)
    """How many server processes share the port."""
    trusted_proxies: list[str] = setting([], "a list of IP addresses or networks such as 10.0.0.0/8")
    """The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""
    profile: Literal["production", "development"] = setting("development", '"production" or "development"')
    """`production` refuses to start with any weak setting; `development` warns."""


class Database(Section):
    """Where everything is kept."""

    url: str | None = setting(None, "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME", secret=True)
    """The database. Without it: the embedded SQLite at `data/jitney.db` below the home folder.
    A relative FILE starts at the home folder."""
    url_file: str | None = setting(None, "the path of a file that holds the url alone", min_length=1)
    """A file that holds the url, where its password shall not stand in this file."""
    pool_size: Count = setting(10, "a whole number from 1 to 200", ge=1, le=200)
    """Connections to PostgreSQL that each process keeps."""


class Security(Section):
    """Keys and sessions."""

    master_key_file: str = setting("data/master.key", "the path of a file", min_length=1)
    """The key that encrypts stored secrets: 32 random bytes in base64url on one line.
    Made at the first start, readable by its owner alone."""
    master_key_older_files: list[str] = setting([], "a list of paths")
    """Earlier master keys, the newest first: what they closed can still be opened; nothing new is closed with them.
    Keep the very first one listed: the subjects of pairwise applications are derived from it."""
    session_idle_minutes: Count = setting(60, "a whole number from 1 to 1440", ge=1, le=1440)
    """A session ends after so long without use."""
    session_hours: Count = setting(12, "a whole number from 1 to 720", ge=1, le=720)
    """A session ends after so long in any case."""


class Outgoing(Section):
    """Calls that Jitney makes to identity providers."""

    allow: list[str] = setting([], 'a list of host:port such as "127.0.0.1:9000"')
    """Private addresses that may be called all the same, also without TLS:
    for identity providers on this machine. Refused in the production profile."""
    ca_file: str | None = setting(None, "the path of a PEM file", min_length=1)
    """Certificate authorities to trust beside the system's."""


class Log(Section):
    """What is written to the log."""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", '"debug", "info", "warning" or "error"'
    )
    """The least severity that is written."""


PAGE_ADDRESS = "an https address without a #fragment"

_PATTERN = "a regular expression in Java's dialect, of at most 1000 characters"


class UserStore(Section):
    """The PRIMARY user store, with the names that WSO2 Identity Server gives to these properties.

    Both spellings of WSO2 are understood: `UsernameJavaRegEx` and `username_java_regex`.
    """

    type: Literal["database_unique_id", "database"] = setting(
        "database_unique_id", '"database_unique_id" or "database"'
    )
    """The kind of the PRIMARY user store."""
    username_java_regex: str = setting(
        PRIMARY_USERNAME_PATTERN, _PATTERN, alias="UsernameJavaRegEx", min_length=1, max_length=1000
    )
    """The pattern that a whole user name must match."""
    username_java_reg_ex_violation_error_msg: str = setting(
        "A user name has 3 to 50 characters, without spaces and without * ? %.",
        "a sentence of at most 500 characters",
        alias="UsernameJavaRegExViolationErrorMsg", min_length=1, max_length=500,
    )  # fmt: skip
    """What a person reads whose user name does not match."""
    username_java_script_regex: str | None = setting(
        None, _PATTERN, alias="UsernameJavaScriptRegEx", min_length=1, max_length=1000
    )
    """The pattern that a user name is held against while it is typed, in a browser with JavaScript.
    The server always holds it against `UsernameJavaRegEx`."""
    password_java_regex: str = setting(
        PASSWORD_PATTERN, _PATTERN, alias="PasswordJavaRegEx", min_length=1, max_length=1000
    )
    """The pattern that a whole password must match."""
    password_java_regex_violation_error_msg: str = setting(
        "A password has 8 to 128 characters, without spaces.", "a sentence of at most 500 characters",
        alias="PasswordJavaRegExViolationErrorMsg", min_length=1, max_length=500,
    )  # fmt: skip
    """What a person reads whose password does not match."""
    password_java_script_regex: str | None = setting(
        None, _PATTERN, alias="PasswordJavaScriptRegEx", min_length=1, max_length=1000
    )
    """The pattern that a password is held against while it is typed, in a browser with JavaScript.
    The server always holds it against `PasswordJavaRegEx`."""
    rolename_java_regex: str = setting(
        ROLE_PATTERN, _PATTERN, alias="RolenameJavaRegEx", min_length=1, max_length=1000
    )
    """The pattern that a whole role name must match."""
    rolename_java_regex_violation_error_msg: str = setting(
        "A role name has 3 to 30 letters, digits and the characters . _ - | /.",
        "a sentence of at most 500 characters",
        alias="RolenameJavaRegExViolationErrorMsg", min_length=1, max_length=500,
    )  # fmt: skip
    """What an operator reads whose role name does not match."""
    rolename_java_script_regex: str | None = setting(
        None, _PATTERN, alias="RolenameJavaScriptRegEx", built=False, max_length=1000
    )
    """The pattern that pages check while typing."""
    case_insensitive_username: Switch = setting(True, TRUE_OR_FALSE, alias="CaseInsensitiveUsername")
    """Whether `Ada` and `ada` are one user name."""
    read_only: Switch = setting(False, TRUE_OR_FALSE, alias="ReadOnly")
    """Whether users may be neither added nor changed."""


class JitProvisioning(Section):
    """Just-in-time provisioning, for the whole installation."""

    enable_enhanced_feature: Switch = setting(False, TRUE_OR_FALSE)
    """The enhanced feature of the guide, for every provider that does not say itself: ids as user names, second
    factors, no edits of what a provider masters, removal with the provider, locks on social identities."""
    username_provisioning_url: str | None = setting(None, PAGE_ADDRESS, min_length=1, max_length=1000)
    """A page of your own that asks for user name, password and consent, in place of Jitney's.
    The browser arrives there with one parameter more, `sessionDataKey`."""
    password_provisioning_url: str | None = setting(None, PAGE_ADDRESS, min_length=1, max_length=1000)
    """A page of your own that asks for password and consent, or for consent alone, in place of Jitney's."""
    associating_to_existing_user: Switch = setting(False, TRUE_OR_FALSE)
    """Offer the link to the local user whose name the identity provider sent.
    Risky: whoever gets that name at the provider is led to that account.
    Unlike WSO2 Identity Server, Jitney never links by the name alone: the person must prove the account."""
    preserve_locally_added_claims: Switch = setting(True, TRUE_OR_FALSE)
    """Keep local values that the provider did not send. This is the default of every provider here;
    `false` has no effect: say `attribute_sync = "override_all"` at the provider."""
    skip_username_pattern_validation: Switch = setting(False, TRUE_OR_FALSE, built=False)
    """Do not hold provisioned user names against the store's pattern."""
    fail_authn_on_provision_failure: Switch = setting(True, TRUE_OR_FALSE)
    """Refuse the sign-in when no account could be made. `false` lets people pass without one, at providers
    that do not say themselves."""
    allow_idp_login: Switch = setting(False, TRUE_OR_FALSE, built=False)
    """Ignore the lock of a local account at a federated sign-in."""
    show_failure_reason: Switch = setting(False, TRUE_OR_FALSE, built=False)
    """Tell the person on the error page whether the account is locked or pending."""


class Authentication(Section):
    """Settings of sign-in."""

    jit_provisioning: JitProvisioning = Field(default_factory=JitProvisioning)
    """Just-in-time provisioning."""
    second_factor: SecondFactor = Field(default_factory=SecondFactor)
    """Second factors."""


class IndelibleClaims(Section):
    """What `override_all` never removes."""

    claim_uris: list[str] = setting([], "a list of attribute names or WSO2 claim URIs")
    """Attributes that stay although the provider did not send them."""


class JitProvisioningLists(Section):
    """Lists for just-in-time provisioning."""

    indelible_claims: IndelibleClaims = Field(default_factory=IndelibleClaims)
    """What `override_all` never removes."""


class IdpRoleManagement(Section):
    """Roles that identity providers give."""

    return_only_mapped_local_roles: Switch = setting(True, TRUE_OR_FALSE)
    """Drop role values that no mapping names; `false` is not built."""
    return_manually_added_local_roles: Switch = setting(True, TRUE_OR_FALSE)
    """Keep roles that an operator gave; `false` is not built."""


class FederatedIdp(Section):
    """Defaults of identity providers."""

    role_claim_value_attribute_separator: str = setting("", "a text of at most 10 characters", max_length=10)
    """What separates several roles in one text, at providers that do not say themselves.
    Empty: nothing does."""


class Federated(Section):
    """Settings of federation."""

    idp: FederatedIdp = Field(default_factory=FederatedIdp)
    """Defaults of identity providers."""


class Deployment(Section):
    """The whole of `conf/deployment.toml`."""

    server: Server = Field(default_factory=Server)
    """Where Jitney listens and how the world reaches it."""
    database: Database = Field(default_factory=Database)
    """Where everything is kept."""
    security: Security = Field(default_factory=Security)
    """Keys and sessions."""
    outgoing: Outgoing = Field(default_factory=Outgoing)
    """Calls that Jitney makes to identity providers."""
    log: Log = Field(default_factory=Log)
    """What is written to the log."""
    user_store: UserStore = Field(default_factory=UserStore)
    """The PRIMARY user store."""
    authentication: Authentication = Field(default_factory=Authentication)
    """Settings of sign-in."""
    jit_provisioning: JitProvisioningLists = Field(default_factory=JitProvisioningLists)
    """Lists for just-in-time provisioning."""
    idp_role_management: IdpRoleManagement = Field(default_factory=IdpRoleManagement)
    """Roles that identity providers give."""
    pages: Pages = Field(default_factory=Pages)
    """How the pages look and speak."""
    consent: Consent = Field(default_factory=Consent)
    """What consent receipts say of this installation."""
    mail: Mail = Field(default_factory=Mail)
    """The mail server."""
    federated: Federated = Field(default_factory=Federated)
    """Settings of federation."""
    outcomes: Outcomes = Field(default_factory=Outcomes)
    """What is kept of sign-ins beside their outcomes."""
