"""Tries whether the service account may make entries, without making one.

OpenLDAP's control for that has a trap. A database numbers each attribute when it is first used, and after a write
that was checked and not carried out OpenLDAP goes on using numbers which it has not kept: what is written next is
read under the name of another attribute, or can never be read again. So the entry that is tried has no attribute
but those that its neighbour has, to which no number is given any more; without a neighbour nothing is tried.
"""

from jitney.model.diagnosis import Finding, Step
from jitney.model.entry import NewEntry
from jitney.model.user_store_record import StoreSchema
from jitney.userstores.ldap.directory import Directory
from jitney.userstores.ldap.wire.answers import Code, Refused
from jitney.userstores.ldap.wire.connection import BASE, CHILDREN, DirectoryConnection, Search
from jitney.userstores.ldap.wire.controls import no_operation
from jitney.userstores.ldap.wire.faults import fault_in_writing
from jitney.userstores.ldap.wire.names import parent_of
from jitney.userstores.ldap.wire.searching import search_dn, search_few
from jitney.userstores.ldap.writing import EntryWriter

_CHECKED = frozenset({0x410E})
_CONTROL_UNKNOWN = 12
_INCOMPLETE = frozenset({64, 65})
_GIVEN_BY_OPENLDAP = frozenset(
    {
        "structuralobjectclass", "entryuuid", "creatorsname", "createtimestamp", "entrycsn", "modifiersname",
        "modifytimestamp",
    }
)  # fmt: skip
"""What it adds to every entry."""

_MAY_CREATE = "allowedChildClassesEffective"
_NOT_TOLD = Step(
    "write", Finding.DOUBTFUL,
    "A write that leaves nothing behind cannot be tried here: the first new person shows whether it works.",
    "user_store_write_not_tried",
)  # fmt: skip
_GOOD = Step("write", Finding.GOOD, "The account may add people.")

_ADVICE = {
    "user_store_permission_denied": "The account may not add people below the user base: let it.",
    "user_store_refuses_writes": "The directory takes no writes: ask one that does, or make the store read-only.",
    "user_store_full": "The directory has no room left.",
    "user_store_base_missing": "The place for new people does not exist: correct the user base or the DN pattern.",
}


async def try_write(connection: DirectoryConnection, directory: Directory, trial_id: str) -> Step:
    """Return how the step ``write`` went; ``trial_id`` is a random name that nobody has.

    Raises ``UserStoreUnavailable`` and ``Unanswered``.
    """
    if directory.connection.schema is StoreSchema.ACTIVE_DIRECTORY:
        return await _ask_active_directory(connection, directory)
    writer = EntryWriter(directory.connection, directory.dialect)
    dn = writer.dn(trial_id)
    parent = parent_of(dn)
    if await search_dn(connection, parent, ("1.1",)) is None:
        return _bad("user_store_base_missing")
    known = await _attributes_of_a_neighbour(connection, directory, parent)
    if not known >= _GIVEN_BY_OPENLDAP:
        return _NOT_TOLD
    written = writer.new(NewEntry(trial_id, trial_id), dn)
    attributes = [(name, values) for name, values in written.items() if values and name.lower() in known]
    try:
        await connection.add(dn, attributes, controls=(no_operation(),))
    except Refused as refused:
        is_incomplete = refused.code in _INCOMPLETE and len(attributes) < len(written)
        return _NOT_TOLD if is_incomplete else _judge(refused)
    # It should not have been carried out, and was.
    await connection.delete(dn)
    return _GOOD


async def _attributes_of_a_neighbour(
    connection: DirectoryConnection, directory: Directory, parent: str
) -> frozenset[str]:
    """Return the names of all attributes of somebody who stands where new people go; none where nobody does.

    Raises ``UserStoreUnavailable`` and ``Unanswered``.
    """
    people = directory.connection.user_filter
    for scope in (CHILDREN, BASE):
        for found in await search_few(connection, Search(parent, people, ("*", "+"), scope)):
            return frozenset(found.attributes)
    return frozenset()


def _judge(refused: Refused) -> Step:
    if refused.code in _CHECKED:
        return _GOOD
    if refused.code == _CONTROL_UNKNOWN:
        return _NOT_TOLD
    other = f"The directory would not take a new person (result code {int(refused.code)}): see the object classes."
    return _bad(fault_in_writing(refused).code, other)


def _bad(code: str, otherwise: str = "") -> Step:
    return Step("write", Finding.BAD, _ADVICE.get(code, otherwise), code)


async def _ask_active_directory(connection: DirectoryConnection, directory: Directory) -> Step:
    """Active Directory says itself what the account may create somewhere (MS-ADTS 3.1.1.4.5.22)."""
    base = await search_dn(connection, directory.connection.user_base, (_MAY_CREATE,))
    if base is None:
        return _NOT_TOLD
    if "user" in {name.lower() for name in base.texts(_MAY_CREATE)}:
        return _GOOD
    return _judge(Refused(Code.INSUFFICIENT_ACCESS))
