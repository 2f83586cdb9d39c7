"""A workshop: the operations room over memory doors with one store outside; its process may end at any moment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from anyio.lowlevel import checkpoint

from jitney.model.account_link import AccountLink
from jitney.model.audit_event import Action
from jitney.model.changes import AddAccountLink, Change, SaveUserStore
from jitney.model.connection import OIDCConnection
from jitney.model.entry import Entry
from jitney.model.identity_provider import IdentityProvider
from jitney.model.operation import OperationState
from jitney.model.policy import ProvisioningPolicy
from jitney.model.user import AttributeValue, GivenBy, Grant, Provenance, User, Username, UserState
from jitney.model.user_store import UserStoreDescription
from jitney.operations.changing import EntryChanging
from jitney.operations.leaving import EntryLeaving
from jitney.operations.making import LEASE, LOOK_AGAIN, WATCHED_FOR, Begun, EntryMaking, Made
from jitney.operations.recovery import Recovery
from jitney.ports import EntryStore, UnitOfWork, UserStore
from jitney.testing.counted_entropy import CountedEntropy
from jitney.testing.memory import MemoryDoors
from jitney.testing.memory_state import MemoryState
from jitney.testing.standing_clock import StandingClock
from jitney.userstores.memory_entries import MemoryEntryStore

ENG = UserStoreDescription("ENG")
ACME = IdentityProvider(
    "idp-acme", "acme", "Acme", OIDCConnection("https://login.acme.example", "jitney", "s3cret"),
    policy=ProvisioningPolicy(enabled=True),
)  # fmt: skip
BY_ACME = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-acme")
BEGUN = Begun("idp:idp-acme", "K7QF-2M9D")
STRANGERS = (
    Entry("e-grace", "grace", {"email": ("grace@eng.example",)}, groups=("staff",)),
    Entry("e-linus", "linus", {"nickname": ("l",)}, stamp="somebody-elses-mark"),
)
PLACES = ("email", "nickname")
"""The attributes that the store keeps; all others stand in our record alone."""


class Killed(BaseException):
    """The process has ended here: nothing behind it was done, and nobody caught anything."""


@dataclass
class Moments:
    """Counts the moments between two steps, and ends the process at one of them."""

    last: int | None = None
    passed: int = 0

    async def passing(self) -> None:
        await checkpoint()
        self.passed += 1
        if self.passed == self.last:
            raise Killed


@dataclass
class MortalWork:
    """A unit of work before and behind whose commits the process may end."""

    behind: UnitOfWork
    moments: Moments

    async def commit(self, *changes: Change) -> None:
        await self.moments.passing()
        await self.behind.commit(*changes)
        await self.moments.passing()


class MortalEntries:
    """A store of entries before and behind whose answers the process may end.

    What is in ``meanwhile`` by the name of a method happens once, while that question is on its way.
    """

    def __init__(self, behind: MemoryEntryStore) -> None:
        self.behind = behind
        self.moments = Moments()
        self.meanwhile: dict[str, Callable[[], Awaitable[object]]] = {}

    def has_place_for(self, attribute: str) -> bool:
        return self.behind.has_place_for(attribute)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        ask = getattr(self.behind, name)

        async def asked(*arguments: Any, **named: Any) -> Any:
            await self.moments.passing()
            if name in self.meanwhile:
                await self.meanwhile.pop(name)()
            answer = await ask(*arguments, **named)
            await self.moments.passing()
            return answer

        return asked


@dataclass
class Workshop:
    """The room, its doors, and what to look at afterwards."""

    eng: MemoryEntryStore = field(
        default_factory=lambda: MemoryEntryStore(ENG, attributes=PLACES, groups=["staff", "admins"])
    )
    clock: StandingClock = field(default_factory=StandingClock)

    def __post_init__(self) -> None:
        for stranger in STRANGERS:
            self.eng.seed(stranger, "their own password")
        self.strangers = {entry.id: self.eng.entries[entry.id] for entry in STRANGERS}
        self.mortal = MortalEntries(self.eng)
        self.doors = MemoryDoors(
            UserStoreDescription("PRIMARY"), ENG, outside={"ENG": cast("EntryStore", self.mortal)}
        )
        self.doors.look().identity_providers[ACME.id] = ACME
        self.entropy = CountedEntropy()
        self.changing = EntryChanging(self.doors.user_stores, self.clock)

    @property
    def making(self) -> EntryMaking:
        """The maker, whose process may end where the moments say."""
        return EntryMaking(self.work, self.clock, self.entropy)

    @property
    def leaving(self) -> EntryLeaving:
        return EntryLeaving(self.work, self.clock, self.entropy)

    @property
    def recovery(self) -> Recovery:
        return self.recovery_pausing(checkpoint_instead)

    def recovery_pausing(self, pause: Callable[[float], Awaitable[None]]) -> Recovery:
        """Return a recovery that does this whenever it would wait."""
        return Recovery(
            self.doors.operations, self.doors.user_stores, self.doors.account_links, self.doors.receipts,
            self.doors.identity_providers, self.work, self.clock, self.entropy, pause,
        )  # fmt: skip

    @property
    def work(self) -> MortalWork:
        return MortalWork(self.doors.unit_of_work, self.mortal.moments)

    @property
    def state(self) -> MemoryState:
        return self.doors.look()

    @property
    def actions(self) -> list[Action]:
        return [event.action for event in self.state.events]

    async def store(self) -> UserStore:
        store = await self.doors.user_stores.find("ENG")
        assert store is not None
        return store

    async def make(self, user: User | None = None, password: str | None = "correct-horse") -> Made:
        """Reserve Ada with her link, and make her entry."""
        user = user or ada()
        link = AccountLink("idp-acme", "a-1", user.id, "ENG", self.clock.now())
        return await self.making.make(
            await self.store(), user, password, reserving=[AddAccountLink(link)], begun=BEGUN
        )

    async def publish(self, made: Made) -> None:
        await self.work.commit(*made.publishing)

    async def live_through(self, act: Callable[[], Awaitable[object]], *, until: int) -> bool:
        """Do something in a process that ends at that moment; say whether it did."""
        self.mortal.moments = Moments(until)
        try:
            await act()
        except Killed:
            return True
        finally:
            self.mortal.moments = Moments()
        return False

    async def sweep(self) -> None:
        await self.recovery.sweep()

    async def remove(self) -> None:
        """Remove Ada, as an operator does."""
        store = await self.store()
        record = await store.records.find("u-ada")
        assert record is not None
        await self.leaving.remove(store, record, recording=(), begun=Begun("operator:u-root"))

    async def switch(self, *, enabled: bool) -> None:
        """Switch the store on or off, as an operator does."""
        record = self.state.user_stores["store-eng"]
        version = record.version + 1
        description = replace(record.description, enabled=enabled, version=version)
        await self.doors.unit_of_work.commit(
            SaveUserStore(replace(record, description=description, version=version))
        )

    async def recover(self) -> None:
        """Let the leases run out, and let the next process bring to its end what is due."""
        self.clock.advance(LEASE)
        _, faults = await self.recovery.sweep()
        assert () == faults

    async def recover_wholly(self) -> None:
        """Recover, and watch what was given up for as long as it is watched."""
        await self.recover()
        self.clock.advance(LOOK_AGAIN)
        await self.recovery.sweep()
        self.clock.advance(WATCHED_FOR)
        await self.recovery.sweep()

    def check(self) -> None:
        """P-1, P-2, P-4: no half user, no entry without its user, no link to nobody, strangers as before."""
        users = {user.id: user for user in self.state.users.values()}
        ours = {entry.id: entry for entry in self.eng.entries.values() if entry.id not in self.strangers}
        assert self.strangers == {id_: self.eng.entries[id_] for id_ in self.strangers}
        assert not {user.state for user in users.values()} & {UserState.PENDING, UserState.LEAVING}
        assert {user.entry: user.id for user in users.values()} == {
            entry.id: entry.stamp for entry in ours.values()
        }
        assert {link.user_id for link in self.state.links.values()} <= set(users)
        under_way = [o for o in self.state.operations.values() if o.state is OperationState.PENDING]
        assert [] == under_way


async def checkpoint_instead(seconds: float) -> None:
    """Let others go on, without any time passing."""
    await checkpoint()


def ada(id: str = "u-ada", name: str = "ada") -> User:
    """Ada as decided: two attributes, only one of which the store keeps, and a group."""
    return User(
        id=id,
        username=Username("ENG", name, name),
        created=StandingClock().now(),
        attributes=attributes(email="ada@acme.example", given_name="Ada"),
        roles=(Grant("ENG/staff", BY_ACME), Grant("reader", BY_ACME)),
        origin="idp-acme",
    )


def attributes(**values: str) -> dict[str, tuple[AttributeValue, ...]]:
    return {name: (AttributeValue(value, BY_ACME),) for name, value in values.items()}
