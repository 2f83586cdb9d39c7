"""What a connection to a directory must be before it may be saved: every fault at once (pure)."""

from collections.abc import Iterator

from jitney.administration.mapping_rules import find_mapping_faults
from jitney.administration.stores.directory_syntax import (
    find_filter_fault,
    find_name_filter_fault,
    is_attribute_name,
    is_below,
    is_object_class,
    parse_dn,
)
from jitney.administration.stores.store_addresses import find_directory_url_fault, find_tls_fault, scheme_of
from jitney.administration.stores.store_bounds import find_bound_faults
from jitney.model.user_store_record import LDAPConnection, LDAPGroups, StoreSchema, TLSMode

NEVER_MAPPED_TO = frozenset(
    {
        "objectclass", "userpassword", "unicodepwd", "useraccountcontrol", "pwdaccountlockedtime",
        "pwdchangedtime", "pwdstarttime", "pwdendtime", "pwdreset", "lockouttime", "accountexpires",
        "nsaccountlock", "accountunlocktime", "memberof", "distinguishedname",
    }
)  # fmt: skip
"""Attributes of a directory that decide who may sign in: no sync may write them."""

_NAMES = {
    "name_attribute": "such as uid or sAMAccountName",
    "id_attribute": "such as entryUUID or objectGUID",
    "stamp_attribute": "such as labeledURI or adminDescription",
    "display_name_attribute": "such as cn or displayName",
}
_PLACE = "jitneyplace"


def find_directory_faults(
    connection: LDAPConnection, *, read_only: bool, plain_allowed: bool
) -> Iterator[tuple[str, str]]:
    """Tell what is wrong with a connection, each with its field; whether there is a secret is not asked here."""
    if fault := find_directory_url_fault(connection.url):
        yield "url", fault
    elif fault := find_tls_fault(scheme_of(connection.url), connection.tls, plain_allowed=plain_allowed):
        yield "tls", fault
    if connection.ca_certificates is not None and connection.tls is TLSMode.NONE:
        yield "ca_certificates", "Certificates have no use where the connection is not protected."
    if not _names_an_account(connection):
        yield "bind_dn", "The account that reads the directory is needed as a DN, such as cn=jitney,dc=acme."
    for field in ("user_base", "groups.base"):
        text = connection.user_base if field == "user_base" else connection.groups.base
        if text is not None and parse_dn(text) is None:
            yield field, "This is not a distinguished name, such as ou=people,dc=acme,dc=example."
    yield from _people_faults(connection)
    yield from _dn_pattern_faults(connection)
    taken = {
        connection.name_attribute: "the user name",
        connection.id_attribute: "the id of the entry",
        connection.stamp_attribute: "the stamp of Jitney",
        connection.groups.member_of or "": "the groups",
    }
    yield from find_mapping_faults(
        connection.attributes, is_place=is_attribute_name, taken=taken, never=NEVER_MAPPED_TO
    )
    yield from ((f"groups.{key}", text) for key, text in _group_faults(connection.groups, read_only))
    yield from find_bound_faults(
        connection, connect_seconds=(0.1, 30), read_seconds=(0.1, 60), page_size=(1, 1000), pool_size=(1, 100)
    )


def _names_an_account(connection: LDAPConnection) -> bool:
    """Say whether the account can be bound with; Active Directory also takes ``name@domain``."""
    if connection.schema is StoreSchema.ACTIVE_DIRECTORY and "@" in connection.bind_dn.strip("@"):
        return connection.bind_dn.isprintable() and " " not in connection.bind_dn
    return parse_dn(connection.bind_dn) is not None


def _people_faults(connection: LDAPConnection) -> Iterator[tuple[str, str]]:
    if fault := find_filter_fault(connection.user_filter):
        yield "user_filter", fault
    if connection.name_filter is not None and (fault := find_name_filter_fault(connection.name_filter)):
        yield "name_filter", fault
    if not connection.object_classes or not all(map(is_object_class, connection.object_classes)):
        yield "object_classes", "An object class is needed for entries that are made, such as inetOrgPerson."
    for field, sample in _NAMES.items():
        if not is_attribute_name(getattr(connection, field)):
            yield field, f"This is not the name of an attribute, {sample}."
    stamp = connection.stamp_attribute.lower()
    others = (connection.name_attribute, connection.id_attribute, connection.display_name_attribute)
    if stamp in {one.lower() for one in others}:
        yield "stamp_attribute", "The stamp needs an attribute of its own, which nobody else writes."


def _dn_pattern_faults(connection: LDAPConnection) -> Iterator[tuple[str, str]]:
    pattern, base = connection.dn_pattern, parse_dn(connection.user_base)
    if pattern is None:
        return
    dn = parse_dn(pattern.replace("{0}", _PLACE))
    if "{0}" not in pattern:
        yield "dn_pattern", "{0} is missing: it stands for the user name, as in uid={0},ou=people,dc=acme."
    elif dn is None or pattern.count("{0}") > 1 or not any(_PLACE in value for _, value in dn[0]):
        yield "dn_pattern", "This is not a DN whose first part holds {0}, as in uid={0},ou=people,dc=acme."
    elif base is not None and not is_below(dn, base):
        yield "dn_pattern", "New entries must stand below the user base, or they would not be found again."


def _group_faults(groups: LDAPGroups, read_only: bool) -> Iterator[tuple[str, str]]:
    if groups.may_be_written and read_only:
        yield "may_be_written", "A read-only store writes no groups either."
    elif groups.may_be_written and groups.base is None:
        yield "may_be_written", "To write groups the base below which they stand is needed."
    if fault := find_filter_fault(groups.filter):
        yield "filter", fault
    if not is_object_class(groups.object_class):
        yield "object_class", "This is not the name of an object class, such as groupOfNames."
    for field in ("name_attribute", "members", "member_of"):
        name = getattr(groups, field)
        if name is not None and not is_attribute_name(name):
            yield field, "This is not the name of an attribute."
