"""The doors that the contracts are held against, each with a look at all that it holds."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from tests.contract.ready_made_database import lay_sqlite

from jitney.database.database import Database
from jitney.database.opening import open_database
from jitney.database.statements import Statement
from jitney.model.user_store import UserStoreDescription
from jitney.ports import (
    AccountLinks,
    Applications,
    Arrivals,
    AttemptRecords,
    ConsentReceipts,
    Factors,
    Grants,
    IdentityLocks,
    IdentityProviders,
    KeptForms,
    LogoutTrips,
    Looks,
    Operations,
    Outbox,
    ProviderRemovals,
    Purposes,
    Records,
    Roles,
    Sessions,
    SetupLinks,
    SigningKeys,
    SignIns,
    UnitOfWork,
    UserStore,
    UserStoreRecords,
    UserStores,
)
from jitney.storage.account_links import SQLAccountLinks
from jitney.storage.applications import SQLApplications
from jitney.storage.arrivals import SQLArrivals
from jitney.storage.attempts import SQLAttempts
from jitney.storage.consent_receipts import SQLConsentReceipts
from jitney.storage.factors import SQLFactors
from jitney.storage.grants import SQLGrants
from jitney.storage.identity_locks import SQLIdentityLocks
from jitney.storage.identity_providers import SQLIdentityProviders
from jitney.storage.kept_forms import SQLKeptForms
from jitney.storage.logout_trips import SQLLogoutTrips
from jitney.storage.looks import SQLLooks
from jitney.storage.operations import SQLOperations
from jitney.storage.outbox import SQLOutbox
from jitney.storage.provider_removals import SQLProviderRemovals
from jitney.storage.purposes import SQLPurposes
from jitney.storage.records import SQLRecords
from jitney.storage.roles import SQLRoles
from jitney.storage.schema import schema
from jitney.storage.sessions import SQLSessions
from jitney.storage.sign_ins import SQLSignIns
from jitney.storage.signing_keys import SQLSigningKeys
from jitney.storage.spent_once import SQLSetupLinks
from jitney.storage.unit_of_work import SQLUnitOfWork, rendering
from jitney.storage.user_stores import SQLUserStoreRecords
from jitney.storage.vault import Vault
from jitney.testing.memory import MemoryDoors
from jitney.userstores import sql, tables
from jitney.userstores.memory import MemoryUserStore
from jitney.userstores.memory_entries import MemoryEntryStore
from jitney.userstores.registry import UserStoreRegistry

SCHEMA = schema(tables.METADATA)
MASTER_KEY = bytes(range(32))
STORES = (UserStoreDescription(domain="PRIMARY"), UserStoreDescription(domain="ENG"))
_ALL_ROWS = {
    table.name: Statement(f"all_{table.name}", select(table).order_by(*table.primary_key))
    for table in SCHEMA.tables.sorted_tables
}


@dataclass(frozen=True)
class Doors:
    """All ports over one place, and ``snapshot``, which tells everything that is in it."""

    unit_of_work: UnitOfWork
    sign_ins: SignIns
    account_links: AccountLinks
    sessions: Sessions
    factors: Factors
    attempts: AttemptRecords
    identity_locks: IdentityLocks
    provider_removals: ProviderRemovals
    logout_trips: LogoutTrips
    grants: Grants
    identity_providers: IdentityProviders
    user_store_records: UserStoreRecords
    operations: Operations
    applications: Applications
    purposes: Purposes
    receipts: ConsentReceipts
    outbox: Outbox
    roles: Roles
    signing_keys: SigningKeys
    setup_links: SetupLinks
    records: Records
    arrivals: Arrivals
    kept_forms: KeptForms
    looks: Looks
    user_stores: UserStores
    primary: UserStore
    snapshot: Callable[[], Awaitable[Any]]


def memory_doors(outside: Mapping[str, MemoryEntryStore] | None = None) -> Doors:
    """Open doors over memory; the stores of these domains stand outside our database, with these entries."""
    memory = MemoryDoors(*STORES, outside=outside)

    async def snapshot() -> Any:
        held = {
            domain: (dict(each.entries), dict(each.passwords)) for domain, each in (outside or {}).items()
        }
        return {**asdict(memory.look()), "outside": held}

    ports = {name: value for name, value in vars(memory).items() if not name.startswith("_")}
    return Doors(**ports, primary=MemoryUserStore(STORES[0], memory.look), snapshot=snapshot)


def sql_doors(database: Database, vault: Vault | None = None) -> Doors:
    vault = vault or Vault(MASTER_KEY)

    async def snapshot() -> Any:
        return {
            name: [tuple(row[key] for key in row.keys()) for row in await database.fetch(rows)]  # noqa: SIM118
            for name, rows in _ALL_ROWS.items()
        }

    stores = [sql.SQLUserStore(database, each) for each in STORES]
    return Doors(
        unit_of_work=SQLUnitOfWork(database, [sql.RENDERING, rendering(vault)]),
        sign_ins=SQLSignIns(database, vault),
        account_links=SQLAccountLinks(database),
        sessions=SQLSessions(database, vault),
        factors=SQLFactors(database, vault),
        attempts=SQLAttempts(database),
        identity_locks=SQLIdentityLocks(database),
        provider_removals=SQLProviderRemovals(database),
        logout_trips=SQLLogoutTrips(database),
        grants=SQLGrants(database),
        identity_providers=SQLIdentityProviders(database, vault),
        user_store_records=SQLUserStoreRecords(database, vault),
        operations=SQLOperations(database),
        applications=SQLApplications(database),
        purposes=SQLPurposes(database),
        receipts=SQLConsentReceipts(database),
        outbox=SQLOutbox(database),
        roles=SQLRoles(database),
        signing_keys=SQLSigningKeys(database, vault),
        setup_links=SQLSetupLinks(database),
        records=SQLRecords(database),
        arrivals=SQLArrivals(database, vault),
        kept_forms=SQLKeptForms(database, vault),
        looks=SQLLooks(database),
        user_stores=UserStoreRegistry(stores),
        primary=stores[0],
        snapshot=snapshot,
    )


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    if url.startswith("sqlite:"):
        lay_sqlite(Path(url.removeprefix("sqlite:///")))
    database = await open_database(url, SCHEMA)
    try:
        await database.migrate()
        yield database
    finally:
        await database.close()
