"""Memory doors: everything that is kept, in memory; held to the same contract as the databases."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jitney.errors import Misconfigured
from jitney.model.account_link import AccountLink
from jitney.model.application import Application
from jitney.model.change_order import in_order
from jitney.model.changes import Change
from jitney.model.consent import ConsentReceipt, Purpose
from jitney.model.grant import Code, TokenFamily
from jitney.model.logout_trip import LogoutTrip
from jitney.model.mail import Mail
from jitney.model.operation import Operation
from jitney.model.session import Session
from jitney.model.setup_link import SetupLink
from jitney.model.sign_in import SignIn
from jitney.model.signing_key import SigningKeyRecord
from jitney.model.user import PRIMARY, User
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import LDAPConnection, LDAPGroups, UserStoreRecord
from jitney.ports import EntryStore, KnownUser
from jitney.testing.memory_changes import carry_out
from jitney.testing.memory_console import MemoryArrivals, MemoryKeptForms, MemoryLooks
from jitney.testing.memory_factors import (
    MemoryAttempts,
    MemoryFactors,
    MemoryIdentityLocks,
    MemoryProviderRemovals,
)
from jitney.testing.memory_identity_providers import MemoryIdentityProviders
from jitney.testing.memory_records import MemoryRecords
from jitney.testing.memory_state import MemoryState, user_of
from jitney.userstores.kinds import StoreMaker
from jitney.userstores.live_stores import LiveStores
from jitney.userstores.memory import MemoryUserStore
from jitney.userstores.registry import UserStoreRegistry


class MemoryDoors:
    """All doors outward that keep something, over one state; each attribute implements the port of its name.

    ``stores`` describes the user stores; by default there is PRIMARY alone.
    ``outside`` holds what stands outside our database, by domain: there is an operator's record of each such store,
    and only its entries are not in the state.
    ``look`` returns the state as last committed, which a test may compare but not change.
    """

    def __init__(
        self, *stores: UserStoreDescription, outside: Mapping[str, EntryStore] | None = None
    ) -> None:
        self._state = MemoryState()
        self._outside = outside or {}
        descriptions = stores or (UserStoreDescription(domain="PRIMARY"),)
        self.unit_of_work = _MemoryUnitOfWork(self)
        self.sign_ins = _MemorySignIns(self)
        self.account_links = _MemoryAccountLinks(self)
        self.sessions = _MemorySessions(self)
        self.factors = MemoryFactors(self.look)
        self.attempts = MemoryAttempts(self.look)
        self.identity_locks = MemoryIdentityLocks(self.look)
        self.provider_removals = MemoryProviderRemovals(self.look)
        self.logout_trips = _MemoryLogoutTrips(self)
        self.grants = _MemoryGrants(self)
        self.identity_providers = MemoryIdentityProviders(self.look)
        self.user_store_records = _MemoryUserStoreRecords(self)
        self.operations = _MemoryOperations(self)
        self.applications = _MemoryApplications(self)
        self.purposes = _MemoryPurposes(self)
        self.receipts = _MemoryConsentReceipts(self)
        self.outbox = _MemoryOutbox(self)
        self.roles = _MemoryRoles(self)
        self.signing_keys = _MemorySigningKeys(self)
        self.setup_links = _MemorySetupLinks(self)
        self.records = MemoryRecords(self.look)
        self.arrivals = MemoryArrivals(self.look)
        self.kept_forms = MemoryKeptForms(self.look)
        self.looks = MemoryLooks(self.look)
        inside = [each for each in descriptions if each.domain not in self._outside]
        for each in descriptions:
            if each.domain in self._outside:
                record = store_record(each)
                self._state.user_stores[record.id] = record
        maker = StoreMaker(self._records_of, self._open_entries, self.operations)
        self.user_stores = UserStoreRegistry(
            map(self._records_of, inside), LiveStores(self.user_store_records, maker)
        )

    def look(self) -> MemoryState:
        """Return what is kept."""
        return self._state

    def publish(self, state: MemoryState) -> None:
        """Put a new state in the place of the old one; for the unit of work alone."""
        self._state = state

    def _records_of(self, description: UserStoreDescription) -> MemoryUserStore:
        return MemoryUserStore(description, self.look)

    def _open_entries(self, record: UserStoreRecord) -> EntryStore:
        entries = self._outside.get(record.description.domain)
        if entries is None:
            raise Misconfigured("user_store_unreachable", "There is no such store.", path="user_store")
        return entries


def store_record(description: UserStoreDescription) -> UserStoreRecord:
    """Return an operator's record of a store outside our database, which nobody reaches by what it says."""
    connection = LDAPConnection(
        "ldaps://directory.example",
        "ou=people,dc=example",
        "cn=jitney,dc=example",
        groups=LDAPGroups("ou=groups,dc=example", may_be_written=True),
    )
    record = UserStoreRecord(f"store-{description.domain.lower()}", description, connection)
    return replace(record, description=replace(description, version=record.version))


