"""The stores that operators configured, live: an edit counts at once, and nobody who is at a store is cut off."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace

import pytest
from tests.contract.doors import Doors, memory_doors

from jitney.errors import Misconfigured, UserStoreUnavailable
from jitney.model.changes import AddUser, AddUserStore, RemoveUserStore, SaveUserStore
from jitney.model.entry import Entry, EntryChanges, NewEntry
from jitney.model.user import User, Username
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import OwnDatabase, UserStoreRecord
from jitney.ports import EntryStore, UserStore
from jitney.testing.memory import store_record
from jitney.testing.standing_clock import NOON
from jitney.userstores.kinds import StoreMaker
from jitney.userstores.live_stores import GRACE_SECONDS, LiveStores
from jitney.userstores.memory import MemoryUserStore
from jitney.userstores.memory_entries import MemoryEntryStore
from jitney.userstores.registry import UserStoreRegistry

pytestmark = pytest.mark.anyio

LDAP1 = store_record(UserStoreDescription("LDAP1"))


class OpenEntries(MemoryEntryStore):
    """Entries behind a connection that can be closed, and must not be used then."""

    def __init__(self, description: UserStoreDescription) -> None:
        super().__init__(description)
        self.closed = asyncio.Event()

    async def find_by_name(self, name: str) -> Entry | None:
        assert not self.closed.is_set()
        return await super().find_by_name(name)

    async def aclose(self) -> None:
        self.closed.set()


@dataclass
class Street:
    """Live stores over memory, with what they have opened and a second hand that stands still."""

    doors: Doors = field(default_factory=memory_doors)
    opened: list[OpenEntries] = field(default_factory=list)
    second: float = 0.0
    fault: Misconfigured | None = None

    def __post_init__(self) -> None:
        maker = StoreMaker(self._records_of, self._open, self.doors.operations)
        live = LiveStores(self.doors.user_store_records, maker, monotonic=lambda: self.second)
        self.stores = UserStoreRegistry([self.doors.primary], live)

    def _records_of(self, description: UserStoreDescription) -> MemoryUserStore:
        return MemoryUserStore(description, self.doors.sign_ins.doors.look)  # pyright: ignore

    def _open(self, record: UserStoreRecord) -> OpenEntries:
        if self.fault is not None:
            raise self.fault
        self.opened.append(OpenEntries(record.description))
        return self.opened[-1]

    async def find(self, domain: str = "LDAP1") -> UserStore:
        store = await self.stores.find(domain)
        assert store is not None
        return store

    async def save(self, record: UserStoreRecord) -> UserStoreRecord:
        await self.doors.unit_of_work.commit(SaveUserStore(record))
        return record


@pytest.fixture
async def street() -> Street:
    """PRIMARY from the settings, and LDAP1 as an operator configured it."""
    street = Street()
    await street.doors.unit_of_work.commit(AddUserStore(LDAP1))
    return street


def changed(record: UserStoreRecord, **description: bool) -> UserStoreRecord:
    """Return the next version of a record."""
    version = record.version + 1
    new = replace(record.description, version=version, **description)
    return replace(record, description=new, version=version)


async def test_one_store_serves_all_until_its_record_changes(street: Street) -> None:
    """P-11: a store keeps its connections from one sign-in to the next, and an edit needs no restart."""
    first = await street.find()
    assert first is await street.find("ldap1")
    assert (1, True) == (first.description.version, first.description.enabled)
    await street.save(changed(LDAP1, read_only=True))
    second = await street.find()
    assert second is not first
    assert (2, True) == (second.description.version, second.description.read_only)
    assert 2 == len(street.opened)


async def test_old_store_is_closed_after_grace_and_not_under_anybody(street: Street) -> None:
    """R-021: whoever has begun with the old settings goes on with them; then what they opened is closed."""
    first = await street.find()
    await street.save(changed(LDAP1, read_only=True))
    await street.find()
    street.second = GRACE_SECONDS - 1
    await street.find()
    assert await first.find_by_name_key("nobody") is None
    street.second = GRACE_SECONDS
    await street.find()
    await street.stores.aclose()
    assert [True, True] == [entries.closed.is_set() for entries in street.opened]


async def test_grace_counts_from_the_edit(street: Street) -> None:
    """R-151: nothing stays open for ever, and what is in use stays open."""
    await street.find()
    await street.save(changed(LDAP1, read_only=True))
    await street.find()
    street.second = GRACE_SECONDS
    second = await street.find()
    await street.opened[0].closed.wait()
    assert not street.opened[1].closed.is_set()
    assert await second.find_by_name_key("nobody") is None


async def test_removed_store_is_found_no_more_and_closed(street: Street) -> None:
    """R-021: a removed store is gone at once, by its name and from the list; one of the same name is another."""
    old = await street.find()
    await street.doors.unit_of_work.commit(RemoveUserStore(LDAP1.id, "LDAP1", 1))
    assert await street.stores.find("LDAP1") is None
    assert ["PRIMARY"] == list(await street.stores.domains())
    street.second = GRACE_SECONDS
    await street.stores.find("LDAP1")
    await street.opened[0].closed.wait()
    await street.doors.unit_of_work.commit(AddUserStore(replace(LDAP1, id="store-new")))
    assert old is not await street.find()


async def test_store_that_nobody_asks_for_is_closed_too(street: Street) -> None:
    """R-151: the list tells which stores have gone."""
    await street.find()
    await street.doors.unit_of_work.commit(RemoveUserStore(LDAP1.id, "LDAP1", 1))
    await street.stores.domains()
    street.second = GRACE_SECONDS
    await street.stores.find("ANOTHER")
    await street.opened[0].closed.wait()


async def test_disabled_store_is_found_and_never_opened(street: Street) -> None:
    """R-048: a store that is switched off says so, and nobody is asked."""
    await street.save(changed(LDAP1, enabled=False))
    store = await street.find()
    assert not store.description.enabled
    assert ["PRIMARY", "LDAP1"] == list(await street.stores.domains())
    await refuses_everything(store, "user_store_disabled")
    assert [] == street.opened
    await street.save(changed(changed(LDAP1), enabled=True))
    assert await (await street.find()).find_by_name_key("nobody") is None


async def test_store_that_cannot_be_opened_is_no_trouble_for_the_others(street: Street) -> None:
    """P-11, R-024: what is wrong with one record is told by that store alone, and by that one to every question."""
    street.fault = Misconfigured("certificates_unreadable", "Not these.", path="user_stores")
    await refuses_everything(await street.find(), "certificates_unreadable")
    assert await (await street.find("PRIMARY")).find_by_name_key("nobody") is None


async def refuses_everything(store: UserStore, code: str) -> None:
    entries = store.entries
    assert entries is not None
    # Whoever looks for an address must not hear "nobody has it" from a store that was not asked.
    lookups = (
        store.find_by_name_key("nobody"),
        store.find_by_attribute("email", "a"),
        store.find_repeated("email"),
    )
    for ask in (*asked(entries), *lookups, store.page()):
        with pytest.raises(UserStoreUnavailable) as refusal:
            await ask
        assert code == refusal.value.code
    with pytest.raises(UserStoreUnavailable):
        entries.values("email")


def asked(entries: EntryStore) -> tuple[Awaitable[object], ...]:
    return (
        entries.find("1"), entries.find_by_name("a"), entries.find_by_attribute("email", "a"), entries.page(),
        entries.find_groups(["a"]), entries.add(NewEntry("1", "a"), None), entries.find_made("a", "1"),
        entries.change("1", EntryChanges()), entries.set_password("1", "secret"),
        entries.check_password("1", "secret"), entries.remove("1", "1"),
    )  # fmt: skip


async def test_store_in_our_own_database_is_a_plain_one(street: Street) -> None:
    """P-1: another domain of our own database is written in the unit of work, and has no entries."""
    record = UserStoreRecord("store-lab", UserStoreDescription("LAB"), OwnDatabase())
    user = User("user-1", Username("LAB", "ada", "ada"), NOON)
    await street.doors.unit_of_work.commit(AddUserStore(record), AddUser(user))
    lab = await street.find("lab")
    assert lab.entries is None
    assert 1 == lab.description.version
    assert user == await lab.find_by_name_key("ada")
    assert ["PRIMARY", "LAB", "LDAP1"] == list(await street.stores.domains())


async def test_store_that_has_nothing_open_goes_without_a_word(street: Street) -> None:
    """R-021: a domain of our own database that is removed is gone; a registry of the settings alone closes too."""
    record = UserStoreRecord("store-lab", UserStoreDescription("LAB"), OwnDatabase())
    await street.doors.unit_of_work.commit(AddUserStore(record))
    await street.find("LAB")
    await street.find()
    await street.stores.aclose()
    assert street.opened[0].closed.is_set()
    fixed = UserStoreRegistry([street.doors.primary])
    await fixed.aclose()
    assert street.doors.primary is await fixed.find("PRIMARY")


async def test_settings_come_before_records(street: Street) -> None:
    """R-031: PRIMARY is what the settings say, whatever a record calls itself."""
    await street.doors.unit_of_work.commit(AddUserStore(store_record(UserStoreDescription("PRIMARY"))))
    assert street.doors.primary is await street.find("PRIMARY")
    assert ["PRIMARY", "LDAP1"] == list(await street.stores.domains())
    assert [] == street.opened


async def test_store_that_does_not_close_stops_nobody(street: Street) -> None:
    """P-11: what goes wrong while an old store is closed is told to operators, and to nobody else."""

    async def fail() -> None:
        raise OSError("gone already")

    await street.find()
    street.opened[0].aclose = fail  # pyright: ignore[reportAttributeAccessIssue]
    await street.stores.aclose()
    assert await (await street.find()).find_by_name_key("nobody") is None
