"""Tries whether people and groups can be read."""

from jitney.model.diagnosis import Finding, Step
from jitney.model.user_store_record import LDAPGroups
from jitney.userstores.ldap.directory import Directory
from jitney.userstores.ldap.wire.connection import DirectoryConnection, Search
from jitney.userstores.ldap.wire.searching import search_dn, search_few


async def try_base(opened: DirectoryConnection, base: str) -> Step:
    """Return how the step ``base`` went; raises ``UserStoreUnavailable`` and ``Unanswered``."""
    if await search_dn(opened, base, ("1.1",)) is None:
        sentence = "There is no entry of the user base: correct its DN, or let the account read it."
        return Step("base", Finding.BAD, sentence, "user_store_base_missing")
    return Step("base", Finding.GOOD, "The user base is there.")


async def try_people(opened: DirectoryConnection, directory: Directory) -> Step:
    """Look at one person; return how the step ``read`` went.

    Raises ``UserStoreUnavailable`` and ``Unanswered``.
    """
    connection = directory.connection
    found = await search_few(opened, directory.people(at_most=1))
    if not found:
        sentence = "Nobody below the user base fits the user filter; in a new directory that is right."
        return Step("read", Finding.DOUBTFUL, sentence, "user_store_nobody_found")
    missing = [
        attribute
        for attribute in (connection.id_attribute, connection.name_attribute)
        if not found[0].raw(attribute)
    ]
    if missing:
        sentence = (
            f"The account cannot read {' and '.join(missing)} of people: let it, or name other attributes."
        )
        return Step("read", Finding.BAD, sentence, "user_store_answer_unreadable")
    return Step("read", Finding.GOOD, "People can be read.")


async def try_groups(opened: DirectoryConnection, groups: LDAPGroups) -> Step:
    """Return how the step ``groups`` went; raises ``UserStoreUnavailable`` and ``Unanswered``."""
    base = groups.base or ""
    if await search_dn(opened, base, ("1.1",)) is None:
        sentence = "There is no entry of the group base: correct its DN, or let the account read it."
        return Step("groups", Finding.BAD, sentence, "user_store_base_missing")
    found = await search_few(opened, Search(base, groups.filter, (groups.name_attribute,)))
    if not any(one.raw(groups.name_attribute) for one in found):
        sentence = "No group below the group base fits the group filter."
        return Step("groups", Finding.DOUBTFUL, sentence, "user_store_no_group_found")
    return Step("groups", Finding.GOOD, "Groups can be read.")
