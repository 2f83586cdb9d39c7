"""The user store in our own database: reads its users, and renders the changes of users for the unit of work."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from jitney.database.database import Database, Row
from jitney.database.moments import to_micros
from jitney.database.rendering import Render, Rendering
from jitney.database.statements import Write
from jitney.model.changes import (
    AddUser,
    ChangeUser,
    PublishUser,
    RehashPassword,
    RemoveRole,
    RemoveUser,
    RequireUser,
    SetHasSecondFactor,
    SetPassword,
    SetUserState,
)
from jitney.model.user import User
from jitney.model.user_store import UserStoreDescription
from jitney.userstores import statements as sql
from jitney.userstores.folding import fold
from jitney.userstores.tables import GUARDS, INDEXED_START, NEVER_IDENTIFYING
from jitney.userstores.user_rows import (
    ROLE,
    attributes_json,
    entries_json,
    grants_json,
    state_columns,
    user_of,
    user_row,
)

MOST_ON_A_PAGE = 100
_PAGE = 1000


class SQLUserStore:
    """One user store in our own database; several may share the tables, each under its domain."""

    entries = None

    def __init__(self, database: Database, description: UserStoreDescription) -> None:
        self._database = database
        self._description = description

    @property
    def records(self) -> "SQLUserStore":
        """Return this store: all that there is of its users is our own."""
        return self

    @property
    def description(self) -> UserStoreDescription:
        """Return the store's name, state and rules."""
        return self._description

    async def find(self, user_id: str) -> User | None:
        """Find by immutable id; grants come in the order of their names."""
        row = await self._database.fetch_one(sql.FIND, id=user_id, domain=self._description.domain)
        return None if row is None else user_of(row)

    async def find_by_name_key(self, key: str) -> User | None:
        """Find by the canonical form of the name."""
        row = await self._database.fetch_one(
            sql.FIND_BY_NAME_KEY, name_key=key, domain=self._description.domain
        )
        return None if row is None else user_of(row)

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> Sequence[User]:
        """Find the users one of whose values is this one, by name key; ASCII letters compare without case.

        Quick at any number of users, but for the attributes that are ``NEVER_IDENTIFYING``.
        """
        folded = fold(value)
        rows = await self._database.fetch(
            sql.FIND_BY_ANY_VALUE if attribute in NEVER_IDENTIFYING else sql.FIND_BY_INDEXED_VALUE,
            domain=self._description.domain,
            name=attribute,
            start=folded[:INDEXED_START],
            folded=folded,
            limit=max(0, min(limit, MOST_ON_A_PAGE)),
        )
        return [user_of(row) for row in rows]

    async def find_by_entries(self, entries: Sequence[str]) -> Mapping[str, User]:
        """Find the users whose record names one of these entries, by entry; all in one statement.

        ``entries`` are ids as the store outside our database gave them; whoever asks bounds their number (R-151).
        Raises ``InvalidInput`` (``value_not_storable``).
        """
        if not entries:
            return {}
        rows = await self._database.fetch(
            sql.FIND_BY_ENTRIES, domain=self._description.domain, entries=entries_json(entries)
        )
        return {row["entry"]: user_of(row) for row in rows}

    async def find_repeated(self, attribute: str) -> str | None:
        """Return a value that two users share, its ASCII letters in lower case; ``None`` where all differ.

        Reads the whole index, but for the attributes that are ``NEVER_IDENTIFYING``.
        """
        domain = self._description.domain
        if attribute in NEVER_IDENTIFYING:
            row = await self._database.fetch_one(sql.REPEATED_VALUE, domain=domain, name=attribute)
            return None if row is None else row["folded"]
        start, holders = "", dict[str, str]()
        async for row in self._indexed_values(attribute):
            if row["start"] != start:
                start, holders = row["start"], {}
            holder = row["user_id"]
            if row["domain"] == domain and holders.setdefault(row["folded"], holder) != holder:
                return row["folded"]
        return None

    async def _indexed_values(self, attribute: str) -> AsyncIterator[Row]:
        """Walk along the index page by page, so that a million values keep nobody waiting."""
        last: dict[str, Any] = {"start": "", "user_id": "", "position": -1}
        while rows := await self._database.fetch(sql.PAGE_OF_VALUES, name=attribute, limit=_PAGE, **last):
            for row in rows:
                yield row
            last = {name: rows[-1][name] for name in last}
            await asyncio.sleep(0)

    async def find_password_hash(self, user_id: str) -> str | None:
        """Return the hash of the user's password, ``None`` where there is none."""
        row = await self._database.fetch_one(
            sql.FIND_PASSWORD_HASH, id=user_id, domain=self._description.domain
        )
        return None if row is None else row["password_hash"]

    async def page(self, *, after: str = "", limit: int = 50) -> Sequence[User]:
        """List users by name key, from behind ``after``; at most 100."""
        rows = await self._database.fetch(
            sql.PAGE,
            domain=self._description.domain,
            after=after,
            limit=max(0, min(limit, MOST_ON_A_PAGE)),
        )
        return [user_of(row) for row in rows]


