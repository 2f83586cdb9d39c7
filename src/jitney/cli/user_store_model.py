"""The TOML of a user store: every key with its type; ``user_store_file`` turns it into a record.

The text under a key stands in ``docs/reference/user-stores.md``; ``user_store_names`` has WSO2's names of the keys.
"""

from enum import StrEnum

from pydantic import Field

from jitney.cli.declared_values import PlainSecret, Texts
from jitney.model.user_store_record import PasswordStorage, TLSMode
from jitney.settings.checked import Count, Section, Switch


class StoreType(StrEnum):
    """The kinds of user stores, as documents name them."""

    LDAP = "ldap"
    ACTIVE_DIRECTORY = "active_directory"
    SQL = "sql"
    OWN_DATABASE = "own_database"


class StoreKeys(Section):
    """The keys of a user store; what is left out is as the defaults say, or as it was."""

    enabled: Switch | None = None
    """Whether the store is used. Without it a new one is, and one that an operator switched off stays off."""
    read_only: Switch | None = None
    """Whether users are only read."""
    note: str | None = None
    """A note of the operators."""
    username_pattern: str | None = None
    """The pattern that a whole user name must match."""
    username_message: str | None = None
    """What a person reads whose user name does not match."""
    username_script_pattern: str | None = None
    """The pattern that pages check while typing."""
    password_pattern: str | None = None
    """The pattern that a whole password must match."""
    password_message: str | None = None
    """What a person reads whose password does not match."""
    password_script_pattern: str | None = None
    """The pattern that pages check while typing."""
    role_pattern: str | None = None
    """The pattern that the whole name of a role must match where one is made; Jitney makes no groups."""
    role_message: str | None = None
    """What an operator reads whose role name does not match."""
    role_script_pattern: str | None = None
    """The pattern that pages check while typing. No page asks for the name of a role so far."""
    case_insensitive_usernames: Switch | None = None
    """Whether `Ada` and `ada` are one user name."""
    multi_value_separator: str | None = None
    """What separates several values where the store keeps them in one text."""
    most_users_listed: Count | None = None
    """How many users one page of a listing has, 1 to 100. Nothing lists all users at once."""
    most_roles_listed: Count | None = None
    """How many groups one page of a listing has, 1 to 1000. No command lists groups so far."""

    url: str | None = None
    """`ldaps://host:636` or `ldap://host:389`; `postgresql://user@host:5432/database`,
    `mariadb://user@host:3306/database` or `sqlite:////path/from/the/root`. It holds no password."""
    tls: TLSMode | None = None
    """How the connection is protected; `none` in the development profile alone.
    Without it: `tls` for `ldaps://` and databases, `starttls` for `ldap://`."""
    ca_certificates_file: str | None = None
    """A PEM file with the authorities to trust in place of the system's."""
    connect_seconds: float | None = None
    """How long connecting may take, 0.1 to 30. WSO2's names count milliseconds."""
    read_seconds: float | None = None
    """How long an answer may take, 0.1 to 60. WSO2's names count milliseconds."""
    pool_size: Count | None = None
    """How many connections each process keeps, 1 to 100."""
    attributes: dict[str, str] | None = None
    """Pairs of an attribute of Jitney's and its place in the store, added to the usual ones of the type;
    an empty text takes one out."""
    read_groups: Switch | None = None
    """Whether the groups of people are read."""
    write_groups: Switch | None = None
    """Whether people are put into groups and taken out of them."""

    bind_dn: str | None = None
    """The account as which the directory is read and written: a DN; for Active Directory also `name@domain`."""
    bind_password: PlainSecret = Field(None, json_schema_extra={"secret": True})
    """Never in a file: see the next two."""
    bind_password_file: str | None = None
    """A file that holds the password of `bind_dn`."""
    bind_password_env: str | None = None
    """An environment variable that holds it."""
    user_base: str | None = None
    """The DN below which people stand."""
    user_filter: str | None = None
    """Which entries below it are people (RFC 4515)."""
    name_filter: str | None = None
    """What finds one of them, `?` standing for the name. Without it: `user_filter` and `name_attribute`."""
    object_classes: Texts | None = None
    """The object classes of entries that are made."""
    name_attribute: str | None = None
    """The attribute that holds the user name."""
    id_attribute: str | None = None
    """The attribute that holds an id which never changes and is never given again."""
    stamp_attribute: str | None = None
    """The attribute in which Jitney marks the entries that it makes; nobody else may write it."""
    display_name_attribute: str | None = None
    """The attribute by which people are shown: the usual place of `name`."""
    dn_pattern: str | None = None
    """Where new entries go, `{0}` standing for the name. Without it: right below `user_base`."""
    password_storage: PasswordStorage | None = None
    """Who hashes a new password: the directory (`store`), or Jitney (`argon2`), if the directory verifies that."""
    page_size: Count | None = None
    """How many entries are asked for at once, 1 to 1000."""
    group_base: str | None = None
    """The DN below which groups stand. Without it there are no groups."""
    group_filter: str | None = None
    """Which entries below it are groups."""
    group_object_class: str | None = None
    """The object class of groups."""
    group_name_attribute: str | None = None
    """The attribute that holds a group's name."""
    member_attribute: str | None = None
    """The attribute of a group that holds the DNs of its members."""
    member_of_attribute: str | None = None
    """The attribute of a person that holds the DNs of the groups, where the directory keeps one."""

    password: PlainSecret = Field(None, json_schema_extra={"secret": True})
    """Never in a file: see the next two."""
    password_file: str | None = None
    """A file that holds the password of the database's user."""
    password_env: str | None = None
    """An environment variable that holds it."""
    owns_tables: Switch | None = None
    """Whether Jitney makes the tables. Without it: where no `users_table` is named."""
    users_table: str | None = None
    """The table with a row for each user."""
    id_column: str | None = None
    """The column of the key, which never changes."""
    name_column: str | None = None
    """The column of the user name."""
    name_key_column: str | None = None
    """A column for the canonical form of the name, which Jitney computes; unique, and compared byte by byte."""
    stamp_column: str | None = None
    """A column in which Jitney marks the rows that it makes; needed unless the store is read-only."""
    password_column: str | None = None
    """The column of the password's hash. Without it nobody of this store signs in with a password."""
    enabled_column: str | None = None
    """A column that says whether the account may be used."""
    locked_until_column: str | None = None
    """A column that says until when the account is locked."""
    memberships_table: str | None = None
    """The table of who is in which group."""
    membership_user_column: str | None = None
    """Its column with the key of the user."""
    membership_group_column: str | None = None
    """Its column with the name of the group."""
    groups_table: str | None = None
    """The table of all groups, where there is one."""
    group_name_column: str | None = None
    """Its column with the name of the group."""


class WrittenUserStore(StoreKeys):
    """``[[user_store]]``."""

    domain: str
    """What stands before the slash in `DOMAIN/name`: letters, digits, `-` and `.`.
    It is shown in upper case and never changes."""
    type: StoreType
    """The kind of the store; `own_database` keeps its users in Jitney's own database."""
