"""Joins what we keep of a user with what the store itself holds: record and entry → user."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid5

from jitney.model.entry import Entry
from jitney.model.user import AttributeValue, GivenBy, Grant, Lock, Provenance, User, UserState
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.claim_mapping import VERIFIED_FLAGS
from jitney.provisioning.store_rules import canonical_username

LOCKED_THERE = "locked by the user store"
"""The reason of a lock that the store itself says."""

NOT_KEPT = datetime(1970, 1, 1, tzinfo=UTC)
"""When a user was made of whom we have no record: no store is asked for that."""

_STRANGERS = UUID("5c0a1c0e-6d3c-4b07-9b5e-3f6d2f4b8a11")
"""The namespace of the ids of users of whom we have no record; it never changes, or they would all be others."""

_Values = Mapping[str, tuple[AttributeValue, ...]]


@dataclass(frozen=True, slots=True)
class Seam:
    """What joining must know of a store.

    ``id`` is that of the operator's record; ``has_place_for`` says which attributes the store keeps;
    ``reads_groups`` whether an entry without groups is in none.
    """

    id: str
    description: UserStoreDescription
    has_place_for: Callable[[str], bool]
    reads_groups: bool = True

    @property
    def giver(self) -> Provenance:
        """Return who gave what stands there without our doing."""
        return Provenance(GivenBy.USER_STORE, self.description.domain)


def join(record: User, entry: Entry, seam: Seam) -> User:
    """Return a user whom we know, with the values, the groups and the state that the store says.

    The name, the id and the version are the record's: whoever is renamed in the store keeps the name here.
    An entry that was made for somebody else is not this user's, whatever its id: then the user is gone.
    """
    if entry.stamp is not None and entry.stamp != record.id and not _was_seen_first(record, entry, seam):
        return vanished(record)
    is_disabled = entry.is_disabled and record.state is UserState.ACTIVE
    return replace(
        record,
        state=UserState.DISABLED if is_disabled else record.state,
        lock=_longer(record.lock, _lock_of(entry)),
        attributes=_joined(record.attributes, entry, seam),
        roles=_held(record.roles, entry, seam),
        groups=_groups(entry, seam),
        has_password=_has_password(entry, is_ours=entry.stamp == record.id),
    )


def stranger(entry: Entry, seam: Seam) -> User:
    """Return a user who was seen in the store and of whom we keep nothing; the id is always the same one."""
    return User(
        id=_id_of_stranger(entry, seam),
        username=canonical_username(seam.description, entry.name),
        created=NOT_KEPT,
        state=UserState.DISABLED if entry.is_disabled else UserState.ACTIVE,
        lock=_lock_of(entry),
        attributes=_joined({}, entry, seam),
        groups=_groups(entry, seam),
        has_password=_has_password(entry, is_ours=False),
        version=0,
        entry=entry.id,
    )


def _was_seen_first(record: User, entry: Entry, seam: Seam) -> bool:
    """Say whether we know a user as a stranger of the store, whose entry anybody may have stamped."""
    return record.id == _id_of_stranger(entry, seam)


def _id_of_stranger(entry: Entry, seam: Seam) -> str:
    return str(uuid5(_STRANGERS, f"{seam.id}/{entry.id}"))


def _has_password(entry: Entry, *, is_ours: bool) -> bool:
    """Say whether somebody can come in by a password.

    Where the store does not tell, people of the directory have one, as people of directories do; whoever we made
    has one only if the store says so: a password that is not there must not count as a way in.
    """
    return entry.has_password is True or (entry.has_password is None and not is_ours)


def vanished(record: User) -> User:
    """Return a user whose entry is not there any more; nobody may be it, and an operator may remove it."""
    return replace(record, state=UserState.GONE, has_password=False)


def _joined(kept: _Values, entry: Entry, seam: Seam) -> _Values:
    """Take from the store what it has a place for, and the rest from the record."""
    attributes = {name: values for name, values in kept.items() if not seam.has_place_for(name)}
    for name, values in entry.attributes.items():
        if values:
            attributes[name] = _attributed(values, kept.get(name, ()), seam.giver)
    return {name: values for name, values in attributes.items() if _counts(name, attributes, kept)}


def _attributed(
    values: tuple[str, ...], kept: tuple[AttributeValue, ...], giver: Provenance
) -> tuple[AttributeValue, ...]:
    """Say of each value who gave it; those of the record come first, in its order: directories have none."""
    there = set(values)
    known = [value for value in kept if value.value in there]
    others = there - {value.value for value in known}
    news = (AttributeValue(value, giver) for value in dict.fromkeys(values) if value in others)
    return (*known, *news)


def _counts(name: str, attributes: _Values, kept: _Values) -> bool:
    """Say whether a value may be used: of a flag that something was verified, only if it speaks of what is there.

    The attack: somebody proves an address, then writes another one into the directory, where they may, and the
    flag that was given for the first one vouches for the second (R-006).
    """
    of = VERIFIED_FLAGS.get(name)
    if of is None or (name not in kept and of not in kept):
        return True
    return _bare(attributes.get(of, ())) == _bare(kept.get(of, ()))


def _bare(values: Iterable[AttributeValue]) -> frozenset[str]:
    return frozenset(value.value for value in values)


def _groups(entry: Entry, seam: Seam) -> tuple[Grant, ...]:
    return tuple(Grant(name, seam.giver) for name in sorted(set(entry.groups)))


def _held(roles: tuple[Grant, ...], entry: Entry, seam: Seam) -> tuple[Grant, ...]:
    """Leave out the roles that are groups of the store (``ENG/staff``) in which the person is not any more."""
    if not seam.reads_groups:
        return roles
    prefix = f"{seam.description.domain}/"
    there = {group.casefold() for group in entry.groups}
    return tuple(
        role for role in roles
        if not role.name.startswith(prefix) or role.name.removeprefix(prefix).casefold() in there
    )  # fmt: skip


def _lock_of(entry: Entry) -> Lock | None:
    if entry.locked_since is None:
        return None
    return Lock(LOCKED_THERE, entry.locked_since, entry.locked_until)


def _longer(ours: Lock | None, theirs: Lock | None) -> Lock | None:
    """Return the lock that holds longer, so that one that has run out hides none that is in force (R-048)."""
    if ours is None or theirs is None:
        return ours or theirs
    if ours.until is None:
        return ours
    return theirs if theirs.until is None or theirs.until > ours.until else ours
