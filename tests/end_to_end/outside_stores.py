"""User stores outside Jitney's database: each kind on a server of the tests, as it is declared to Jitney."""

from pathlib import Path

from tests.contract.entry_store.sql_clients import Client, MariaDBClient, PostgreSQLClient, SQLiteClient
from tests.end_to_end.outside_directories import DirectoryStore
from tests.end_to_end.outside_store import OutsideStore
from tests.end_to_end.outside_tables import OWN, SQLStore, existing
from tests.servers.mariadb import MariaDBServer
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.samba import SambaServer
from tests.servers.slapd import SlapdServer

__all__ = [
    "DirectoryStore",
    "OutsideStore",
    "SQLStore",
    "active_directory",
    "mariadb",
    "openldap",
    "postgresql",
    "sqlite",
]

_PATIENT = "connect_seconds = 10\nread_seconds = 10\n"
"""The tests' machine may be busy; nothing here is about slowness."""


def openldap(
    domain: str, server: SlapdServer, *, port: int | None = None, ca_file: Path | None = None
) -> DirectoryStore:
    """Return an OpenLDAP as it is declared; ``port`` is that of what stands before it."""
    password = _kept(server.authority.ca_file.parent / f"{domain}.password", server.bind_password)
    declared = (
        f'url = "ldaps://127.0.0.1:{port or server.ldaps_port}"\nca_certificates_file = "{server.ca_file}"\n'
        f'bind_dn = "{server.bind_dn}"\nbind_password_file = "{password}"\nuser_base = "{server.people_dn}"\n'
        f'group_base = "{server.groups_dn}"\nmember_of_attribute = "memberOf"\nwrite_groups = true\n{_PATIENT}'
    )
    return DirectoryStore(domain, "ldap", server.directory(), server.people_dn, server.groups_dn, declared)


def active_directory(domain: str, server: SambaServer) -> DirectoryStore:
    """Return a Samba as it is declared."""
    password = _kept(server.ca_file.parent / f"{domain}.password", server.bind_password)
    declared = (
        f'url = "{server.ldaps_url}"\nca_certificates_file = "{server.ca_file}"\nbind_dn = "{server.bind_dn}"\n'
        f'bind_password_file = "{password}"\nuser_base = "{server.people_dn}"\n'
        f'group_base = "{server.groups_dn}"\nwrite_groups = true\n{_PATIENT}'
    )
    return DirectoryStore(
        domain, "active_directory", server.directory(), server.people_dn, server.groups_dn, declared
    )


async def postgresql(
    domain: str, server: PostgreSQLServer, folder: Path, *, port: int | None = None
) -> SQLStore:
    """Return an existing table in a PostgreSQL database as it is declared; the server trusts its own machine."""
    client = PostgreSQLClient(server)
    url = client.url.replace(f":{server.port}/", f":{port or server.port}/")
    store = await _with_tables(domain, client, url, "integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
    store.declared += f'password_file = "{_kept(folder / f"{domain}.password", "nobody-asks")}"\n'
    return store


async def mariadb(domain: str, server: MariaDBServer, folder: Path) -> SQLStore:
    """Return an existing table in a MariaDB database as it is declared."""
    client = MariaDBClient(server)
    password = _kept(folder / f"{domain}.password", server.password)
    store = await _with_tables(domain, client, client.url, "integer AUTO_INCREMENT PRIMARY KEY")
    store.declared += f'password_file = "{password}"\n'
    return store


def sqlite(domain: str, folder: Path) -> SQLStore:
    """Return a file in which Jitney makes the tables, as it is declared."""
    client = SQLiteClient(folder / f"{domain}.sqlite")
    return SQLStore(domain, client, OWN, f'url = "{client.url}"\nowns_tables = true\n')


async def _with_tables(domain: str, client: Client, url: str, key: str) -> SQLStore:
    layout = existing(key)
    for statement in layout.ddl:
        await client.run(statement)
    return SQLStore(domain, client, layout, f'url = "{url}"\ntls = "none"\n{_PATIENT}')


def _kept(file: Path, secret: str) -> Path:
    file.write_text(secret)
    return file
