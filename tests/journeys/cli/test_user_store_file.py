"""The TOML of a user store: our keys and WSO2's, over the defaults of each type."""

from pathlib import Path

import pytest
from tests.journeys.administration.office import ROOT, Office

from jitney.administration.stores.user_store_words import WORDS
from jitney.cli.declaration_file import Reader
from jitney.cli.user_store_file import new_record, values_of
from jitney.cli.user_store_model import StoreType, WrittenUserStore
from jitney.cli.user_store_names import NOT_HERE, OUR_KEYS, WSO2_NAMES
from jitney.errors import InvalidInput
from jitney.model.user_store_record import PasswordStorage, StoreSchema, TLSMode, UserStoreRecord
from jitney.settings.resolved import ProvisioningSettings

pytestmark = pytest.mark.anyio

LDAP = {"domain": "eng", "type": "ldap", "url": "ldaps://ldap.acme.example", "user_base": "ou=people,dc=acme",
        "bind_dn": "cn=jitney,dc=acme", "bind_password_env": "BIND"}  # fmt: skip
WSO2 = {
    "DomainName": "ENG",
    "class": "org.wso2.carbon.user.core.ldap.UniqueIDReadWriteLDAPUserStoreManager",
    "ConnectionURL": "ldap://ldap.acme.example:389",
    "ConnectionName": "cn=jitney,dc=acme",
    "bind_password_env": "BIND",
    "StartTLSEnabled": "true",
    "Disabled": "false",
    "ReadOnly": "false",
    "UserSearchBase": "ou=Users,dc=acme",
    "UserEntryObjectClass": "inetOrgPerson",
    "UserNameAttribute": "uid",
    "UserIDAttribute": "entryUUID",
    "UserNameSearchFilter": "(&(objectClass=inetOrgPerson)(uid=?))",
    "UserNameListFilter": "(objectClass=inetOrgPerson)",
    "UserDNPattern": "",
    "DisplayNameAttribute": "",
    "UserNameJavaRegEx": r"[a-zA-Z0-9._\-|/]{3,50}$",
    "username_java_reg_ex_violation_error_msg": "Username pattern policy violated",
    "PasswordJavaRegEx": r"^[\S]{8,128}$",
    "CaseInsensitiveUsername": "true",
    "ReadGroups": "true",
    "WriteGroups": "true",
    "GroupSearchBase": "ou=Groups,dc=acme",
    "GroupEntryObjectClass": "groupOfNames",
    "GroupNameAttribute": "cn",
    "GroupNameListFilter": "(objectClass=groupOfNames)",
    "MembershipAttribute": "member",
    "MemberOfAttribute": "",
    "PasswordHashMethod": "PLAIN_TEXT",
    "MultiAttributeSeparator": ",",
    "MaxUserNameListLength": "100",
    "MaxRoleNameListLength": "100",
    "LDAPConnectionTimeout": "5000",
    "ReadTimeout": "2500",
}


def read(*stores: dict[str, object], folder: Path = Path("/nowhere")) -> list[UserStoreRecord]:
    reader = Reader(
        {"BIND": "b1nd", "PW": "s3cret"},
        ProvisioningSettings(refuse_on_failure=True, role_separator="", indelible_attributes=()),
    )
    return [one.record for one in reader.read_tree({"user_store": list(stores)}, folder).user_stores]


def faults(*stores: dict[str, object]) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        read(*stores)
    return [str(one).removeprefix("the command line: ") for one in refused.value.details["faults"]]


async def test_few_keys_make_a_sound_directory() -> None:
    """A directory is declared by where it is, as whom it is read, and where people stand."""
    (record,) = read(LDAP)
    saved = await Office().user_stores.add(ROOT, record)
    assert ("ENG", "b1nd", TLSMode.TLS, "mail") == (
        saved.record.description.domain,
        record.connection.bind_password,
        record.connection.tls,
        record.connection.attributes["email"],
    )


