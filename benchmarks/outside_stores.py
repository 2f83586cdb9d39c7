"""The user stores outside Jitney's database whose people are measured: directories and databases, filled before."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import asyncpg
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.slapd import SlapdServer
from tests.servers.slapd_configuration import SlapdOptions

from benchmarks.processes import Usage
from jitney.administration.stores.user_store_defaults import (
    directory_description,
    ldap_defaults,
    sql_defaults,
)
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import TLSMode, UserStoreRecord

_PEOPLE = """
INSERT INTO jitney_people (id, name, name_key)
  SELECT lpad(to_hex((4294967295.0 * n / {count})::bigint), 8, '0') || '-' || md5(n::text),
    'member' || lpad(n::text, 7, '0'), 'member' || lpad(n::text, 7, '0')
  FROM generate_series(0, {count} - 1) AS n ORDER BY n;
INSERT INTO jitney_people_attributes (user_id, name, position, value, start)
  SELECT id, attribute, 0, value || name, value || name FROM jitney_people
  CROSS JOIN (VALUES ('email', 'somebody@acme.example '), ('given_name', 'given '), ('family_name', 'newcomer '))
    AS given (attribute, value)
  ORDER BY id, attribute;
ANALYZE;
CHECKPOINT;
"""


@dataclass(frozen=True, slots=True)
class Outside:
    """A store: its record, and what its server uses where that is not the server of Jitney's own database."""

    record: UserStoreRecord
    usage: Usage | None = None
    database: str | None = None

    @property
    def domain(self) -> str:
        """Return its name."""
        return self.record.description.domain

    def fill(self, people: int) -> float:
        """Fill in people whom Jitney does not know, and return the seconds; a directory is filled already."""
        begun = time.perf_counter()
        if self.database is not None:
            asyncio.run(_run(self.database, _PEOPLE.format(count=people)))
        return time.perf_counter() - begun


@contextmanager
def directory(domain: str, people: int) -> Iterator[Outside]:
    """Run a directory with TLS, durable writes and indexes for what Jitney asks, and people in it."""
    with SlapdServer(SlapdOptions(people=people, substrings=False)) as server:
        connection = replace(
            ldap_defaults(),
            url=server.ldaps_url,
            user_base=server.people_dn,
            bind_dn=server.bind_dn,
            bind_password=server.bind_password,
            ca_certificates=server.ca_file.read_text(),
        )
        record = UserStoreRecord("", directory_description(domain), connection)
        yield Outside(record, Usage(server.pid))


def database(domain: str, postgresql: PostgreSQLServer) -> Outside:
    """Return another database on the same server, in which Jitney makes tables of its own."""
    url = postgresql.new_database()
    connection = replace(sql_defaults(), url=url, password="none is asked for", tls=TLSMode.NONE)
    return Outside(UserStoreRecord("", UserStoreDescription(domain), connection), database=url)


async def _run(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()
