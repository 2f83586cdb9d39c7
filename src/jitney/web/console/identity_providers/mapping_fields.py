"""The fields of the tables that map what a provider says to attributes and roles."""

from typing import Final

from jitney.web.console.record_forms import Column, Field, Kind

CLAIMS: Final = (
    Field(
        "mappings.user_id_claim", "User id claim", placeholder="preferred_username",
        sentence="The claim that holds the wanted user name. Blank: the template, or else the subject.",
    ),
    Field(
        "mappings.claims", "Claim table", Kind.ROWS,
        columns=(
            Column("remote", "Remote claim"),
            Column("local", "Local attribute"),
            Column("default", "If it is blank"),
        ),
        sentence="No row at all: standard claims become the attributes of their name. "
        "A claim without a row is dropped.",
    ),
)  # fmt: skip

ROLES: Final = (
    Field(
        "mappings.role_claim", "Role claim", placeholder="groups",
        sentence="The claim that holds the roles or groups of a person.",
    ),
    Field(
        "mappings.role_separator", "Separator", exact=True,
        sentence="What separates roles that come as one text. Blank: a text is one role.",
    ),
    Field(
        "mappings.roles", "Role table", Kind.ROWS,
        columns=(Column("remote", "Remote value"), Column("local", "Local role")),
        sentence="Each remote value gives a role that exists here. A value without a row gives nothing.",
        warning="Whoever administers the provider decides who gets these roles.",
    ),
    Field(
        "policy.default_roles", "Roles for everybody", Kind.LINES,
        sentence="Everybody of this provider gets these, one on each line.",
    ),
)  # fmt: skip
