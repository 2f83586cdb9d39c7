"""Where many people are, one is found by an index and a page is all that is held, on the real servers.

The servers say themselves how they went about it: PostgreSQL by its plans, slapd by its trace.
"""

import gc
import json
import re
import tracemalloc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from tests.contract.entry_store.ldap_kinds import connection_to
from tests.contract.entry_store.sql_clients import PostgreSQLClient
from tests.contract.entry_store.sql_kinds import CHEAP
from tests.contract.entry_store.sql_kinds import connection_to as connection_to_database
from tests.contract.entry_store.standing import DESCRIPTION
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.slapd import SlapdServer
from tests.servers.slapd_configuration import SlapdOptions

from jitney.userstores.entries_sql.store import SQLEntryStore
from jitney.userstores.ldap.entries import LDAPEntryStore
from jitney.userstores.passwords import Argon2Passwords

pytestmark = pytest.mark.anyio

FEW, MANY, PAGE = 500, 5000, 50
_FILL = """
INSERT INTO jitney_people (id, name, name_key)
  SELECT md5(n::text), 'person-' || lpad(n::text, 6, '0'), 'person-' || lpad(n::text, 6, '0')
  FROM generate_series(0, {people} - 1) AS n;
INSERT INTO jitney_people_attributes (user_id, name, position, value, start)
  SELECT id, attribute, 0, name || '@corp.example', name || '@corp.example'
  FROM jitney_people CROSS JOIN (VALUES ('email'), ('given_name')) AS given (attribute);
ANALYZE;
"""
_BIG_TABLES = {"jitney_people", "jitney_people_attributes"}


@pytest.fixture
async def database(postgresql_server: PostgreSQLServer) -> AsyncIterator[tuple[SQLEntryStore, str]]:
    """Our tables in another PostgreSQL database, with many people; and its address."""
    client = PostgreSQLClient(postgresql_server)
    passwords = Argon2Passwords(CHEAP)
    store = SQLEntryStore(connection_to_database(client, owns=True), DESCRIPTION, passwords)
    await store.find("nobody")  # makes the tables
    connection = await asyncpg.connect(client.url)
    await connection.execute(_FILL.format(people=MANY))
    await connection.close()
    yield store, client.url
    await store.aclose()
    passwords.close()


@contextmanager
def asked() -> Iterator[list[tuple[str, Sequence[Any]]]]:
    """The statements that are sent meanwhile to any database by way of SQLAlchemy."""
    statements: list[tuple[str, Sequence[Any]]] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_rest: Any) -> None:
        statements.append((sql, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def carried_out(url: str, statements: Sequence[tuple[str, Sequence[Any]]]) -> list[dict[str, Any]]:
    """Carry out statements again, and return every node of the plans that PostgreSQL then followed."""
    connection = await asyncpg.connect(url)
    try:
        plans = [
            await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *values)
            for sql, values in statements
            if sql.startswith("SELECT")
        ]
    finally:
        await connection.close()
    return [node for plan in plans for node in _nodes(json.loads(plan)[0]["Plan"])]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


async def test_one_of_many_rows_is_found_by_an_index(database: tuple[SQLEntryStore, str]) -> None:
    """R-151: by id, name, value and stamp PostgreSQL looks at the rows that are meant, and at no others."""
    store, url = database
    wanted = await store.find_by_name("person-004321")
    assert wanted is not None
    with asked() as statements:
        assert wanted == await store.find(wanted.id)
        assert wanted == await store.find_by_name("Person-004321")
        assert [wanted] == list(await store.find_by_attribute("email", "PERSON-004321@corp.example"))
        assert await store.find_made("person-004321", "stamp") is None
    nodes = await carried_out(url, statements)
    assert _BIG_TABLES == {
        node["Relation Name"] for node in nodes if node.get("Relation Name") in _BIG_TABLES
    }
    scans = [node for node in nodes if node.get("Relation Name") in _BIG_TABLES]
    assert set() == {node["Node Type"] for node in scans} & {"Seq Scan", "Parallel Seq Scan"}
    assert 0 == sum(node.get("Rows Removed by Filter", 0) for node in scans)
    assert max(node["Actual Rows"] for node in scans) <= len(wanted.attributes)


async def test_page_of_many_rows_reads_a_page(database: tuple[SQLEntryStore, str]) -> None:
    """R-151: PostgreSQL reads the people of one page by the index of names, wherever the page begins."""
    store, url = database
    with asked() as statements:
        page = await store.page(after="person-002499", limit=PAGE)
    assert [f"person-{number:06}" for number in range(2500, 2500 + PAGE)] == [entry.name for entry in page]
    nodes = await carried_out(url, statements)
    people = [node for node in nodes if node.get("Relation Name") == "jitney_people"]
    assert [("Index Scan", PAGE)] == [(node["Node Type"], node["Actual Rows"]) for node in people]


@pytest.fixture(scope="module")
def slapd() -> Iterator[SlapdServer]:
    """A directory with many people, which tells in its log how many entries it looked at for each search."""
    with SlapdServer(SlapdOptions(people=MANY, quick=True, log_level="trace,stats")) as server:
        yield server


@pytest.fixture
async def directory(slapd: SlapdServer) -> AsyncIterator[LDAPEntryStore]:
    """The store of these people."""
    store = LDAPEntryStore(connection_to(slapd), DESCRIPTION)
    yield store
    await store.aclose()


async def test_one_of_many_entries_is_found_by_an_index(
    slapd: SlapdServer, directory: LDAPEntryStore
) -> None:
    """R-151: by id, name and value slapd has one candidate in its indexes, and walks through no others."""
    wanted = await directory.find_by_name("person-004321")
    assert wanted is not None
    before = len(slapd.log())
    assert wanted == await directory.find(wanted.id)
    assert wanted == await directory.find_by_name("Person-004321")
    assert [wanted] == list(await directory.find_by_attribute("email", "PERSON-004321@corp.example"))
    assert await directory.find_made("person-004321", "stamp") is None
    log = slapd.log()[before:]
    assert [1, 1, 1] == [int(count) for count in re.findall(r"mdb_search_candidates: id=(-?\d+) ", log)]
    assert "not indexed" not in log


async def test_page_of_many_entries_is_all_that_is_sent(
    slapd: SlapdServer, directory: LDAPEntryStore
) -> None:
    """R-151: slapd sends the people of one page, wherever it begins."""
    before = len(slapd.log())
    page = await directory.page(after="person-002499", limit=PAGE)
    assert [f"person-{number:06}" for number in range(2500, 2500 + PAGE)] == [entry.name for entry in page]
    sent = [int(count) for count in re.findall(r"SEARCH RESULT .*nentries=(\d+)", slapd.log()[before:])]
    assert max(sent) <= PAGE + 1


async def test_walk_through_many_entries_holds_a_page(slapd: SlapdServer) -> None:
    """R-151: who reads the values of ten times as many people holds hardly more of them at once."""
    with SlapdServer(SlapdOptions(people=FEW, quick=True)) as small:
        few, many = await _most_memory(small, FEW), await _most_memory(slapd, MANY)
    assert many < 2 * few


async def _walked(store: LDAPEntryStore) -> int:
    count = 0
    async for _ in store.values("email"):
        count += 1
    return count


async def _most_memory(server: SlapdServer, people: int) -> int:
    """Walk through everybody, and return how many bytes were held at once at the most."""
    store = LDAPEntryStore(connection_to(server), DESCRIPTION)
    try:
        assert people == await _walked(store)  # what is made once and kept is no matter here
        gc.collect()
        tracemalloc.start()
        assert people == await _walked(store)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        await store.aclose()
