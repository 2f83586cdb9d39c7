"""Turn the keys of a user store into a record: over the defaults of its type, or over what is there."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar, get_args

from jitney.administration.stores.store_addresses import FILE, scheme_of
from jitney.administration.stores.user_store_defaults import (
    active_directory_defaults,
    directory_description,
    existing_table_defaults,
    ldap_defaults,
    sql_defaults,
)
from jitney.administration.stores.user_store_words import word_of
from jitney.cli.user_store_model import StoreKeys, StoreType
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import (
    LDAPConnection,
    OwnDatabase,
    SQLConnection,
    StoreConnection,
    StoreSchema,
    TLSMode,
    UserStoreRecord,
)

_OURS = frozenset({"id", "version"})
_APART = frozenset(
    {
        "domain", "type", "attributes", "bind_password", "bind_password_file", "bind_password_env",
        "password", "password_file", "password_env", "ca_certificates_file",
    }
)  # fmt: skip
"""Keys that are not simply a value of the record."""

_OTHER_SPELLINGS = {"mysql": "mariadb", "postgres": "postgresql"}

Noun = TypeVar("Noun")


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """What stands in the files and variables that a user store names."""

    secret: str | None = None
    ca_certificates: str | None = None


def new_record(type: StoreType, domain: str, stated: frozenset[str] = frozenset()) -> UserStoreRecord:
    """Return a store of which nothing is said but its type; ``stated`` are the keys that will be."""
    connections: Mapping[StoreType, StoreConnection] = {
        StoreType.LDAP: ldap_defaults(),
        StoreType.ACTIVE_DIRECTORY: active_directory_defaults(),
        StoreType.SQL: existing_table_defaults() if "users_table" in stated else sql_defaults(),
        StoreType.OWN_DATABASE: OwnDatabase(),
    }
    connection = connections[type]
    in_directory = isinstance(connection, LDAPConnection)
    description = directory_description(domain) if in_directory else UserStoreDescription(domain)
    return UserStoreRecord("", description, connection)


def type_of(connection: StoreConnection) -> StoreType:
    """Return the type of a store by its connection."""
    match connection:
        case LDAPConnection(schema=StoreSchema.ACTIVE_DIRECTORY):
            return StoreType.ACTIVE_DIRECTORY
        case LDAPConnection():
            return StoreType.LDAP
        case SQLConnection():
            return StoreType.SQL
        case OwnDatabase():
            return StoreType.OWN_DATABASE


def values_of(record: object, path: str = "") -> dict[str, object]:
    """Return the values of a record by the keys of a document."""
    found: dict[str, object] = {}
    for field, here in _fields(record, path):
        value = getattr(record, field.name)
        found |= values_of(value, here) if is_dataclass(value) else {word_of(here): value}
    return found


def keys_of_others(keys: StoreKeys, base: UserStoreRecord) -> tuple[str, ...]:
    """Return the keys that are stated and that stores of this type do not have."""
    known = {*values_of(base), "domain", "type"}
    known |= {
        f"{key}_{place}" for key in ("bind_password", "password") for place in ("file", "env") if key in known
    }
    return tuple(sorted(key for key in keys.model_fields_set if key not in known))


def with_keys(base: UserStoreRecord, keys: StoreKeys, read: ReadFiles) -> UserStoreRecord:
    """Return the record with every key that is stated; what is not stated stays as it is."""
    stated = {key: getattr(keys, key) for key in keys.model_fields_set - _APART}
    if isinstance(stated.get("url"), str):
        stated["url"] = _usual_spelling(stated["url"])
        if "tls" not in stated:
            stated |= _tls_of(stated["url"], base)
    record = _with_values(base, stated)
    return replace(record, connection=_with_the_rest(record.connection, keys, read))


def _with_values(record: Noun, stated: Mapping[str, object], path: str = "") -> Noun:
    changed: dict[str, Any] = {}
    for field, here in _fields(record, path):
        value, key = getattr(record, field.name), word_of(here)
        if is_dataclass(value):
            changed[field.name] = _with_values(value, stated, here)
        elif key in stated and here != "connection.schema":
            new = stated[key]
            empties = new == "" and type(None) in get_args(field.type)
            changed[field.name] = None if empties else tuple(new) if isinstance(new, list) else new
    return replace(record, **changed)  # type: ignore[type-var]


def _fields(record: object, path: str) -> list[tuple[Any, str]]:
    noun: Any = record
    return [
        (field, f"{path}.{field.name}" if path else field.name)
        for field in fields(noun)
        if field.name not in _OURS
    ]


def _with_the_rest(connection: StoreConnection, keys: StoreKeys, read: ReadFiles) -> StoreConnection:
    """Put in what comes from other files, and the table of attributes."""
    trusted = read.ca_certificates
    match connection:
        case LDAPConnection():
            taken = {connection.name_attribute.lower(), connection.stamp_attribute.lower()}
            return replace(
                connection,
                attributes=_merged(_usual_places(connection, keys), keys.attributes or {}, taken),
                bind_password=read.secret or connection.bind_password,
                ca_certificates=trusted or connection.ca_certificates,
            )
        case SQLConnection():
            attributes = _merged(connection.tables.attributes, keys.attributes or {}, set())
            return replace(
                connection,
                tables=replace(connection.tables, attributes=attributes),
                password=read.secret or connection.password,
                ca_certificates=trusted or connection.ca_certificates,
            )
        case OwnDatabase():
            return connection


def _usual_places(connection: LDAPConnection, keys: StoreKeys) -> Mapping[str, str]:
    """Return the places of attributes with the full name in the attribute by which people are shown."""
    if "display_name_attribute" not in keys.model_fields_set:
        return connection.attributes
    return {**connection.attributes, "name": connection.display_name_attribute}


def _merged(usual: Mapping[str, str], stated: Mapping[str, str], taken: set[str]) -> dict[str, str]:
    """Put the stated places over the usual ones; a usual place that holds the user name here gives way."""
    kept = {name: place for name, place in usual.items() if place.lower() not in taken}
    return {name: place for name, place in {**kept, **stated}.items() if place}


def _usual_spelling(url: str) -> str:
    scheme = scheme_of(url)
    return _OTHER_SPELLINGS.get(scheme, scheme) + url[len(scheme) :]


def _tls_of(url: str, base: UserStoreRecord) -> dict[str, TLSMode]:
    """Return the protection that goes with an address of another kind than before."""
    scheme = scheme_of(url)
    before = getattr(base.connection, "url", "")
    if scheme == scheme_of(before):
        return {}
    usual = {"ldap": TLSMode.START_TLS, FILE: TLSMode.NONE}
    return {"tls": usual.get(scheme, TLSMode.TLS)}