@dataclass(frozen=True, slots=True)
class _MemoryUnitOfWork:
    doors: MemoryDoors

    async def commit(self, *changes: Change) -> None:
        """Carry out all changes on a copy and publish that; nobody waits between, so none can interfere."""
        state = self.doors.look().copy()
        for change in in_order(changes):
            carry_out(state, change)
        self.doors.publish(state)


@dataclass(frozen=True, slots=True)
class _MemorySignIns:
    doors: MemoryDoors

    async def find(self, handle_hash: str) -> SignIn | None:
        return self.doors.look().sign_ins.get(handle_hash)

    async def find_by_state(self, state_hash: str) -> SignIn | None:
        sign_ins = self.doors.look().sign_ins.values()
        return next((s for s in sign_ins if s.attempt and s.attempt.state_hash == state_hash), None)

    async def find_by_page(self, page_hash: str) -> SignIn | None:
        sign_ins = self.doors.look().sign_ins.values()
        return next((s for s in sign_ins if s.page_hash == page_hash), None)


@dataclass(frozen=True, slots=True)
class _MemoryAccountLinks:
    doors: MemoryDoors

    async def find(self, idp: str, subject: str) -> AccountLink | None:
        return self.doors.look().links.get((idp, subject))

    async def of_user(self, user_id: str) -> Sequence[AccountLink]:
        links = [link for link in self.doors.look().links.values() if link.user_id == user_id]
        return sorted(links, key=lambda link: (link.idp, link.subject))

    async def count_of(self, idp: str) -> int:
        return sum(link.idp == idp for link in self.doors.look().links.values())

    async def page_of(self, idp: str, *, after: str = "", limit: int = 100) -> Sequence[AccountLink]:
        links = [
            link for link in self.doors.look().links.values() if link.idp == idp and link.subject > after
        ]
        return sorted(links, key=lambda link: link.subject)[: max(0, min(limit, 500))]


@dataclass(frozen=True, slots=True)
class _MemorySessions:
    doors: MemoryDoors

    async def find(self, id_hash: str) -> Session | None:
        return self.doors.look().sessions.get(id_hash)

    async def of_user(self, user_id: str) -> Sequence[Session]:
        sessions = [each for each in self.doors.look().sessions.values() if user_of(each) == user_id]
        return sorted(sessions, key=lambda each: (each.created, each.id_hash), reverse=True)[:100]


@dataclass(frozen=True, slots=True)
class _MemoryLogoutTrips:
    doors: MemoryDoors

    async def find(self, state_hash: str) -> LogoutTrip | None:
        return self.doors.look().logout_trips.get(state_hash)


@dataclass(frozen=True, slots=True)
class _MemoryGrants:
    doors: MemoryDoors

    async def find_code(self, code_hash: str) -> Code | None:
        return self.doors.look().codes.get(code_hash)

    async def find_family(self, family_id: str) -> TokenFamily | None:
        return self.doors.look().families.get(family_id)