def _require(change: RequireUser) -> list[Write]:
    """Hold the user's row until the commit, so that who disables or removes the user waits, or was first (P-7)."""
    key: dict[str, Any] = {"id": change.id, "now": to_micros(change.now)}
    if change.version is None:
        return [Write(sql.REQUIRE, key, must=1, guard=change.guard)]
    return [Write(sql.REQUIRE_VERSION, {**key, "version": change.version}, must=1, guard=change.guard)]


def _add(change: AddUser) -> list[Write]:
    user = change.user
    writes = [Write(sql.ADD, user_row(user, change.password_hash))]
    if user.attributes:
        rows = attributes_json(user.attributes)
        writes.append(Write(sql.ADD_ATTRIBUTES, {"user_id": user.id, "rows": rows}))
    if user.roles or user.groups:
        rows = grants_json(user.roles, user.groups)
        writes.append(Write(sql.ADD_GRANTS, {"user_id": user.id, "rows": rows}))
    return writes


def _change(change: ChangeUser) -> list[Write]:
    """Take the row by its version, then change the parts; no two writes touch the same row of a part.

    A grant that is removed and added at once is removed first.
    """
    changes, user_id = change.changes, change.user_id
    writes = [Write(sql.TAKE, _key(change), must=1, guard=change.guard, ordered=False)]
    for name, values in changes.attributes.items():
        cut = {"user_id": user_id, "name": name, "count": len(values)}
        writes.append(Write(sql.CUT_VALUES, cut, ordered=False))
    if any(changes.attributes.values()):
        rows = attributes_json(changes.attributes)
        writes.append(Write(sql.REPLACE_VALUES, {"user_id": user_id, "rows": rows}, ordered=False))
    both = bool(changes.roles_removed and changes.roles_added)
    for grant in changes.roles_removed:
        given = {"given_by": grant.provenance.given_by.value, "giver": grant.provenance.id}
        writes.append(
            Write(
                sql.TAKE_AWAY, {"user_id": user_id, "kind": ROLE, "name": grant.name, **given}, ordered=both
            )
        )
    if changes.roles_added:
        rows = grants_json(changes.roles_added, ())
        writes.append(Write(sql.GRANT, {"user_id": user_id, "rows": rows}, ordered=both))
    return writes


def _set_state(change: SetUserState) -> list[Write]:
    row = {**_key(change), **state_columns(change.state, change.lock)}
    return [Write(sql.SET_STATE, row, must=1, guard=change.guard)]


def _publish(change: PublishUser) -> list[Write]:
    row = {"id": change.user_id, "entry": change.entry}
    return [Write(sql.PUBLISH, row, must=1, guard=change.guard)]


def _set_password(change: SetPassword) -> list[Write]:
    row = {**_key(change), "password_hash": change.password_hash}
    return [Write(sql.SET_PASSWORD, row, must=1, guard=change.guard)]


def _set_has_second_factor(change: SetHasSecondFactor) -> list[Write]:
    row = {**_key(change), "has_second_factor": change.has_second_factor}
    return [Write(sql.SET_HAS_SECOND_FACTOR, row, must=1, guard=change.guard)]


def _rehash(change: RehashPassword) -> list[Write]:
    row = {"id": change.user_id, "old_hash": change.old_hash, "new_hash": change.new_hash}
    return [Write(sql.REHASH, row, must=1, guard=change.guard)]


def _remove(change: RemoveUser) -> list[Write]:
    """Take the row first: then nobody can add to the user any more, and all that was added is seen."""
    parts = [Write(statement, {"id": change.user_id}, ordered=True) for statement in sql.REMOVE_PARTS]
    return [Write(sql.REMOVE, _key(change), must=1, guard=change.guard), *parts]


def _require_no_holder(change: RemoveRole) -> list[Write]:
    return [Write(sql.ANY_HOLDER, {"name": change.name}, must=0, guard=change.guard)]


def _key(change: ChangeUser | SetUserState | SetPassword | SetHasSecondFactor | RemoveUser) -> dict[str, Any]:
    return {"id": change.user_id, "version": change.version}


_RENDERS: dict[type[Any], Render] = {
    RequireUser: _require,
    AddUser: _add,
    PublishUser: _publish,
    ChangeUser: _change,
    SetUserState: _set_state,
    SetPassword: _set_password,
    RehashPassword: _rehash,
    SetHasSecondFactor: _set_has_second_factor,
    RemoveUser: _remove,
    RemoveRole: _require_no_holder,
}

RENDERING = Rendering(renders=_RENDERS, guards=GUARDS)
"""This room's table of changes; it stands before the storage's own, since links and sessions depend on users."""
