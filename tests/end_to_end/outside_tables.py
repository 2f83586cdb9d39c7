"""Tables of users in other databases as their owners see them: some were there before, some Jitney makes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.contract.entry_store.sql_clients import Client
from tests.end_to_end.outside_store import GROUP, Standing


@dataclass(frozen=True)
class Layout:
    """Where users, groups and memberships stand in a database."""

    users: str
    id: str
    name: str
    stamp: str
    memberships: str
    of_user: str
    of_group: str
    groups: str
    group_name: str
    ddl: tuple[str, ...] = ()


OWN = Layout("jitney_people", "id", "name", "stamp", "jitney_people_groups", "user_id", "group_name",
             "jitney_people_all_groups", "name")  # fmt: skip
"""Tables that Jitney makes at the first sign-in."""


def existing(key: str) -> Layout:
    """Tables that were there before; ``key`` is the type of their ids."""
    return Layout(
        "employees", "number", "login", "made_by", "team_members", "person", "team", "teams", "title",
        (
            f"CREATE TABLE employees (number {key}, login varchar(100) NOT NULL UNIQUE, made_by varchar(64), "
            "secret varchar(200), first_name varchar(100), last_name varchar(100), mail varchar(200))",
            "CREATE TABLE teams (title varchar(100) NOT NULL PRIMARY KEY)",
            "CREATE TABLE team_members (person integer NOT NULL REFERENCES employees (number), "
            "team varchar(100) NOT NULL, PRIMARY KEY (person, team))",
        ),
    )  # fmt: skip


@dataclass
class SQLStore:
    """A database with a table of users."""

    domain: str
    client: Client
    layout: Layout
    declared: str
    strangers: dict[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])

    def declaration(self) -> str:
        at = self.layout
        tables = "" if not at.ddl else (
            f'users_table = "{at.users}"\nid_column = "{at.id}"\nname_column = "{at.name}"\n'
            f'stamp_column = "{at.stamp}"\npassword_column = "secret"\nmemberships_table = "{at.memberships}"\n'
            f'membership_user_column = "{at.of_user}"\nmembership_group_column = "{at.of_group}"\n'
            f'groups_table = "{at.groups}"\ngroup_name_column = "{at.group_name}"\n'
            'attributes = { given_name = "first_name", family_name = "last_name", email = "mail" }\n'
        )  # fmt: skip
        return (
            f'\n[[user_store]]\ndomain = "{self.domain}"\ntype = "sql"\nwrite_groups = true\n'
            f"{tables}{self.declared}"
        )

    async def prepare(self) -> None:
        await self.client.run(
            f"INSERT INTO {self.layout.groups} ({self.layout.group_name}) VALUES (?)", (GROUP,)
        )

    async def seed(self, name: str, stamp: str | None = None) -> None:
        key = await self.place(name, stamp)
        rows = await self.client.run(
            f"SELECT * FROM {self.layout.users} WHERE {self.layout.name} = ?", (name,)
        )
        self.strangers[key] = rows[0]

    async def place(self, name: str, stamp: str | None) -> str:
        at = self.layout
        row: dict[str, Any] = {at.name: name, at.stamp: stamp}
        if not at.ddl:
            row |= {"id": f"theirs-{name}", "name_key": name.lower()}
        marks = ", ".join("?" for _ in row)
        await self.client.run(
            f"INSERT INTO {at.users} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
        )
        (found,) = await self.client.run(f"SELECT {at.id} FROM {at.users} WHERE {at.name} = ?", (name,))
        return _text(found[0])

    async def standing(self) -> Sequence[Standing]:
        at = self.layout
        rows = await self.client.run(f"SELECT {at.id}, {at.name}, {at.stamp} FROM {at.users}")
        members = await self.client.run(f"SELECT {at.of_user}, {at.of_group} FROM {at.memberships}")
        groups: dict[str, list[str]] = {}
        for user, group in members:
            groups.setdefault(_text(user), []).append(_text(group))
        return [
            Standing(
                _text(entry_id),
                _text(name),
                _text(stamp) if stamp else None,
                tuple(groups.get(_text(entry_id), ())),
            )
            for entry_id, name, stamp in rows
            if _text(entry_id) not in self.strangers
        ]

    async def touched(self) -> Sequence[str]:
        now = {_text(row[0]): row for row in await self.client.run(f"SELECT * FROM {self.layout.users}")}
        return [key for key, row in self.strangers.items() if now.get(key) != row]

    async def clear(self) -> None:
        at = self.layout
        self.strangers.clear()
        await self.client.run(f"DELETE FROM {at.memberships}")
        if not at.ddl:
            await self.client.run("DELETE FROM jitney_people_attributes")
        await self.client.run(f"DELETE FROM {at.users}")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