@dataclass(frozen=True, slots=True)
class _MemoryUserStoreRecords:
    doors: MemoryDoors

    async def find(self, domain: str) -> UserStoreRecord | None:
        return next((each for each in await self.list() if each.description.domain == domain.upper()), None)

    async def list(self) -> Sequence[UserStoreRecord]:
        return sorted(self.doors.look().user_stores.values(), key=lambda each: each.description.domain)

    async def count_users(self, domain: str) -> int:
        return len(self._of(domain))

    async def known_users(self, domain: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        others = self._of(domain) if domain.upper() != PRIMARY else ()
        return _known([user for user in others if user.id > after])[: max(0, min(limit, 100))]

    async def users_of_origin(self, idp: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        users = self.doors.look().users.values()
        return _known([u for u in users if u.origin == idp and u.id > after])[: max(0, min(limit, 500))]

    async def users_of_role(self, role: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        users = self.doors.look().users.values()
        held = [u for u in users if u.id > after and any(grant.name == role for grant in u.roles)]
        return _known(held)[: max(0, min(limit, 100))]

    async def users_of_ids(self, ids: Collection[str]) -> Sequence[KnownUser]:
        users = self.doors.look().users
        return _known([users[each] for each in sorted(ids)[:100] if each in users])

    def _of(self, domain: str) -> Sequence[User]:
        users = self.doors.look().users.values()
        return [user for user in users if user.username.domain == domain.upper()]


@dataclass(frozen=True, slots=True)
class _MemoryOperations:
    doors: MemoryDoors

    async def of_user(self, user_id: str) -> Operation | None:
        operations = self.doors.look().operations.values()
        return next((each for each in operations if each.user_id == user_id), None)

    async def due(self, now: datetime, *, limit: int = 20) -> Sequence[Operation]:
        due = [each for each in self.doors.look().operations.values() if each.lease_until <= now]
        return sorted(due, key=lambda each: (each.lease_until, each.id))[: max(0, limit)]


@dataclass(frozen=True, slots=True)
class _MemoryApplications:
    doors: MemoryDoors

    async def find(self, id: str) -> Application | None:
        return self.doors.look().applications.get(id)

    async def list(self) -> Sequence[Application]:
        return sorted(self.doors.look().applications.values(), key=lambda each: each.id)


@dataclass(frozen=True, slots=True)
class _MemoryPurposes:
    doors: MemoryDoors

    async def list(self) -> Sequence[Purpose]:
        return sorted(self.doors.look().purposes.values(), key=lambda each: each.name)

    async def find_by_name(self, name: str) -> Purpose | None:
        return next((each for each in await self.list() if each.name == name), None)


@dataclass(frozen=True, slots=True)
class _MemoryConsentReceipts:
    doors: MemoryDoors

    async def find(self, id: str) -> ConsentReceipt | None:
        return self.doors.look().receipts.get(id)

    async def of_user(self, user_id: str) -> Sequence[ConsentReceipt]:
        receipts = [each for each in self.doors.look().receipts.values() if each.user_id == user_id]
        return sorted(receipts, key=lambda each: (each.given, each.id), reverse=True)[:100]


@dataclass(frozen=True, slots=True)
class _MemoryOutbox:
    doors: MemoryDoors

    async def due(self, now: datetime, *, limit: int = 20) -> Sequence[Mail]:
        due = [each for each in self.doors.look().outbox.values() if each.due <= now]
        return sorted(due, key=lambda each: (each.due, each.created, each.id))[: max(0, limit)]


@dataclass(frozen=True, slots=True)
class _MemoryRoles:
    doors: MemoryDoors

    async def names(self) -> frozenset[str]:
        return frozenset(self.doors.look().roles)


@dataclass(frozen=True, slots=True)
class _MemorySigningKeys:
    doors: MemoryDoors

    async def list(self) -> Sequence[SigningKeyRecord]:
        return sorted(self.doors.look().signing_keys.values(), key=lambda key: (key.created, key.kid))


@dataclass(frozen=True, slots=True)
class _MemorySetupLinks:
    doors: MemoryDoors

    async def find(self, token_hash: str) -> SetupLink | None:
        return self.doors.look().setup_links.get(token_hash)


def _known(users: Sequence[User]) -> Sequence[KnownUser]:
    return [
        KnownUser(u.id, u.username.name, u.version, u.state, u.username.domain)
        for u in sorted(users, key=lambda each: each.id)
    ]
