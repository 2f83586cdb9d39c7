"""Users with links who were there before: filled in by bulk SQL, in the shape in which sign-ins leave them.

Ids are spread evenly over their whole range, as random ones are, and rows are written in the order of the
keys, which makes a million of them a matter of a minute.
"""

import asyncio
import sqlite3
import time
from pathlib import Path

import asyncpg

ATTRIBUTES = 6
"""How many attributes each user has."""

_COLUMNS = """
INSERT INTO users (id, domain, name, name_key, created, state, origin, version)
  SELECT id, 'PRIMARY', name, name, {now}, 'active', '{idp}', 1 FROM fresh;
INSERT INTO account_links (idp, subject, user_id, domain, created, linked_by)
  SELECT '{idp}', name, id, 'PRIMARY', {now}, 'provisioning' FROM fresh;
INSERT INTO user_attributes (user_id, name, position, value, given_by, giver)
  SELECT id, attribute, 0, value || name, 'identity_provider', '{idp}' FROM fresh CROSS JOIN given
  ORDER BY id, attribute;
"""
_GIVEN = """
CREATE TEMPORARY TABLE given (attribute TEXT, value TEXT);
INSERT INTO given VALUES ('email', 'somebody@acme.example '), ('email_verified', 'true '),
  ('family_name', 'Newcomer '), ('given_name', 'Given '), ('name', 'Given Newcomer '), ('nickname', '');
"""
_SQLITE = """
CREATE TEMPORARY TABLE fresh AS
  WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})
  SELECT printf('%08x-%04x-4%03x-8%03x-%012x', CAST(4294967295.0 * (n - {first}) / {count} AS INTEGER),
    abs(random()) % 65536, abs(random()) % 4096, abs(random()) % 4096, abs(random()) % 281474976710656) AS id,
    printf('member%07d', n) AS name FROM numbers;
"""
_POSTGRESQL = """
CREATE TEMPORARY TABLE fresh AS
  SELECT lpad(to_hex((4294967295.0 * (n - {first}) / {count})::bigint), 8, '0') || '-' || substr(h, 1, 4) || '-4'
    || substr(h, 5, 3) || '-8' || substr(h, 8, 3) || '-' || substr(h, 11, 12) AS id,
    'member' || lpad(n::text, 7, '0') AS name
  FROM (SELECT n, md5(n::text) AS h FROM generate_series({first}::bigint, {last}) AS n) AS numbers ORDER BY n;
"""


def fill_up(database: str, idp: str, *, present: int, wanted: int) -> float:
    """Add the users ``present + 1`` to ``wanted`` of an identity provider; return the seconds that it took."""
    begun = time.perf_counter()
    if wanted > present:
        numbers = {"first": present + 1, "last": wanted, "count": wanted - present}
        fresh = (_SQLITE if database.startswith("sqlite:///") else _POSTGRESQL).format(**numbers)
        run_script(database, fresh + _GIVEN + _COLUMNS.format(now=time.time_ns() // 1000, idp=idp))
    return time.perf_counter() - begun


def count_users(database: str) -> int:
    """Return how many users there are."""
    return int(str(ask(database, "SELECT count(*) FROM users")))


def ask(database: str, query: str) -> object:
    """Return the first field of the first row."""
    if database.startswith("sqlite:///"):
        with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
            found: object = connection.execute(query).fetchone()[0]
            return found
    return asyncio.run(_ask(database, query))


def run_script(database: str, script: str) -> None:
    """Carry out statements on a database that nobody else uses, and let it count its tables anew."""
    if database.startswith("sqlite:///"):
        _fill_sqlite(Path(database.removeprefix("sqlite:///")), script)
    else:
        asyncio.run(_fill_postgresql(database, script))


def _fill_sqlite(path: Path, script: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute("PRAGMA cache_size = -200000")
    # Nothing is lost if this machine fails meanwhile: it is a benchmark.
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(f"BEGIN; {script} COMMIT; PRAGMA wal_checkpoint(TRUNCATE); ANALYZE;")
    connection.close()


async def _fill_postgresql(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
        await connection.execute("ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
