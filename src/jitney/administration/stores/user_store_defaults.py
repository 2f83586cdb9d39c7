"""What a new user store of each kind has where an operator says nothing (pure).

Values without which nothing works (addresses, bases, accounts) are empty here; the rules refuse them as they are.
"""

from jitney.model.user_store import NamePattern, UserStoreDescription
from jitney.model.user_store_record import LDAPConnection, LDAPGroups, SQLConnection, SQLTables, StoreSchema

DIRECTORY_USERNAME = NamePattern(
    r"[a-zA-Z0-9._\-|/]{3,50}$",
    "A user name has 3 to 50 letters, digits and the characters . _ - | /.",
)
"""What user names in directories look like (jit.md 4): nothing that would have to be escaped everywhere."""

_PERSON = {
    "given_name": "givenName",
    "family_name": "sn",
    "email": "mail",
    "phone_number": "telephoneNumber",
    "locale": "preferredLanguage",
}


def directory_description(domain: str) -> UserStoreDescription:
    """Return the rules of a new store whose users stand in a directory."""
    return UserStoreDescription(domain, username=DIRECTORY_USERNAME)


def ldap_defaults() -> LDAPConnection:
    """Return a connection to a directory of ``inetOrgPerson`` and ``groupOfNames``."""
    return LDAPConnection(url="", user_base="", bind_dn="", attributes={"name": "cn", **_PERSON})


def active_directory_defaults() -> LDAPConnection:
    """Return a connection to Active Directory.

    ``cn`` is the name of the entry itself there, so a person's full name stands in ``displayName``.
    """
    return LDAPConnection(
        url="",
        user_base="",
        bind_dn="",
        schema=StoreSchema.ACTIVE_DIRECTORY,
        object_classes=("user",),
        user_filter="(&(objectCategory=person)(objectClass=user))",
        name_attribute="sAMAccountName",
        id_attribute="objectGUID",
        stamp_attribute="adminDescription",
        display_name_attribute="displayName",
        attributes={"name": "displayName", **_PERSON},
        groups=LDAPGroups(object_class="group", filter="(objectClass=group)", member_of="memberOf"),
    )


def sql_defaults() -> SQLConnection:
    """Return a connection to a database in which Jitney makes tables of its own."""
    return SQLConnection(url="", owns_tables=True, tables=SQLTables())


def existing_table_defaults() -> SQLConnection:
    """Return a connection to a database in which somebody else's table of users stands.

    No column is taken for granted but the id and the name.
    """
    tables = SQLTables(users="", name_key_column=None, stamp_column=None, password_column=None)
    return SQLConnection(url="", tables=tables)
