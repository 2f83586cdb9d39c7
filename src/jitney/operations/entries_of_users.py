"""What an entry shall hold of a user: values that have a place in the store, and memberships of its groups."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from jitney.model.changes import AddUser, Change
from jitney.model.entry import EntryChanges, NewEntry
from jitney.model.user import Grant, User, UserChanges, UserState
from jitney.ports import EntryStore


def new_entry(user: User, entries: EntryStore) -> NewEntry:
    """Return the entry to make for a user; what the store has no place for stays in our record alone."""
    attributes = {
        name: user.values(name) for name, values in user.attributes.items()
        if values and entries.has_place_for(name)
    }  # fmt: skip
    return NewEntry(user.id, user.username.name, attributes, groups_of(user.roles, user.username.domain))


def entry_changes(user: User, changes: UserChanges, entries: EntryStore) -> EntryChanges:
    """Return what changes on the entry of a user."""
    domain = user.username.domain
    attributes = {
        name: tuple(value.value for value in values)
        for name, values in changes.attributes.items()
        if entries.has_place_for(name)
    }
    kept = {grant.name for grant in user.roles if grant not in changes.roles_removed}
    left = groups_of((grant for grant in changes.roles_removed if grant.name not in kept), domain)
    return EntryChanges(attributes, groups_of(changes.roles_added, domain), left)


def groups_of(roles: Iterable[Grant], domain: str) -> tuple[str, ...]:
    """Return the groups of a store among roles: those that are named after its domain, as in ``ENG/staff``."""
    prefix = f"{domain}/"
    names = (grant.name.removeprefix(prefix) for grant in roles if grant.name.startswith(prefix))
    return tuple(dict.fromkeys(names))


def recorded(user: User, now: datetime) -> tuple[User, tuple[Change, ...]]:
    """Return a user of whom we have a record, and the change that makes one where there is none yet.

    Whoever was only seen in a directory has no row here that a session, a link or a lock could hold on to.
    """
    if user.version:
        return user, ()
    return replace(user, version=1), (AddUser(new_record(user, now)),)


def new_record(seen: User, now: datetime) -> User:
    """Return the record to make, at ``now``, of a user who was only seen.

    It keeps no value and no state of the directory's: those are read there, and what is lifted there must not live
    on here.
    """
    return replace(
        seen,
        version=1,
        created=now,
        state=UserState.ACTIVE,
        lock=None,
        attributes={},
        roles=(),
        groups=(),
        has_password=False,
    )
