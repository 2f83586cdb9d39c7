"""A study: one's own account over memory doors, with ada at home in PRIMARY, and a clock that stands still."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.journeys.sign_in.sign_in_house import ACME

from jitney.account.own_account import AccountSockets, OwnAccount
from jitney.errors import JitneyError
from jitney.model.account_link import AccountLink
from jitney.model.audit_event import Action
from jitney.model.changes import (
    AddAccountLink,
    AddIdentityProvider,
    AddSession,
    AddUser,
    Change,
    SetUserState,
)
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import FactorKind
from jitney.model.identity_provider import IdentityProvider
from jitney.model.myself import Myself
from jitney.model.session import LocalPerson, Session
from jitney.model.user import AttributeValue, GivenBy, Lock, Provenance, User, Username, UserState
from jitney.model.user_store import UserStoreDescription
from jitney.ports import UnitOfWork
from jitney.signin.factor_desk import FactorDesk
from jitney.signin.factor_enrolment import FactorEnrolment
from jitney.signin.factor_removal import FactorRemoval
from jitney.signin.factor_settings import FactorSettings
from jitney.signin.guesses import Guesses
from jitney.signin.own_factors import OwnFactors
from jitney.testing.counted_entropy import CountedEntropy
from jitney.testing.memory import MemoryDoors
from jitney.testing.memory_state import MemoryState
from jitney.testing.standing_clock import StandingClock
from jitney.userstores.memory_entries import MemoryEntryStore

IDLE = 30 * 60
GLOBEX = replace(ACME, id="idp-globex", name="globex", display_name="Globex")
ENG = UserStoreDescription("ENG")
BY_ACME = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-acme")
SETTINGS = FactorSettings("Jitney", "id.example", "https://id.example", b"k" * 32)
MINUTE = timedelta(minutes=1)


@dataclass
class MeddlingWork:
    """A unit of work in front of which something happens once, as if somebody else had been quicker."""

    behind: UnitOfWork
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def commit(self, *changes: Change) -> None:
        meddle, self.meanwhile = self.meanwhile, None
        if meddle is not None:
            await meddle()
        await self.behind.commit(*changes)


@dataclass
class Study:
    """The verbs, and the doors that they stand on."""

    doors: MemoryDoors = field(default_factory=MemoryDoors)
    clock: StandingClock = field(default_factory=StandingClock)
    entropy: CountedEntropy = field(default_factory=CountedEntropy)

    def __post_init__(self) -> None:
        doors, self.work = self.doors, MeddlingWork(self.doors.unit_of_work)
        self.own = OwnAccount.of(
            AccountSockets(
                doors.user_stores, doors.account_links, doors.identity_providers, doors.identity_locks,
                doors.factors, doors.sessions, doors.receipts, doors.records, doors.arrivals, self.work, self.clock,
                self.entropy,
            ),
            idle_seconds=IDLE,
        )  # fmt: skip
        guesses = Guesses(doors.attempts, self.work, self.clock)
        desk = FactorDesk(doors.factors, guesses, self.work, self.clock, self.entropy, SETTINGS)
        self.factors = OwnFactors(
            doors.factors, FactorEnrolment(desk), FactorRemoval(desk), doors.identity_providers, guesses,
            self.clock, enhanced=True,
        )  # fmt: skip

    @property
    def state(self) -> MemoryState:
        return self.doors.look()

    @property
    def actions(self) -> list[Action]:
        return [event.action for event in self.state.events]

    async def commit(self, *changes: Change) -> None:
        await self.doors.unit_of_work.commit(*changes)

    async def add_provider(self, idp: IdentityProvider = ACME) -> None:
        await self.commit(AddIdentityProvider(idp))

    async def add_user(self, name: str = "ada", *, password: bool = False, **changed: Any) -> User:
        """Add a user whom Acme has provisioned, without a link."""
        values = {
            "email": (AttributeValue(f"{name}@acme.example", BY_ACME),),
            "email_verified": (AttributeValue("true", BY_ACME),),
        }
        user = User(
            f"u-{name}",
            Username("PRIMARY", name, name),
            self.clock.now(),
            attributes=values,
            origin="idp-acme",
        )
        await self.commit(AddUser(replace(user, **changed), "a hash" if password else None))
        return user

    async def link(self, idp: str = "idp-acme", subject: str = "a-1", *, name: str = "ada") -> None:
        await self.commit(AddAccountLink(AccountLink(idp, subject, f"u-{name}", "PRIMARY", self.clock.now())))

    async def sign_in(self, id_hash: str = "here", *, name: str = "ada", **changed: Any) -> Session:
        now = self.clock.now()
        session = Session(
            id_hash, f"public-{id_hash}", LocalPerson(f"u-{name}", "PRIMARY"), now, now, now,
            now + timedelta(hours=8), idp="idp-acme", subject="a-1",
        )  # fmt: skip
        session = replace(session, **changed)
        await self.commit(AddSession(session))
        return session

    async def me(self, id_hash: str = "here") -> Myself:
        session = await self.doors.sessions.find(id_hash)
        assert session is not None
        return await self.own.recognition.of(session)

    async def set_state(self, *, lock: Lock | None = None, state: UserState = UserState.ACTIVE) -> None:
        user = self.state.users["u-ada"]
        await self.commit(SetUserState(user.id, user.version, state, lock))

    async def lock(self) -> None:
        await self.set_state(lock=Lock("left", self.clock.now()))

    async def refuses(self, act: Awaitable[object], *, because: str) -> None:
        """Show that an act is refused for a reason, and that nothing has changed."""
        before = self.state
        with pytest.raises(JitneyError) as refused:
            await act
        assert (because, before) == (refused.value.code, self.state)


async def study_of_ada(*, password: bool = False, **changed: Any) -> Study:
    """Ada came through Acme, to which she is linked, just now."""
    study = Study()
    await study.add_provider(replace(ACME, enhanced=EnhancedFeature(second_factors=True)))
    await study.add_user(password=password, **changed)
    await study.link()
    await study.sign_in()
    return study


async def study_elsewhere() -> tuple[Study, MemoryEntryStore]:
    """A study with a store outside our database."""
    entries = MemoryEntryStore(ENG, attributes=["email"])
    doors = MemoryDoors(UserStoreDescription("PRIMARY"), ENG, outside={"ENG": entries})
    return Study(doors), entries


def old(study: Study, by: timedelta = 6 * MINUTE) -> datetime:
    """Return a moment at which somebody signed in too long ago."""
    return study.clock.now() - by


TOTP = FactorKind.TOTP
