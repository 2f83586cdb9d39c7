"""The kinds of user stores as operators choose them, and what a new one of each begins with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from jitney.administration.stores.user_store_defaults import (
    active_directory_defaults,
    directory_description,
    existing_table_defaults,
    ldap_defaults,
    sql_defaults,
)
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import (
    LDAPConnection,
    OwnDatabase,
    SQLConnection,
    StoreConnection,
    StoreSchema,
    UserStoreRecord,
)


@dataclass(frozen=True, slots=True)
class StoreKind:
    """One kind that can be added, in words; ``word`` is how addresses name it."""

    word: str
    name: str
    sentence: str
    description: Callable[[str], UserStoreDescription]
    connection: Callable[[], StoreConnection]

    def new(self, domain: str) -> UserStoreRecord:
        """Return a store of this kind with the defaults; nothing of it is kept."""
        return UserStoreRecord("", self.description(domain), self.connection())


KINDS: Final[Mapping[str, StoreKind]] = {
    kind.word: kind
    for kind in (
        StoreKind(
            "ldap",
            "LDAP directory",
            "OpenLDAP, 389 Directory Server and the like: people are entries below a base.",
            directory_description,
            ldap_defaults,
        ),
        StoreKind(
            "active_directory",
            "Active Directory",
            "A domain of Windows: people are found by sAMAccountName and known by objectGUID.",
            directory_description,
            active_directory_defaults,
        ),
        StoreKind(
            "sql",
            "SQL database, tables of our own",
            "Jitney makes its tables in another database: PostgreSQL, MariaDB or a file of SQLite.",
            UserStoreDescription,
            sql_defaults,
        ),
        StoreKind(
            "existing_table",
            "SQL database, a table that exists",
            "People stand in a table that somebody else made; you say which column holds what.",
            UserStoreDescription,
            existing_table_defaults,
        ),
        StoreKind(
            "own_database",
            "Our own database",
            "Another domain beside PRIMARY, with rules of its own, in the database that Jitney has already.",
            UserStoreDescription,
            OwnDatabase,
        ),
    )
}


def kind_name(connection: StoreConnection) -> str:
    """Return what kind of store a connection is of, in words."""
    match connection:
        case LDAPConnection(schema=StoreSchema.ACTIVE_DIRECTORY):
            return "Active Directory"
        case LDAPConnection():
            return "LDAP directory"
        case SQLConnection():
            return "SQL database"
        case OwnDatabase():
            return "Our own database"
