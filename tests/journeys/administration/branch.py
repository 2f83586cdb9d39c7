"""A branch: an office with a store outside our database, in which strangers stand and Ada was added by us."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

from tests.journeys.administration.office import ACME, ROOT, Office
from tests.journeys.operations.workshop import MortalEntries

from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.model.changes import AddSession, SaveUserStore
from jitney.model.entry import Entry
from jitney.model.session import LocalPerson, Session
from jitney.model.user import User
from jitney.model.user_store import UserStoreDescription
from jitney.ports import EntryStore
from jitney.testing.memory import MemoryDoors
from jitney.userstores.memory_entries import MemoryEntryStore

GOOD = "correct-horse"
GRACE = Entry("e-grace", "grace", {"email": ("grace@eng.example",)}, groups=("staff",))
ADA = NewUser(
    "ada",
    "ENG",
    attributes={"email": ("ada@eng.example",), "given_name": ("Ada",)},
    roles=("engineers", "ENG/staff"),
    password=GOOD,
    links=(FederatedKey("acme", "a-1"),),
)


@dataclass
class Branch:
    """The office, the store outside, and the way on which something may happen meanwhile."""

    office: Office
    eng: MemoryEntryStore
    way: MortalEntries

    async def ada(self) -> User:
        return await self.office.users.get(ROOT, "ENG/ada")

    async def entry_of_ada(self) -> Entry:
        return self.eng.entries[(await self.ada()).entry or ""]

    async def sign_in(self, user: User) -> None:
        now = self.office.clock.now()
        person = LocalPerson(user.id, "ENG")
        session = Session("hash", "sid", person, now, now, now, now + timedelta(hours=1))
        await self.office.doors.unit_of_work.commit(AddSession(session))

    async def is_signed_in(self) -> bool:
        return await self.office.doors.sessions.find("hash") is not None

    async def restate(self, *, enabled: bool = True, read_only: bool = False) -> None:
        """Save the store's record anew, as an operator does."""
        record = self.office.doors.look().user_stores["store-eng"]
        version = record.version + 1
        description = replace(record.description, enabled=enabled, read_only=read_only, version=version)
        change = SaveUserStore(replace(record, description=description, version=version))
        await self.office.doors.unit_of_work.commit(change)

    def look(self) -> tuple[object, object, object]:
        """Return all that is kept here and there."""
        return self.office.doors.look().copy(), dict(self.eng.entries), dict(self.eng.passwords)


async def empty_branch(*, most_users_listed: int = 100) -> Branch:
    """Return a branch with its strangers, a provider and a role, and without a user of ours."""
    eng = UserStoreDescription("ENG", most_users_listed=most_users_listed)
    entries = MemoryEntryStore(eng, attributes=["email"], groups=["staff", "admins"])
    entries.seed(GRACE, "their own password")
    way = MortalEntries(entries)
    doors = MemoryDoors(UserStoreDescription("PRIMARY"), eng, outside={"ENG": cast("EntryStore", way)})
    office = Office(doors)
    await office.identity_providers.add(ROOT, ACME)
    await office.roles.add(ROOT, "engineers")
    return Branch(office, entries, way)


async def branch() -> Branch:
    """Return a branch to which Ada was added, and in which she is signed in."""
    at = await empty_branch()
    await at.sign_in(await at.office.users.add(ROOT, ADA))
    return at


def names(users: Sequence[User]) -> list[str]:
    return [user.username.name for user in users]
