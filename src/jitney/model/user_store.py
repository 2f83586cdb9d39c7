"""UserStoreDescription: a user store's name, its state, and the rules it has for names and passwords."""

from dataclasses import dataclass, field

PRIMARY_USERNAME_PATTERN = r"^[^\s*?%]{3,50}$"
PASSWORD_PATTERN = r"^[\S]{8,128}$"
ROLE_PATTERN = r"^[a-zA-Z0-9._\-|/]{3,30}$"

RESERVED_DOMAINS = frozenset({"INTERNAL", "APPLICATION", "SYSTEM", "WORKFLOW", "FEDERATED"})
"""Domains that no store may have and no name may ask for (R-031, R-032)."""


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A pattern in the administrators' dialect, and the store's own sentence for a violation.

    The pattern must match the whole text; it is compiled at the door, never here.
    """

    pattern: str
    message: str


@dataclass(frozen=True, slots=True)
class UserStoreDescription:
    """What is known of a user store without asking it.

    ``domain`` is in upper case and holds no ``_``.
    The script patterns are for pages to check while typing, in the dialect of JavaScript; they decide nothing.
    ``multi_value_separator`` splits several values where the store keeps them in one text.
    ``most_users_listed`` bounds one page of a listing, ``most_roles_listed`` one of groups.
    ``version`` is that of the operator's record; 0 for a store that is made by the settings and never changes.
    """

    domain: str
    enabled: bool = True
    read_only: bool = False
    case_insensitive_usernames: bool = True
    username: NamePattern = field(
        default=NamePattern(
            PRIMARY_USERNAME_PATTERN, "A user name has 3 to 50 characters, without spaces and without * ? %."
        )
    )
    password: NamePattern = field(
        default=NamePattern(PASSWORD_PATTERN, "A password has 8 to 128 characters, without spaces.")
    )
    role: NamePattern = field(
        default=NamePattern(
            ROLE_PATTERN, "A role name has 3 to 30 letters, digits and the characters . _ - | /."
        )
    )
    username_script_pattern: str | None = None
    password_script_pattern: str | None = None
    role_script_pattern: str | None = None
    multi_value_separator: str = ","
    most_users_listed: int = 100
    most_roles_listed: int = 100
    version: int = 0
