"""The fields of a user store that every kind has: the basic ones, and the rules for names and passwords."""

from typing import Final

from jitney.web.console.record_forms import Field, Kind

DOMAIN: Final = Field(
    "description.domain",
    "Domain",
    sentence="What stands before the slash in DOMAIN/name: letters, digits, - and . inside. It never changes.",
    placeholder="ENG",
    required=True,
)

BASIC: Final = (
    Field(
        "description.read_only",
        "Read-only",
        Kind.SWITCH,
        "People are found and may sign in; nobody is made, changed or removed there.",
    ),
    Field("note", "Note", Kind.LONG, "For operators alone: who looks after this store, for example."),
)

_DIALECT = "A pattern in the dialect of Java; the whole text must match it."
_SCRIPT = "What pages check while somebody types, in the dialect of JavaScript; it decides nothing."

RULES: Final = (
    Field("description.username.pattern", "Pattern of user names", sentence=_DIALECT, required=True),
    Field(
        "description.username.message",
        "Sentence about a user name that does not fit",
        Kind.LONG,
        "People read it.",
        required=True,
    ),
    Field("description.username_script_pattern", "Pattern of user names for scripts", sentence=_SCRIPT),
    Field(
        "description.case_insensitive_usernames",
        "Ada and ada are one user name",
        Kind.SWITCH,
        "It cannot change while accounts of this store are known here.",
    ),
    Field("description.password.pattern", "Pattern of passwords", sentence=_DIALECT, required=True),
    Field(
        "description.password.message",
        "Sentence about a password that does not fit",
        Kind.LONG,
        "People read it.",
        required=True,
    ),
    Field("description.password_script_pattern", "Pattern of passwords for scripts", sentence=_SCRIPT),
    Field("description.role.pattern", "Pattern of role names", sentence=_DIALECT, required=True),
    Field(
        "description.role.message",
        "Sentence about a role name that does not fit",
        Kind.LONG,
        "Operators read it.",
        required=True,
    ),
    Field("description.role_script_pattern", "Pattern of role names for scripts", sentence=_SCRIPT),
    Field(
        "description.multi_value_separator",
        "What separates several values",
        sentence="Where the store keeps several values in one text. 1 to 10 characters.",
        required=True,
        exact=True,
    ),
    Field(
        "description.most_users_listed",
        "Users on one page of a list",
        Kind.NUMBER,
        "1 to 100. Nothing lists all users at once.",
    ),
    Field("description.most_roles_listed", "Groups on one page of a list", Kind.NUMBER, "1 to 1000."),
)
