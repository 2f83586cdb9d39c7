"""User stores for the tests of administration, each sound as it is."""

from dataclasses import replace

from jitney.administration.stores.user_store_defaults import (
    active_directory_defaults,
    directory_description,
    existing_table_defaults,
    ldap_defaults,
)
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import OwnDatabase, UserStoreRecord

LDAP = replace(
    ldap_defaults(),
    url="ldaps://ldap.acme.example",
    user_base="ou=people,dc=acme",
    bind_dn="cn=jitney,dc=acme",
    bind_password="b1nd",
)
AD = replace(
    active_directory_defaults(),
    url="ldaps://dc1.corp.example",
    user_base="cn=users,dc=corp",
    bind_dn="jitney@corp.example",
    bind_password="b1nd",
)
_TABLE = existing_table_defaults()
SQL = replace(
    _TABLE,
    url="postgresql://shop@db.acme.example/shop",
    password="s3cret",
    tables=replace(
        _TABLE.tables, users="shop.customers", stamp_column="jitney", attributes={"email": "mail"}
    ),
)
ENG = UserStoreRecord("", directory_description("ENG"), LDAP)
CORP = UserStoreRecord("", directory_description("CORP"), AD)
SHOP = UserStoreRecord("", UserStoreDescription("SHOP"), SQL)
BRANCH = UserStoreRecord("", UserStoreDescription("BRANCH"), OwnDatabase())


def in_state(record: UserStoreRecord, **changes: object) -> UserStoreRecord:
    """Return the store with other rules."""
    return replace(record, description=replace(record.description, **changes))


def reached(record: UserStoreRecord, **changes: object) -> UserStoreRecord:
    """Return the store with another connection."""
    return replace(record, connection=replace(record.connection, **changes))