async def test_properties_of_wso2_make_the_same_store_as_our_keys() -> None:
    """jit.md 4: a store's properties are understood under WSO2's names, in each of their spellings."""
    (record,) = read(WSO2)
    ours = read(
        {**LDAP, "url": "ldap://ldap.acme.example:389", "user_base": "ou=Users,dc=acme",
         "name_filter": "(&(objectClass=inetOrgPerson)(uid=?))", "group_base": "ou=Groups,dc=acme",
         "username_message": "Username pattern policy violated", "write_groups": True, "read_seconds": 2.5}
    )  # fmt: skip
    assert ours == [record]
    assert (TLSMode.START_TLS, PasswordStorage.STORE) == (
        record.connection.tls,
        record.connection.password_storage,
    )
    assert 1 == (await Office().user_stores.add(ROOT, record)).record.version


@pytest.mark.parametrize("spelling", ["ConnectionURL", "connection_url", "connectionUrl", "url"])
def test_one_key_is_understood_in_every_spelling(spelling: str) -> None:
    """WSO2's names stand in XML and in TOML in two spellings; ours is a third."""
    table = {key: value for key, value in LDAP.items() if key != "url"}
    (record,) = read({**table, spelling: "ldaps://other.example"})
    assert "ldaps://other.example" == record.connection.url


def test_key_that_stands_there_twice_is_refused() -> None:
    """Which of two spellings holds, nobody can say."""
    (told,) = faults({**LDAP, "ConnectionURL": "ldaps://b.example"})
    assert "user_store[1].ConnectionURL: This is the same key as url, which stands there too." == told


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("ConectionURL", "ConnectionURL"), ("usr_base", "user_base"), ("UserSerchBase", "UserSearchBase"),
     ("bind_pasword_file", "bind_password_file")],
)  # fmt: skip
def test_unknown_key_is_told_with_the_nearest(wrong: str, meant: str) -> None:
    """A misspelt key is never passed over, in whichever language it is."""
    (told,) = faults({**LDAP, wrong: "x"})
    assert f"user_store[1].{wrong}: This key is not known. Did you mean user_store[1].{meant}?" == told


@pytest.mark.parametrize("name", sorted(NOT_HERE))
def test_property_that_nothing_obeys_is_refused_with_what_holds_instead(name: str) -> None:
    """No key is silently ignored: what Jitney does not have is said, and why."""
    (told,) = faults({**LDAP, name: "true"})
    assert told.startswith(f"user_store[1].{name}: Jitney has no such setting: ")


