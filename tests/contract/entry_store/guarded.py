"""Databases that ask for a password and show a certificate, with tables of somebody else's."""

import os
import pwd
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.contract.entry_store.sql_clients import Client, MariaDBClient, PostgreSQLClient
from tests.contract.entry_store.sql_kinds import MAPPED, mapped_ddl
from tests.contract.entry_store.standing import GROUPS
from tests.servers.certificates import Certificate, TestAuthority
from tests.servers.mariadb import MariaDBServer
from tests.servers.postgresql import PostgreSQLServer

from jitney.model.user_store_record import SQLConnection, TLSMode

USER, PASSWORD = "guarded", "right-password-9"
_HBA = f"host all {USER} 127.0.0.1/32 scram-sha-256", "host all all 127.0.0.1/32 trust"


class Certificates:
    """The files that a server shows, which can be exchanged while it runs."""

    def __init__(self, owner: str | None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="jitney-certificates-"))
        self._folder.chmod(0o755)
        self._owner = owner
        self.authority = TestAuthority(self._folder / "authority")
        self.certificate, self.key = self._folder / "certificate.pem", self._folder / "key.pem"
        self.put(self.authority.good())

    def put(self, shown: Certificate) -> None:
        """Let the server show another one, once it has read it again."""
        for source, target in ((shown.certificate, self.certificate), (shown.key, self.key)):
            shutil.copyfile(source, target)
            target.chmod(0o600)
            if self._owner and os.getuid() == 0:
                os.chown(target, pwd.getpwnam(self._owner).pw_uid, -1)

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class GuardedPostgreSQL:
    """PostgreSQL with TLS; the account ``guarded`` needs its password."""

    dialect = "postgresql"

    def __init__(self) -> None:
        self.server = PostgreSQLServer()
        self.certificates = Certificates("postgres")

    def start(self) -> None:
        self.server.start()
        rules = " UNION ALL ".join(f"SELECT '{rule}'" for rule in _HBA)
        for sql in (
            f"ALTER SYSTEM SET ssl_cert_file = '{self.certificates.certificate}'",
            f"ALTER SYSTEM SET ssl_key_file = '{self.certificates.key}'",
            "ALTER SYSTEM SET ssl = on",
            f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'",
            f"DO $$ BEGIN EXECUTE format('COPY ({rules.replace(chr(39), chr(39) * 2)}) TO %L', "
            "current_setting('hba_file')); END $$",
            "SELECT pg_reload_conf()",
        ):
            self.server.run_sql("postgres", sql)

    @property
    def port(self) -> int:
        return self.server.port

    def new_client(self) -> Client:
        return PostgreSQLClient(self.server)

    async def let(self, client: Client, *rights: str) -> None:
        """Give the account these rights on all tables, and no other."""
        await client.run(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {USER}")
        for right in rights:
            await client.run(f"GRANT {right} ON ALL TABLES IN SCHEMA public TO {USER}")
        await client.run(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {USER}")

    async def refuse_writes(self, client: Client, *, refuses: bool) -> None:
        await client.run(
            f"ALTER ROLE {USER} SET default_transaction_read_only = {'on' if refuses else 'off'}"
        )

    async def admit(self, client: Client, connections: int) -> None:
        """Let the account have so many connections, -1 for any number."""
        await client.run(f"ALTER ROLE {USER} CONNECTION LIMIT {connections}")

    def show(self, shown: Certificate) -> None:
        self.certificates.put(shown)
        self.server.run_sql("postgres", "SELECT pg_reload_conf()")

    def speak_tls(self, *, speaks: bool) -> None:
        self.server.run_sql("postgres", f"ALTER SYSTEM SET ssl = {'on' if speaks else 'off'}")
        self.server.run_sql("postgres", "SELECT pg_reload_conf()")

    def close(self) -> None:
        self.server.remove()
        self.certificates.remove()


class GuardedMariaDB:
    """MariaDB with TLS; the account ``guarded`` needs its password."""

    dialect = "mariadb"

    def __init__(self) -> None:
        self.certificates = Certificates(None)
        shown = {"ssl-cert": self.certificates.certificate, "ssl-key": self.certificates.key}
        self.server = MariaDBServer(shown)

    def start(self) -> None:
        self.server.start()
        self.server.run_sql("mysql", f"CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")

    @property
    def port(self) -> int:
        return self.server.port

    def new_client(self) -> Client:
        return MariaDBClient(self.server)

    async def let(self, client: Client, *rights: str) -> None:
        """Give the account these rights on all tables, and no other."""
        database = client.url.rpartition("/")[2]
        self.server.run_sql("mysql", f"GRANT ALL ON `{database}`.* TO '{USER}'@'127.0.0.1'")
        self.server.run_sql("mysql", f"REVOKE ALL ON `{database}`.* FROM '{USER}'@'127.0.0.1'")
        for right in rights:
            self.server.run_sql("mysql", f"GRANT {right} ON `{database}`.* TO '{USER}'@'127.0.0.1'")

    async def refuse_writes(self, client: Client, *, refuses: bool) -> None:
        self.server.run_sql("mysql", f"SET GLOBAL read_only = {'ON' if refuses else 'OFF'}")

    async def admit(self, client: Client, connections: int) -> None:
        """Let the account have so many connections, -1 for any number; none at all cannot be said here."""
        most = 0 if connections < 0 else max(1, connections)
        self.server.run_sql("mysql", f"ALTER USER '{USER}'@'127.0.0.1' WITH MAX_USER_CONNECTIONS {most}")

    def show(self, shown: Certificate) -> None:
        self.certificates.put(shown)
        self.server.run_sql("mysql", "FLUSH SSL")

    def close(self) -> None:
        self.server.remove()
        self.certificates.remove()


Guarded = GuardedPostgreSQL | GuardedMariaDB


class GuardedDatabase:
    """One fresh database of a guarded server, with the tables and groups of ``MAPPED``."""

    def __init__(self, guarded: Guarded) -> None:
        self.guarded = guarded
        self.client = guarded.new_client()
        self.name = self.client.url.rpartition("/")[2]

    async def make(self, *, unique: bool = True) -> None:
        for statement in mapped_ddl(self.guarded.dialect, unique=unique):
            await self.client.run(statement)
        await self.client.run_many(
            'INSERT INTO "teams" ("team name") VALUES (?)', [(name,) for name in GROUPS]
        )
        await self.guarded.let(self.client, "SELECT", "INSERT", "UPDATE", "DELETE")

    def connection(self, *, port: int | None = None, user: str = USER, **changed: Any) -> SQLConnection:
        """Return the record of a connection by the guarded account; unless changed, it is short of patience."""
        url = f"{self.guarded.dialect}://{user}@127.0.0.1:{port or self.guarded.port}/{self.name}"
        plain = SQLConnection(
            url, PASSWORD, TLSMode.NONE, tables=MAPPED, groups_may_be_written=True,
            connect_seconds=10, read_seconds=10,
        )  # fmt: skip
        return replace(plain, **changed)

    async def people(self) -> list[tuple[Any, ...]]:
        """Return all rows of all tables."""
        rows = await self.client.run('SELECT * FROM "Staff Members" ORDER BY "employee no"')
        return rows + await self.client.run('SELECT * FROM "team members" ORDER BY 1, 2')
