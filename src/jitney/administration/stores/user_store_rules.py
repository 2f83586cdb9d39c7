"""What a user store must be before it may be saved: every fault at once (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from jitney.administration.differences import changed_fields
from jitney.administration.faults_by_field import gather
from jitney.administration.stores.database_rules import find_database_faults
from jitney.administration.stores.directory_rules import find_directory_faults
from jitney.administration.stores.store_addresses import FILE, scheme_of
from jitney.administration.stores.store_bounds import find_bound_faults, find_certificate_fault
from jitney.administration.text_lengths import with_length_faults
from jitney.errors import Misconfigured
from jitney.model.user import PRIMARY
from jitney.model.user_store import RESERVED_DOMAINS, NamePattern, UserStoreDescription
from jitney.model.user_store_record import (
    LDAPConnection,
    OwnDatabase,
    SQLConnection,
    TLSMode,
    UserStoreRecord,
)
from jitney.provisioning.store_rules import RulesOf, Verdict

_DOMAIN = re.compile(r"[A-Z0-9](?:[A-Z0-9.-]{0,48}[A-Z0-9])?")
_PATTERNS = ("username", "password", "role")
_SLOW = ("a" * 40 + "!", "1" * 40 + "!", "-" * 40 + "!")
"""Names against which a pattern is tried that could run for ever."""

_SETTLED = (
    "description.case_insensitive_usernames", "connection.schema", "connection.id_attribute",
    "connection.stamp_attribute", "connection.tables.users", "connection.tables.id_column",
    "connection.tables.stamp_column",
)  # fmt: skip
"""Fields by which the users of a store are known again: they hold while accounts rest on them."""


_IDS_OF_THE_WORLD = frozenset({"entryuuid", "objectguid", "nsuniqueid", "ipauniqueid", "guid"})
"""Attributes, in lower case, whose values no two entries of any two directories share."""


@dataclass(frozen=True, slots=True)
class StoreSurroundings:
    """What a user store is judged against; ``plain_connections_allowed_risky`` is for development."""

    rules_of: RulesOf
    plain_connections_allowed_risky: bool = False


def find_faults(record: UserStoreRecord, surroundings: StoreSurroundings) -> dict[str, str]:
    """Return what is wrong, field by field (``connection.url``); empty where all is well."""
    return with_length_faults(gather(_faults(record, surroundings)), record)


def find_edit_faults(present: UserStoreRecord, wanted: UserStoreRecord, *, accounts: int) -> dict[str, str]:
    """Return what may not change any more; ``accounts`` is how many users of the store are known here.

    The attack, by mistake: with another id attribute every linked person is somebody else, or nobody.
    """
    if type(present.connection) is not type(wanted.connection):
        return {"connection": "The kind of a user store does not change. Add another one."}
    changed = set(changed_fields(present, wanted)).intersection(_SETTLED)
    text = f"{accounts} accounts are known by the present value, and would not be found again."
    return dict.fromkeys((field for field in _SETTLED if field in changed), text) if accounts else {}


def find_move_faults(present: UserStoreRecord, wanted: UserStoreRecord, *, accounts: int) -> dict[str, str]:
    """Return the fields that lead to another place whose ids may be other people's.

    The attack, or the mistake: another database has other people under the same numbers, and each comes in as the
    one whom we know by that number.
    Ids that are unique in the whole world cannot be confused, so a directory that has such may move.
    """
    if not accounts or _has_ids_of_the_world(wanted):
        return {}
    moved = set(changed_fields(present, wanted)).intersection({"connection.url", "connection.user_base"})
    text = (
        f"{accounts} accounts are known by the ids of the present place. If the new one holds the same people "
        "under the same ids, say so: tick that box, or jitney store edit … --same-people."
    )
    return dict.fromkeys(sorted(moved), text)


def _has_ids_of_the_world(record: UserStoreRecord) -> bool:
    match record.connection:
        case LDAPConnection(id_attribute=attribute):
            return attribute.lower() in _IDS_OF_THE_WORLD
        case _:
            return False


def secret_field(record: UserStoreRecord) -> str:
    """Return the name of the field in which the secret stands, that of a directory where there is none."""
    of_database = isinstance(record.connection, SQLConnection)
    return "connection.password" if of_database else "connection.bind_password"


def lacks_secret(record: UserStoreRecord) -> bool:
    """Say whether a store cannot be opened before somebody gives its password."""
    connection = record.connection
    needed = not isinstance(connection, OwnDatabase) and scheme_of(connection.url) != FILE
    return needed and record.secret is None


def find_warnings(record: UserStoreRecord, surroundings: StoreSurroundings) -> tuple[str, ...]:
    """Return sentences about what is allowed and yet worth a second look, each with its field."""
    return tuple(f"{field}: {text}" for field, text in _warnings(record, surroundings))


def _faults(record: UserStoreRecord, surroundings: StoreSurroundings) -> Iterator[tuple[str, str]]:
    store, plain = record.description, surroundings.plain_connections_allowed_risky
    yield from ((f"description.{key}", text) for key, text in _description_faults(store, surroundings))
    match record.connection:
        case LDAPConnection() as directory:
            found = find_directory_faults(directory, read_only=store.read_only, plain_allowed=plain)
        case SQLConnection() as database:
            found = find_database_faults(database, read_only=store.read_only, plain_allowed=plain)
        case OwnDatabase():
            found = iter(())
    yield from ((f"connection.{key}", text) for key, text in found)
    yield from _protection_faults(record)
    if len(record.note) > 500 or not record.note.replace("\n", "").isprintable():
        yield "note", "A note has at most 500 printable characters."


def _protection_faults(record: UserStoreRecord) -> Iterator[tuple[str, str]]:
    connection = record.connection
    if isinstance(connection, OwnDatabase):
        return
    pem = connection.ca_certificates
    if pem is not None and (fault := find_certificate_fault(pem)):
        yield "connection.ca_certificates", fault
    if record.description.enabled and lacks_secret(record):
        yield secret_field(record), "A store that is enabled needs its password."
    if record.secret is not None and not record.secret.strip():
        # RFC 4513 5.1.2: a bind with an empty password succeeds, and proves nothing.
        yield secret_field(record), "A blank password opens nothing."


def _description_faults(
    store: UserStoreDescription, surroundings: StoreSurroundings
) -> Iterator[tuple[str, str]]:
    if _DOMAIN.fullmatch(store.domain) is None:
        yield "domain", "A domain has 1 to 50 letters, digits and the characters - and . inside, and no _."
    elif store.domain in RESERVED_DOMAINS | {PRIMARY}:
        yield "domain", f"{store.domain} is a domain with a meaning of its own."
    for name in _PATTERNS:
        one: NamePattern = getattr(store, name)
        if fault := _pattern_fault(one.pattern, surroundings.rules_of):
            yield f"{name}.pattern", fault
        if not one.message.strip() or len(one.message) > 500 or not one.message.isprintable():
            yield f"{name}.message", "The sentence about a violation has 1 to 500 printable characters."
        script: str | None = getattr(store, f"{name}_script_pattern")
        if script is not None and (fault := _pattern_fault(script, surroundings.rules_of)):
            yield f"{name}_script_pattern", fault
    if not 1 <= len(store.multi_value_separator) <= 10 or not store.multi_value_separator.isprintable():
        yield "multi_value_separator", "What separates several values has 1 to 10 printable characters."
    yield from find_bound_faults(store, most_users_listed=(1, 100), most_roles_listed=(1, 1000))


def _pattern_fault(pattern: str, rules_of: RulesOf) -> str | None:
    if not pattern:
        return "A pattern is needed; .* lets everything pass."
    try:
        rules_of(_with_pattern(pattern))
    except Misconfigured as fault:
        return f"This pattern cannot be understood: {fault.details.get('why', fault.sentence)}."
    return None


def _with_pattern(pattern: str) -> UserStoreDescription:
    """Return a description in which this pattern alone could be wrong."""
    return replace(UserStoreDescription(PRIMARY), username=NamePattern(pattern, ""))


def _warnings(record: UserStoreRecord, surroundings: StoreSurroundings) -> Iterator[tuple[str, str]]:
    for name in _PATTERNS:
        pattern = getattr(record.description, name).pattern
        matcher = surroundings.rules_of(_with_pattern(pattern)).username
        if any(matcher(text) is Verdict.TIMED_OUT for text in _SLOW):
            yield f"description.{name}", "some texts keep this pattern busy for too long; those are refused."
    match record.connection:
        case LDAPConnection(tls=TLSMode.NONE):
            yield "connection.tls", "passwords travel unprotected; for development alone."
        case SQLConnection(tls=TLSMode.NONE, url=url) if scheme_of(url) != FILE:
            yield "connection.tls", "what is read and written travels unprotected; for development alone."
        case _:
            pass
    if lacks_secret(record):
        yield secret_field(record), "no password is set; enabling the store needs one."
    tables = record.connection.tables if isinstance(record.connection, SQLConnection) else None
    if tables is not None and tables.name_key_column is None and not record.description.read_only:
        yield (
            "connection.tables.name_key_column",
            "without a key column the table alone decides which names are the same.",
        )
