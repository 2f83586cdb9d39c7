"""UserStoreRecord: a user store as an operator configured it: its rules, and how it is reached.

The names of WSO2's properties stand at the doors (``jitney apply``); ``docs/reference/user-stores.md`` pairs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jitney.model.user_store import UserStoreDescription


class TLSMode(StrEnum):
    """How the connection is protected; ``NONE`` is for development alone (R-043)."""

    TLS = "tls"
    START_TLS = "starttls"
    NONE = "none"


class StoreSchema(StrEnum):
    """Which kind of directory it is, where they differ in more than names."""

    LDAP = "ldap"
    ACTIVE_DIRECTORY = "active_directory"


class PasswordStorage(StrEnum):
    """Who makes the hash of a password: the store itself, or we (argon2id, for directories that verify it)."""

    STORE = "store"
    ARGON2 = "argon2"


@dataclass(frozen=True, slots=True)
class LDAPGroups:
    """How groups are kept. ``base`` ``None`` means that there are none.

    ``members`` is the attribute of a group that holds its members' DNs; ``member_of`` that of a person which holds
    the DNs of the groups, ``None`` where the directory keeps none and groups are searched by their members.
    """

    base: str | None = None
    object_class: str = "groupOfNames"
    name_attribute: str = "cn"
    filter: str = "(objectClass=groupOfNames)"
    members: str = "member"
    member_of: str | None = None
    may_be_read: bool = True
    may_be_written: bool = False


@dataclass(frozen=True, slots=True)
class LDAPConnection:
    """A directory.

    ``url`` is ``ldaps://host:port`` or ``ldap://host:port``; ``ca_certificates`` is PEM, ``None`` for the system's.
    ``bind_password`` is plain here and encrypted where it rests (R-125); it is kept out of ``repr``.
    ``user_filter`` says which entries below ``user_base`` are people; ``name_filter`` finds one of them, ``?``
    standing for the name, ``None`` for the plain one.
    ``dn_pattern`` is where new entries go, ``{0}`` standing for the name; ``None`` puts them right below the base.
    ``stamp_attribute`` holds our id on the entries that we make: it must be one that the schema allows there and
    that nobody else writes. ``attributes`` maps our attributes to the directory's.
    Times are in seconds. A referral is never followed: it is a fault (R-043).
    """

    url: str
    user_base: str
    bind_dn: str
    bind_password: str | None = field(default=None, repr=False)
    schema: StoreSchema = StoreSchema.LDAP
    tls: TLSMode = TLSMode.TLS
    ca_certificates: str | None = None
    object_classes: tuple[str, ...] = ("inetOrgPerson",)
    user_filter: str = "(objectClass=inetOrgPerson)"
    name_filter: str | None = None
    name_attribute: str = "uid"
    id_attribute: str = "entryUUID"
    stamp_attribute: str = "labeledURI"
    display_name_attribute: str = "cn"
    dn_pattern: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    groups: LDAPGroups = LDAPGroups()
    password_storage: PasswordStorage = PasswordStorage.STORE
    connect_seconds: float = 5.0
    read_seconds: float = 5.0
    page_size: int = 200
    pool_size: int = 8


@dataclass(frozen=True, slots=True)
class SQLTables:
    """The tables of a database in which users stand, by the names that its owner gave them.

    ``id_column`` is the immutable key; ``stamp_column`` holds our id on the rows that we make, ``None`` where rows
    are only read. ``separator`` splits several values in one column. The group tables are ``None`` where there are
    no groups.
    """

    users: str = "jitney_people"
    id_column: str = "id"
    name_column: str = "name"
    name_key_column: str | None = "name_key"
    stamp_column: str | None = "stamp"
    password_column: str | None = "password_hash"
    enabled_column: str | None = None
    locked_until_column: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    memberships: str | None = None
    membership_user_column: str = "user_id"
    membership_group_column: str = "group_name"
    groups: str | None = None
    group_name_column: str = "name"


@dataclass(frozen=True, slots=True)
class SQLConnection:
    """Another database than our own.

    ``url`` has no password: ``sqlite:///path``, ``postgresql://user@host:5432/db``, ``mariadb://user@host:3306/db``.
    ``password`` is plain here and encrypted where it rests (R-125).
    ``owns_tables`` lets Jitney make the tables, where they are missing.
    """

    url: str
    password: str | None = field(default=None, repr=False)
    tls: TLSMode = TLSMode.TLS
    ca_certificates: str | None = None
    owns_tables: bool = False
    tables: SQLTables = SQLTables()
    groups_may_be_read: bool = True
    groups_may_be_written: bool = False
    connect_seconds: float = 5.0
    read_seconds: float = 5.0
    pool_size: int = 5


@dataclass(frozen=True, slots=True)
class OwnDatabase:
    """Our own database: users are written in the same transaction as all else."""


StoreConnection = LDAPConnection | SQLConnection | OwnDatabase


@dataclass(frozen=True, slots=True)
class UserStoreRecord:
    """A user store beside PRIMARY.

    ``id`` is generated, immutable and never reused; the domain is that of the ``description`` and does not change.
    ``note`` is the operators' own.
    """

    id: str
    description: UserStoreDescription
    connection: StoreConnection
    note: str = ""
    version: int = 1

    @property
    def secret(self) -> str | None:
        """Return the secret that opens the store."""
        match self.connection:
            case LDAPConnection(bind_password=secret) | SQLConnection(password=secret):
                return secret
            case OwnDatabase():
                return None
