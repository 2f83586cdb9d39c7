"""Doors: opens everything that Jitney reads from, writes to and calls; the first page of the switchboard."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from jitney.database.database import Database
from jitney.database.opening import open_database
from jitney.errors import JitneyError
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import parse_host_port
from jitney.ports import Clock, Entropy, EntryStore, UnitOfWork
from jitney.settings import MasterKeys, Settings
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
from jitney.storage.looks import RememberedLooks, SQLLooks
from jitney.storage.operations import SQLOperations
from jitney.storage.outbox import SQLOutbox
from jitney.storage.provider_removals import SQLProviderRemovals
from jitney.storage.purposes import SQLPurposes
from jitney.storage.records import SQLRecords
from jitney.storage.remembered import (
    ForgettingWork,
    RememberedApplications,
    RememberedIdentityProviders,
    RememberedPurposes,
    RememberedUserStoreRecords,
)
from jitney.storage.remembered_locks import RememberedIdentityLocks
from jitney.storage.roles import SQLRoles
from jitney.storage.schema import schema
from jitney.storage.sessions import SQLSessions
from jitney.storage.sign_ins import SQLSignIns
from jitney.storage.signing_keys import SQLSigningKeys
from jitney.storage.spent_once import SQLSetupLinks
from jitney.storage.unit_of_work import SQLUnitOfWork, rendering
from jitney.storage.user_stores import SQLUserStoreRecords
from jitney.storage.vault import Vault
from jitney.time_and_chance import SystemClock, SystemEntropy
from jitney.upstream.oidc.discovery import IssuerDocuments
from jitney.upstream.pasting import PastedWordsOfProviders
from jitney.upstream.registry import UpstreamRegistry
from jitney.upstream.saml.source import SAMLMetadataSource
from jitney.upstream.trials.trying import UpstreamTrials
from jitney.userstores.entry_kinds import EntryKinds
from jitney.userstores.kinds import StoreMaker
from jitney.userstores.live_stores import LiveStores
from jitney.userstores.passwords import Argon2Passwords
from jitney.userstores.registry import UserStoreRegistry
from jitney.userstores.sql import RENDERING as USER_CHANGES
from jitney.userstores.sql import SQLUserStore
from jitney.userstores.tables import METADATA as USER_TABLES

AroundWork = Callable[[UnitOfWork], UnitOfWork]
"""What may be laid around the unit of work: nothing in the product, a killer in the tests (R-145)."""

AroundEntries = Callable[[EntryStore], EntryStore]
"""The same around every store outside our database."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors outward, open."""

    database: Database
    outgoing: OutgoingClient
    work: UnitOfWork
    clock: Clock
    entropy: Entropy
    sign_ins: SQLSignIns
    links: SQLAccountLinks
    sessions: SQLSessions
    factors: SQLFactors
    attempts: SQLAttempts
    identity_locks: RememberedIdentityLocks
    provider_removals: SQLProviderRemovals
    logout_trips: SQLLogoutTrips
    grants: SQLGrants
    stored_identity_providers: SQLIdentityProviders
    identity_providers: RememberedIdentityProviders
    stored_applications: SQLApplications
    applications: RememberedApplications
    roles: SQLRoles
    signing_keys: SQLSigningKeys
    setup_links: SQLSetupLinks
    stored_purposes: SQLPurposes
    purposes: RememberedPurposes
    receipts: SQLConsentReceipts
    outbox: SQLOutbox
    records: SQLRecords
    arrivals: SQLArrivals
    kept_forms: SQLKeptForms
    looks: RememberedLooks
    user_store_records: SQLUserStoreRecords
    operations: SQLOperations
    user_stores: UserStoreRegistry
    store_trial: EntryKinds
    passwords: Argon2Passwords
    upstreams: UpstreamRegistry
    saml_source: SAMLMetadataSource
    issuer_source: IssuerDocuments
    upstream_trials: UpstreamTrials
    pasted_words: PastedWordsOfProviders

    async def is_database_reachable(self) -> bool:
        """Say whether the database answers a plain question."""
        try:
            await self.roles.names()
        except JitneyError:
            return False
        return True


