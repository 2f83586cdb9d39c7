"""Looks into the database itself for what must never be there: half an account, or two for one person."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from tests.end_to_end.jitney_process import Home

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
        "SELECT count(*) FROM users WHERE origin IS NOT NULL AND"
        " (SELECT count(*) FROM outcomes WHERE user_id = users.id AND kind = 'created') <> 1"
    ),
    "a provisioned user without exactly one audit event that says so": (
        "SELECT count(*) FROM users WHERE origin IS NOT NULL AND"
        " (SELECT count(*) FROM audit_events WHERE target = 'user:' || users.id"
        " AND action = 'user.provisioned') <> 1"
    ),
    "a receipt of a user who is not there": (
        "SELECT count(*) FROM consent_receipts WHERE user_id NOT IN ({users})"
    ),
    "a password of a user without a link": (
        "SELECT count(*) FROM users WHERE origin IS NOT NULL AND password_hash IS NOT NULL"
        " AND id NOT IN (SELECT user_id FROM account_links)"
    ),
    "a pending outcome of a journey that is over": (
        "SELECT count(*) FROM outcomes WHERE kind = 'pending' AND"
        " NOT EXISTS (SELECT 1 FROM sign_ins WHERE stage = 'proven' AND pending LIKE '%' || reference || '%')"
    ),
    "an outcome of a creation whose user is not there": (
        "SELECT count(*) FROM outcomes WHERE kind = 'created' AND user_id NOT IN ({users})"
    ),
}
"""What must not be, and the query that counts it."""


async def find_half_accounts(home: Home) -> list[str]:
    """Name everything that is wrong; empty where all is whole."""
    counts = await fetch(home, *(sql.format(users="SELECT id FROM users") for sql in _ORPHANS.values()))
    return [wrong for wrong, rows in zip(_ORPHANS, counts, strict=True) if rows[0][0]]


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