@pytest.mark.parametrize("key", ["bind_password", "ConnectionPassword", "connection_password"])
def test_password_does_not_stand_in_the_file(key: str) -> None:
    """R-044: a secret comes from a file or a variable; one in the declaration is refused, and not printed."""
    table = {name: value for name, value in LDAP.items() if name != "bind_password_env"}
    (told,) = faults({**table, key: "hunter2"})
    assert "user_store[1].bind_password: a secret does not stand in this file" in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"users_table": "people"}, "user_store ENG: users_table"),
        ({"password_file": "x"}, "user_store ENG: password_file"),
        ({"type": "nosuch"}, "user_store[1].type"),
        ({"tls": "off"}, "user_store[1].tls"),
        ({"read_only": "maybe"}, "user_store[1].read_only"),
        ({"Disabled": "maybe"}, "user_store[1].enabled"),
        ({"LDAPConnectionTimeout": "soon"}, "user_store[1].connect_seconds"),
        ({"attributes": "mail"}, "user_store[1].attributes"),
        ({"bind_password_env": "NOT_SET"}, "user_store ENG: bind_password_env"),
        ({"bind_password_file": "x"}, "user_store ENG"),
        ({"ca_certificates_file": "nosuch.pem"}, "user_store ENG: ca_certificates_file"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_named(changes: dict[str, object], path: str) -> None:
    """A key of another type of store, a wrong value and a file that is not there are told by their keys."""
    assert any(told.startswith(f"{path}: ") for told in faults({**LDAP, **changes}))


def test_missing_keys_are_named() -> None:
    """A store has a domain and a type."""
    told = faults({"url": "ldaps://ldap.acme.example"})
    assert [
        "user_store[1].domain: This key is required.", "user_store[1].type: This key is required.",
    ] == sorted(told)  # fmt: skip


@pytest.mark.parametrize(
    ("type", "kind", "is_read_only"),
    [
        ("read_only_ldap_unique_id", StoreSchema.LDAP, True),
        ("read_write_ldap", StoreSchema.LDAP, False),
        ("active_directory_unique_id", StoreSchema.ACTIVE_DIRECTORY, False),
        ("active_directory", StoreSchema.ACTIVE_DIRECTORY, False),
    ],
)
def test_types_of_wso2_are_understood(type: str, kind: StoreSchema, *, is_read_only: bool) -> None:
    """WSO2's types say which kind it is, and whether it is only read."""
    (record,) = read({**LDAP, "type": type})
    assert (kind, is_read_only) == (record.connection.schema, record.description.read_only)


def test_places_of_attributes_are_added_to_the_usual_ones() -> None:
    """What is stated is put over the usual table; an empty place takes one out; the user name's place gives way."""
    stated = {"email": "internetAddress", "locale": "", "department": "ou"}
    (record,) = read({**LDAP, "name_attribute": "cn", "attributes": stated})
    assert {
        "given_name": "givenName", "family_name": "sn", "email": "internetAddress",
        "phone_number": "telephoneNumber", "department": "ou",
    } == record.connection.attributes  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "place"),
    [
        ({"DisplayNameAttribute": "displayName"}, "displayName"),
        ({"display_name_attribute": "displayName", "attributes": {"name": "gecos"}}, "gecos"),
        ({"DisplayNameAttribute": ""}, "cn"),
        ({}, "cn"),
    ],
)
def test_people_are_shown_by_the_display_name_attribute(stated: dict[str, object], place: str) -> None:
    """The full name stands in the attribute by which people are shown, unless its place is stated."""
    (record,) = read({**LDAP, **stated})
    assert place == record.connection.attributes["name"]


def test_table_of_somebody_elses_takes_no_column_for_granted() -> None:
    """An existing table has the columns that are named; without one Jitney makes tables of its own."""
    base = {
        "domain": "shop",
        "type": "sql",
        "url": "postgres://shop@db.acme.example/shop",
        "password_env": "PW",
    }
    theirs, ours = read(
        {**base, "users_table": "customers", "name_column": "login"}, {**base, "domain": "own"}
    )
    tables = theirs.connection.tables
    assert ("customers", "login", None, None, None, False) == (
        tables.users, tables.name_column, tables.name_key_column, tables.stamp_column, tables.password_column,
        theirs.connection.owns_tables,
    )  # fmt: skip
    assert ("jitney_people", True) == (ours.connection.tables.users, ours.connection.owns_tables)
    assert ("postgresql://shop@db.acme.example/shop", "s3cret") == (ours.connection.url, ours.secret)


async def test_file_and_our_own_database_need_no_protection() -> None:
    """A database that is a file, and our own, are reached without a password and without TLS."""
    branch, people = read(
        {"domain": "BRANCH", "type": "own_database", "read_only": "true"},
        {"domain": "PEOPLE", "type": "sql", "url": "sqlite:////var/people.db"},
    )
    office = Office()
    assert (await office.user_stores.add(ROOT, branch)).record.description.read_only
    assert TLSMode.NONE is (await office.user_stores.add(ROOT, people)).record.connection.tls


@pytest.mark.parametrize("type", list(StoreType))
def test_every_field_of_a_store_has_a_key(type: StoreType) -> None:
    """No field of a record is out of reach of a declaration, and no key leads nowhere."""
    keys = set(values_of(new_record(type, "ENG")))
    assert set() == keys - OUR_KEYS
    assert set() == set(WSO2_NAMES.values()) - OUR_KEYS


def test_every_key_is_one_of_some_type() -> None:
    """A key that no type of store has would be refused everywhere."""
    read_apart = {"bind_password_file", "bind_password_env", "password_file", "password_env"}
    known = set().union(*(values_of(new_record(one, "ENG")) for one in StoreType), read_apart)
    assert set(WrittenUserStore.model_fields) == known
    assert set() == set(WORDS.values()) - set(WrittenUserStore.model_fields)
