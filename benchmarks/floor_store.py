"""The floor's one durable transaction for each sign-in: SQLite with group commit, or PostgreSQL by asyncpg.

Somebody new is a link, a user, five attributes, a session and an event; somebody known a session and an event.
"""

import asyncio
import json
import sqlite3
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any, Protocol

import asyncpg

_TABLES = """
CREATE TABLE IF NOT EXISTS floor_links (subject TEXT PRIMARY KEY, user_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS floor_users (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS floor_attributes (
  user_id TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (user_id, name));
CREATE TABLE IF NOT EXISTS floor_sessions (id TEXT PRIMARY KEY, user_id TEXT NOT NULL, created BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS floor_events (id TEXT PRIMARY KEY, at BIGINT NOT NULL, user_id TEXT NOT NULL);
"""
_KEPT = ("email", "given_name", "family_name", "name", "preferred_username")


class FloorStore(Protocol):
    """Where the floor keeps people."""

    async def sign_in(self, claims: Mapping[str, Any], session: str) -> str:
        """Find or make the user and keep the session, durably; return the user's id."""
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...


async def open_store(url: str) -> FloorStore:
    """Open the store of a database address, with its tables."""
    if url.startswith("sqlite:///"):
        return _SQLite(url.removeprefix("sqlite:///"))
    pool = await asyncpg.create_pool(url, min_size=1, max_size=10, reset=_keep)
    await pool.execute(_TABLES)
    return _PostgreSQL(pool)


async def _keep(connection: Any) -> None:
    """Nothing to tidy; the usual reset would cost a round trip."""


class _SQLite:
    """WAL with ``synchronous=FULL``; all sign-ins that wait are committed with one fsync."""

    def __init__(self, path: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=64)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_TABLES)
        self._waiting: list[tuple[Mapping[str, Any], str, asyncio.Future[str]]] = []
        self._disk = ThreadPoolExecutor(1)
        self._task: asyncio.Task[None] | None = None

    async def sign_in(self, claims: Mapping[str, Any], session: str) -> str:
        done: asyncio.Future[str] = self._loop.create_future()
        self._waiting.append((claims, session, done))
        if self._task is None:
            self._task = self._loop.create_task(self._empty())
        return await done

    async def close(self) -> None:
        self._disk.shutdown()
        self._db.close()

    async def _empty(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            self._db.execute("BEGIN IMMEDIATE")
            users = [self._write(claims, session) for claims, session, _ in batch]
            await self._loop.run_in_executor(self._disk, self._db.execute, "COMMIT")
            for (_, _, done), user_id in zip(batch, users, strict=True):
                done.set_result(user_id)
        self._task = None

    def _write(self, claims: Mapping[str, Any], session: str) -> str:
        now, db = time.time_ns() // 1000, self._db
        found = db.execute("SELECT user_id FROM floor_links WHERE subject = ?", (claims["sub"],)).fetchone()
        user_id = found[0] if found else str(uuid.uuid4())
        if found is None:
            db.execute("INSERT INTO floor_links VALUES (?, ?)", (claims["sub"], user_id))
            db.execute("INSERT INTO floor_users VALUES (?, ?, ?)", (user_id, claims["sub"], now))
            db.executemany(
                "INSERT INTO floor_attributes VALUES (?, ?, ?)",
                [(user_id, name, claims[name]) for name in _KEPT],
            )
        db.execute("INSERT INTO floor_sessions VALUES (?, ?, ?)", (_hash(session), user_id, now))
        db.execute("INSERT INTO floor_events VALUES (?, ?, ?)", (str(uuid.uuid4()), now, user_id))
        return user_id


_FIND = "SELECT user_id FROM floor_links WHERE subject = $1"
_KNOWN = """
WITH s AS (INSERT INTO floor_sessions VALUES ($1, $2, $3)) INSERT INTO floor_events VALUES ($4, $3, $2)
"""
_NEW = """
WITH l AS (INSERT INTO floor_links VALUES ($5, $2)), u AS (INSERT INTO floor_users VALUES ($2, $5, $3)),
  a AS (INSERT INTO floor_attributes SELECT $2, name, value FROM json_each_text($6::json) AS each(name, value)),
  s AS (INSERT INTO floor_sessions VALUES ($1, $2, $3))
INSERT INTO floor_events VALUES ($4, $3, $2)
"""


class _PostgreSQL:
    """One read, and one statement that writes all."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def sign_in(self, claims: Mapping[str, Any], session: str) -> str:
        now, event = time.time_ns() // 1000, str(uuid.uuid4())
        async with self._pool.acquire() as connection:
            known = await connection.fetchval(_FIND, claims["sub"])
            if known is not None:
                await connection.execute(_KNOWN, _hash(session), known, now, event)
                return known
            user_id = str(uuid.uuid4())
            kept = json.dumps({name: claims[name] for name in _KEPT})
            await connection.execute(_NEW, _hash(session), user_id, now, event, claims["sub"], kept)
            return user_id

    async def close(self) -> None:
        await self._pool.close()


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