async def open_all(
    settings: Settings, keys: MasterKeys, open_doors: AsyncExitStack, around: tuple[AroundWork, AroundEntries]
) -> Doors:
    """Open the doors outward and bring the schema up to date; ``open_doors`` closes them again.

    Raises ``Misconfigured`` and ``Overloaded`` where something that is needed is wrong or does not answer.
    """
    tables = schema(USER_TABLES)
    database = await open_database(settings.database.url, tables, connections=settings.database.pool_size)
    open_doors.push_async_callback(database.close)
    await database.migrate()
    outgoing = await open_doors.enter_async_context(
        OutgoingClient(
            allowed=frozenset(parse_host_port(entry) for entry in settings.outgoing.allow),
            extra_ca_file=settings.outgoing.ca_file,
        )
    )
    vault = Vault(keys.current, older=keys.older)
    clock, entropy = SystemClock(), SystemEntropy()
    stored, stored_applications = SQLIdentityProviders(database, vault), SQLApplications(database)
    identity_providers = RememberedIdentityProviders(stored)
    applications = RememberedApplications(stored_applications)
    identity_locks = RememberedIdentityLocks(SQLIdentityLocks(database))
    stored_purposes = SQLPurposes(database)
    purposes = RememberedPurposes(stored_purposes)
    looks = RememberedLooks(SQLLooks(database))
    stored_user_stores = SQLUserStoreRecords(database, vault)
    user_store_records = RememberedUserStoreRecords(stored_user_stores)
    work = SQLUnitOfWork(database, [USER_CHANGES, rendering(vault)])
    around_work, around_entries = around
    operations, passwords = SQLOperations(database), Argon2Passwords()
    saml_source = SAMLMetadataSource(outgoing)
    kinds = EntryKinds(passwords)
    live = LiveStores(
        user_store_records,
        StoreMaker(
            lambda description: SQLUserStore(database, description),
            lambda record: around_entries(kinds.open(record)),
            operations,
        ),
    )
    user_stores = UserStoreRegistry([SQLUserStore(database, settings.user_store)], live)
    open_doors.push_async_callback(user_stores.aclose)
    return Doors(
        database=database,
        outgoing=outgoing,
        work=ForgettingWork(
            around_work(work),
            identity_providers,
            applications,
            purposes,
            user_store_records,
            identity_locks,
            looks,
        ),
        clock=clock,
        entropy=entropy,
        sign_ins=SQLSignIns(database, vault),
        links=SQLAccountLinks(database),
        sessions=SQLSessions(database, vault),
        factors=SQLFactors(database, vault),
        attempts=SQLAttempts(database),
        identity_locks=identity_locks,
        provider_removals=SQLProviderRemovals(database),
        logout_trips=SQLLogoutTrips(database),
        grants=SQLGrants(database),
        stored_identity_providers=stored,
        identity_providers=identity_providers,
        stored_applications=stored_applications,
        applications=applications,
        roles=SQLRoles(database),
        signing_keys=SQLSigningKeys(database, vault),
        setup_links=SQLSetupLinks(database),
        stored_purposes=stored_purposes,
        purposes=purposes,
        receipts=SQLConsentReceipts(database),
        outbox=SQLOutbox(database),
        records=SQLRecords(database),
        arrivals=SQLArrivals(database, vault),
        kept_forms=SQLKeptForms(database, vault),
        looks=looks,
        user_store_records=stored_user_stores,
        operations=operations,
        user_stores=user_stores,
        store_trial=kinds,
        passwords=passwords,
        upstreams=UpstreamRegistry(outgoing, clock, entropy, settings.server.base_url),
        saml_source=saml_source,
        issuer_source=IssuerDocuments(outgoing),
        upstream_trials=UpstreamTrials(outgoing, saml_source, clock, entropy, settings.server.base_url),
        pasted_words=PastedWordsOfProviders(clock, settings.server.base_url),
    )
