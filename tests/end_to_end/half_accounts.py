"""Looks into the database itself for what must never be there: half an account, or two for one person.

Where users live outside it, it looks there as well, and compares.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import asyncpg
from tests.end_to_end.jitney_process import Home
from tests.end_to_end.outside_store import OutsideStore, Standing

_ORPHANS = {
    "a link to a user who is not there": "SELECT count(*) FROM account_links WHERE user_id NOT IN ({users})",
    "a federated user without a link": (
        "SELECT count(*) FROM users WHERE origin IS NOT NULL"
        " AND id NOT IN (SELECT user_id FROM account_links)"
    ),
    "a user of one provider with two links to it": (
        "SELECT count(*) FROM (SELECT 1 FROM account_links GROUP BY idp, user_id HAVING count(*) > 1) AS twice"
    ),
    "a session of a user who is not there": (
        "SELECT count(*) FROM sessions WHERE user_id IS NOT NULL AND user_id NOT IN ({users})"
    ),
    "a code for a user who is not there": (
        "SELECT count(*) FROM codes WHERE user_id IS NOT NULL AND user_id NOT IN ({users})"
    ),
    "tokens for a user who is not there": (
        "SELECT count(*) FROM token_families WHERE user_id IS NOT NULL AND user_id NOT IN ({users})"
    ),
    "a live code of a session that is not there": (
        "SELECT count(*) FROM codes WHERE redeemed IS NULL AND session NOT IN (SELECT id_hash FROM sessions)"
    ),
    "a redeemed code without its tokens": (
        "SELECT count(*) FROM codes WHERE redeemed IS NOT NULL AND family NOT IN (SELECT id FROM token_families)"
    ),
    "tokens of a code that was not redeemed": (
        "SELECT count(*) FROM token_families WHERE id IN (SELECT family FROM codes WHERE redeemed IS NULL)"
    ),
    "an attribute of a user who is not there": (
        "SELECT count(*) FROM user_attributes WHERE user_id NOT IN ({users})"
    ),
    "a role of a user who is not there": "SELECT count(*) FROM user_grants WHERE user_id NOT IN ({users})",
    "a provisioned user without exactly one outcome that says so": (
        "SELECT count(*) FROM users WHERE origin IS NOT NULL AND state <> 'pending' AND"
        " (SELECT count(*) FROM outcomes WHERE user_id = users.id AND (kind = 'created'"
        """ OR (kind = 'pending' AND reasons LIKE '%"code":"provisioned"%'))) <> 1"""
    ),
    "a provisioned user without exactly one audit event that says so": (
        "SELECT count(*) FROM users WHERE origin IS NOT NULL AND state <> 'pending' AND"
        " (SELECT count(*) FROM audit_events WHERE target = 'user:' || users.id"
        " AND action = 'user.provisioned') <> 1"
    ),
    "a user whose second factor is not where it should be": (
        "SELECT count(*) FROM users WHERE has_second_factor <>"
        " (EXISTS (SELECT 1 FROM factors WHERE user_id = users.id))"
    ),
    "a factor of a user who is not there": "SELECT count(*) FROM factors WHERE user_id NOT IN ({users})",
    "recovery codes without a factor": (
        "SELECT count(*) FROM recovery_codes WHERE user_id NOT IN (SELECT user_id FROM factors)"
    ),
    "a receipt of a user who is not there": (
        "SELECT count(*) FROM consent_receipts WHERE user_id NOT IN ({users})"
    ),
    "a password of a user without a link": (
        "SELECT count(*) FROM users WHERE origin IS NOT NULL AND password_hash IS NOT NULL"
        " AND id NOT IN (SELECT user_id FROM account_links)"
    ),
    "a pending outcome of a journey that is over": (
        "SELECT (SELECT count(*) FROM outcomes WHERE kind = 'pending' AND"
        " NOT EXISTS (SELECT 1 FROM sign_ins WHERE stage = 'proven' AND pending LIKE '%' || reference || '%'))"
        # What waits for a second factor is sealed, so that it can only be counted.
        " > (SELECT count(*) FROM sign_ins WHERE stage = 'half_way')"
    ),
    "an outcome of a creation whose user is not there": (
        "SELECT count(*) FROM outcomes WHERE kind = 'created' AND user_id NOT IN ({users})"
    ),
    "a session of a user who may not be used": (
        "SELECT count(*) FROM sessions WHERE user_id IN ({unpublished})"
    ),
    "a code for a user who may not be used": "SELECT count(*) FROM codes WHERE user_id IN ({unpublished})",
    "tokens for a user who may not be used": (
        "SELECT count(*) FROM token_families WHERE user_id IN ({unpublished})"
    ),
    "a user who may not be used and on whom nobody works": (
        "SELECT count(*) FROM users WHERE id IN ({unpublished})"
        " AND id NOT IN (SELECT user_id FROM operations WHERE state = 'pending')"
    ),
    "a user whose making was given up": (
        "SELECT count(*) FROM users WHERE id IN (SELECT user_id FROM operations WHERE state = 'undone')"
    ),
    "two users of one entry": (
        "SELECT count(*) FROM (SELECT 1 FROM users WHERE entry IS NOT NULL"
        " GROUP BY domain, entry HAVING count(*) > 1) AS twice"
    ),
}
"""What must not be, and the query that counts it."""

_UNFINISHED = {
    "a user who is still being made or removed": (
        "SELECT count(*) FROM users WHERE state IN ('pending', 'leaving')"
    ),
    "an operation that is not over": "SELECT count(*) FROM operations WHERE state <> 'undone'",
}
"""What may be for a while, between a crash and the recovery from it."""

_SETS = {
    "users": "SELECT id FROM users",
    "unpublished": "SELECT id FROM users WHERE state IN ('pending', 'leaving')",
}


async def find_half_accounts(
    home: Home, stores: Iterable[OutsideStore] = (), *, recovered: bool = True
) -> list[str]:
    """Name everything that is wrong; empty where all is whole.

    Before the recovery from a crash less may be asked: nobody has what is not published, and no stranger was
    touched.
    """
    queries = {**_ORPHANS, **_UNFINISHED} if recovered else _ORPHANS
    counts = await fetch(home, *(sql.format(**_SETS) for sql in queries.values()))
    wrong = [what for what, rows in zip(queries, counts, strict=True) if rows[0][0]]
    for store in stores:
        wrong += [f"a stranger in {store.domain} was touched" for _ in await store.touched()]
        wrong += await _disagreements(home, store) if recovered else []
    return wrong


async def _disagreements(home: Home, store: OutsideStore) -> list[str]:
    """Compare our records of the users of a store with those who stand there, both ways."""
    users, grants = await fetch(
        home,
        f"SELECT id, state, entry, name_key, domain, origin FROM users WHERE domain = '{store.domain}'",
        "SELECT user_id, name FROM user_grants WHERE kind = 'role'",
    )
    standing = {one.id: one for one in await store.standing()}
    roles: dict[str, set[str]] = {user_id: set() for user_id, *_ in users}
    for user_id, name in grants:
        roles.setdefault(user_id, set()).add(name)
    found = [what for user in users for what in _of_user(user, standing, roles[user[0]])]
    entries = {user_id: entry for user_id, _, entry, *_ in users}
    made = [one for one in standing.values() if one.stamp]
    found += ["an entry that we made for nobody" for one in made if entries.get(one.stamp or "") != one.id]
    return sorted({f"{what}, in {store.domain}" for what in found})


def _of_user(user: Sequence[Any], standing: Mapping[str, Standing], roles: set[str]) -> Iterator[str]:
    """Name what is wrong with one user whom we made; others may have been joined to whom they were."""
    user_id, state, entry_id, name, domain, origin = user
    entry = standing.get(entry_id)
    if origin is None:
        return
    if entry is None:
        if state == "active":
            yield "an active user without an entry of ours"
        return
    if entry.stamp != user_id:
        yield "a user whose entry does not bear our stamp"
    if entry.name.lower() != name:
        yield "a user whose entry has another name"
    if {f"{domain}/{group}" for group in entry.groups} != {
        role for role in roles if role.startswith(f"{domain}/")
    }:
        yield "a user whose entry is in other groups"


async def count_rows(home: Home, *tables: str) -> Mapping[str, int]:
    """How many rows each table holds."""
    counts = await fetch(home, *(f"SELECT count(*) FROM {table}" for table in tables))
    return {table: rows[0][0] for table, rows in zip(tables, counts, strict=True)}


async def fetch(home: Home, *queries: str) -> list[Sequence[Sequence[Any]]]:
    """Run queries against the home's database, past Jitney."""
    if home.database is None:
        database = sqlite3.connect(home.folder / "data" / "jitney.db", timeout=10)
        try:
            return [database.execute(sql).fetchall() for sql in queries]
        finally:
            database.close()
    connection = await asyncpg.connect(home.database)
    try:
        return [await connection.fetch(sql) for sql in queries]
    finally:
        await connection.close()


async def run(home: Home, *statements: str) -> None:
    """Change the home's database, past Jitney."""
    if home.database is None:
        database = sqlite3.connect(home.folder / "data" / "jitney.db", timeout=10)
        try:
            with database:
                for sql in statements:
                    database.execute(sql)
        finally:
            database.close()
        return
    connection = await asyncpg.connect(home.database)
    try:
        await connection.execute(";".join(statements))
    finally:
        await connection.close()
