"""Rows of a user: how a user, its attributes and its grants stand in the tables."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from jitney.database.database import Row
from jitney.database.moments import from_micros, to_micros
from jitney.errors import InvalidInput
from jitney.model.user import AttributeValue, GivenBy, Grant, Lock, Provenance, User, Username, UserState

ROLE: Final = "role"
GROUP: Final = "group"
_GIVERS = {given_by.value: given_by for given_by in GivenBy}
_STATES = {state.value: state for state in UserState}


def user_row(user: User, password_hash: str | None) -> dict[str, Any]:
    """Return the row of a user; whether there is a password is said by its hash alone."""
    return {
        "id": user.id,
        "domain": user.username.domain,
        "name": user.username.name,
        "name_key": user.username.key,
        "created": to_micros(user.created),
        **state_columns(user.state, user.lock),
        "password_hash": password_hash,
        "origin": user.origin,
        "version": user.version,
        "entry": user.entry,
        "has_second_factor": user.has_second_factor,
    }


def state_columns(state: UserState, lock: Lock | None) -> dict[str, Any]:
    """Return the columns that say whether the account may be used."""
    return {
        "state": state.value,
        "lock_reason": None if lock is None else lock.reason,
        "lock_since": None if lock is None else to_micros(lock.since),
        "lock_until": None if lock is None else to_micros(lock.until),
    }


def attributes_json(attributes: Mapping[str, tuple[AttributeValue, ...]]) -> str:
    """Return all values as JSON, one list for each: name, position, value, who gave it, by id.

    Raises ``InvalidInput`` (``value_not_storable``).
    """
    return _json(
        (name, position, value.value, value.provenance.given_by.value, value.provenance.id)
        for name, values in attributes.items()
        for position, value in enumerate(values)
    )


def grants_json(roles: Iterable[Grant], groups: Iterable[Grant]) -> str:
    """Return all grants as JSON, one list for each: kind, name, who gave it, by id."""
    return _json(
        (kind, grant.name, grant.provenance.given_by.value, grant.provenance.id)
        for kind, grants in ((ROLE, roles), (GROUP, groups))
        for grant in grants
    )


def entries_json(entries: Iterable[str]) -> str:
    """Return ids of entries as JSON, one list.

    Raises ``InvalidInput`` (``value_not_storable``).
    """
    return _json(entries)


def user_of(row: Row) -> User:
    """Return the user of a row that brings its attributes and grants along as JSON."""
    attributes: dict[str, tuple[AttributeValue, ...]] = {}
    # A database may gather the values in any order; sorted by name and position they are as they were
    # written.
    for name, _, value, given_by, giver in sorted(orjson.loads(row["attributes"] or "[]")):
        each = AttributeValue(value, Provenance(_GIVERS[given_by], giver))
        attributes[name] = (*attributes.get(name, ()), each)
    grants: dict[str, list[Grant]] = {ROLE: [], GROUP: []}
    for kind, name, given_by, giver in sorted(orjson.loads(row["grants"] or "[]")):
        grants[kind].append(Grant(name, Provenance(_GIVERS[given_by], giver)))
    return User(
        id=row["id"],
        username=Username(row["domain"], row["name"], row["name_key"]),
        created=from_micros(int(row["created"])),
        state=_STATES[row["state"]],
        lock=_lock(row),
        attributes=attributes,
        roles=tuple(grants[ROLE]),
        groups=tuple(grants[GROUP]),
        has_password=bool(row["has_password"]),
        origin=row["origin"],
        version=row["version"],
        entry=row["entry"],
        has_second_factor=bool(row["has_second_factor"]),
    )


def _lock(row: Row) -> Lock | None:
    if row["lock_reason"] is None:
        return None
    return Lock(row["lock_reason"], from_micros(int(row["lock_since"])), from_micros(row["lock_until"]))


def _json(values: Iterable[str | tuple[object, ...]]) -> str:
    """Encode; a NUL is refused here, since no database takes it out of JSON unharmed."""
    rows = list(values)
    parts = (part for row in rows for part in ((row,) if isinstance(row, str) else row))
    if any("\0" in part for part in parts if isinstance(part, str)):
        raise _not_storable()
    try:
        return orjson.dumps(rows).decode()
    except TypeError as error:
        raise _not_storable() from error


def _not_storable() -> InvalidInput:
    return InvalidInput("value_not_storable", "The input holds characters or numbers that cannot be stored.")
