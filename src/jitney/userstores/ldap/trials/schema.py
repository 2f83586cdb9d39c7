"""Tries whether a directory's schema has room for the entries that we would make."""

import asyncio

from jitney.model.diagnosis import Finding, Step
from jitney.model.entry import NewEntry
from jitney.model.user_store_record import LDAPConnection, StoreSchema
from jitney.userstores.ldap.directory import Directory
from jitney.userstores.ldap.wire.answers import Found
from jitney.userstores.ldap.wire.connection import BASE, DirectoryConnection, Search
from jitney.userstores.ldap.wire.library import LIBRARY
from jitney.userstores.ldap.wire.searching import search_dn, search_few
from jitney.userstores.ldap.writing import EntryWriter

_OF_SCHEMA = ("objectClasses", "attributeTypes", "dITContentRules")


async def try_schema(connection: DirectoryConnection, directory: Directory) -> Step:
    """Return how the step ``schema`` went; raises ``UserStoreUnavailable`` and ``Unanswered``."""
    root = await search_few(connection, Search("", attributes=("subschemaSubentry",), scope=BASE))
    place = next((dn for found in root if (dn := found.first("subschemaSubentry"))), None)
    schema = await search_dn(connection, place, _OF_SCHEMA) if place else None
    if schema is None or not schema.raw("objectClasses"):
        sentence = (
            "The directory does not show its schema: whether it takes new people is seen when one comes."
        )
        return Step("schema", Finding.DOUBTFUL, sentence, "user_store_schema_hidden")
    record = directory.connection
    writer = EntryWriter(record, directory.dialect)
    trial = NewEntry("trial", "trial", dict.fromkeys(record.attributes, ("trial",)))
    return await asyncio.to_thread(_judge, schema, record, frozenset(writer.new(trial, writer.dn("trial"))))


def _judge(schema: Found, record: LDAPConnection, written: frozenset[str]) -> Step:
    """Read the schema, which is long."""
    known = LIBRARY.schema.SubSchema({name: list(schema.raw(name)) for name in _OF_SCHEMA}, 0)
    for name in record.object_classes:
        if known.get_obj(LIBRARY.schema.ObjectClass, name) is None:
            return _bad(f"The directory knows no object class {name}: correct the list of object classes.")
    must, may = known.attribute_types(record.object_classes, raise_keyerror=0)
    names = {name.lower() for kind in [*must.values(), *may.values()] for name in kind.names}
    for name in [record.stamp_attribute, record.name_attribute, *record.attributes.values()]:
        if name.lower() not in names:
            return _bad(
                f"People of these object classes cannot have the attribute {name}: "
                "choose another, or add an object class that allows it."
            )
    if record.schema is StoreSchema.LDAP:
        had = {name.lower() for name in written} | {"objectclass"}
        for kind in must.values():
            if not had & {name.lower() for name in kind.names}:
                return _bad(
                    f"People of these object classes must have the attribute {kind.names[0]}, "
                    "and nothing is mapped to it."
                )
    return Step("schema", Finding.GOOD, "The schema has room for new people and for our stamp.")


def _bad(sentence: str) -> Step:
    return Step("schema", Finding.BAD, sentence, "user_store_schema_unfit")
