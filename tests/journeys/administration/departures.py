"""An office that a provider leaves: people of each fate, here and in a store outside, some of them signed in."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

from tests.journeys.administration.office import ACME, ROOT, Office
from tests.journeys.operations.workshop import Killed, Moments, MortalEntries, MortalWork

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.removal.provider_removal import ProviderRemoving
from jitney.administration.removal.removal_rounds import Waiting
from jitney.administration.removal.removal_steps import ProviderClearing
from jitney.model.account_link import AccountLink
from jitney.model.audit_event import Action
from jitney.model.changes import AddAccountLink, AddSession, AddUser
from jitney.model.entry import Entry
from jitney.model.identity_provider import IdentityProvider
from jitney.model.provider_removal import ProviderRemoval, RemovalCounts
from jitney.model.session import LocalPerson, Session
from jitney.model.user import GivenBy, Grant, Provenance, User, Username
from jitney.model.user_store import UserStoreDescription
from jitney.operations.leaving import EntryLeaving
from jitney.operations.making import LEASE
from jitney.operations.recovery import Recovery
from jitney.ports import EntryStore, UnitOfWork
from jitney.testing.counted_entropy import CountedEntropy
from jitney.testing.memory import MemoryDoors
from jitney.userstores.memory_entries import MemoryEntryStore

OTHER = replace(ACME, name="other", display_name="Other")
BY_ROOT = Provenance(GivenBy.OPERATOR, "u-root")

EVERYBODY = RemovalCounts(
    deleted=5, has_other_link=1, has_password=2, not_provisioned_by_it=1, is_operator=1, entry_not_ours=1
)
"""What becomes of those whom ``populate`` makes."""

GONE = {"ada", "twice", "outside", "vanished", "orphan"}
STAYING = {"elsewhere", "grace", "known", "local", "desk", "strange", "orphan-with-password"}


@dataclass
class Departure:
    """The office, the store outside, and the two providers."""

    office: Office
    eng: MemoryEntryStore
    way: MortalEntries
    acme: IdentityProvider
    other: IdentityProvider
    waited: list[Waiting] = field(default_factory=list[Waiting])

    @property
    def doors(self) -> MemoryDoors:
        return self.office.doors

    @property
    def users(self) -> dict[str, User]:
        """Everybody of whom a record is kept, by name."""
        return {user.username.name: user for user in self.doors.look().users.values()}

    async def person(
        self, name: str, *links: tuple[IdentityProvider, str], outside: Entry | None = None, **said: object
    ) -> None:
        """Make somebody whom acme has brought, unless ``said`` says otherwise, and sign them in."""
        domain = "ENG" if outside else "PRIMARY"
        has_password = bool(said.pop("has_password", False))
        now = self.office.clock.now()
        user = User(f"u-{name}", Username(domain, name, name), now, origin=self.acme.id)
        user = replace(user, entry=outside.id if outside else None, **said)
        if outside is not None and outside.name:
            self.eng.seed(outside, "their own password" if has_password else None)
        await self.doors.unit_of_work.commit(
            AddUser(user, "a hash" if has_password and not outside else None),
            *(AddAccountLink(AccountLink(idp.id, key, user.id, domain, now)) for idp, key in links),
            AddSession(self._session(user, links[0][0].id if links else None)),
        )

    def _session(self, user: User, idp: str | None) -> Session:
        now, person = self.office.clock.now(), LocalPerson(user.id, user.username.domain)
        return Session(
            f"s-{user.id}", f"sid-{user.id}", person, now, now, now, now + timedelta(hours=1), idp=idp
        )

    async def begin(self, *, forced: bool = False) -> ProviderRemoval:
        """Remove acme as it is planned now."""
        removing = self.office.provider_removing
        return await removing.begin(ROOT, await removing.plan(ROOT, "acme"), forced=forced)

    async def go_on(self, removal: ProviderRemoval, clearing: ProviderClearing | None = None) -> None:
        """Go through everybody once."""
        async for met in (clearing or self.office.provider_removing.clearing).go_on(removal.id):
            if isinstance(met, Waiting):
                self.waited.append(met)

    async def removal(self) -> ProviderRemoval:
        return await self.office.provider_removing.get(ROOT, "acme")

    async def recover(self) -> None:
        """Let leases run out, and what a crash left be finished."""
        self.office.clock.advance(LEASE)
        await self.office.recovery.sweep()

    def mortal(self, work: UnitOfWork) -> ProviderRemoving:
        """The verb of another process, whose commits are the moments at which it may end."""
        there, doors, clock = self.office.provider_removing, self.doors, self.office.clock
        entropy = CountedEntropy(f"process {len(self.doors.look().events)}")
        recovery = Recovery(
            doors.operations, doors.user_stores, doors.account_links, doors.receipts,
            doors.identity_providers, work, clock, entropy,
        )  # fmt: skip
        clearing = replace(
            there.clearing, work=work, recovery=recovery, leaving=EntryLeaving(work, clock, entropy),
            trail=AuditTrail(clock, entropy),
        )  # fmt: skip
        return replace(there, clearing=clearing, work=work, entropy=entropy)

    async def live_through(self, removal: ProviderRemoval, *, until: int) -> bool:
        """Go on in a process that ends at that moment; say whether it did."""
        self.way.moments = Moments(until)
        removing = self.mortal(MortalWork(self.doors.unit_of_work, self.way.moments))
        try:
            await self.go_on(removal, removing.clearing)
        except Killed:
            return True
        finally:
            self.way.moments = Moments()
        return False

    def happened(self, removal: ProviderRemoval) -> tuple[int, int]:
        """Count, from what is there, how many were deleted and how many unlinked."""
        actions = [event.action for event in self.doors.look().events if event.actor == removal.actor]
        return actions.count(Action.USER_REMOVED), actions.count(Action.ACCOUNT_UNLINKED)


async def departure(*, enhanced: bool = True) -> Departure:
    """Return an office with two providers and nobody yet."""
    eng = UserStoreDescription("ENG")
    entries = MemoryEntryStore(eng, attributes=["email"])
    way = MortalEntries(entries)
    doors = MemoryDoors(UserStoreDescription("PRIMARY"), eng, outside={"ENG": cast("EntryStore", way)})
    office = Office(doors, enhanced=enhanced)
    acme = (await office.identity_providers.add(ROOT, ACME)).idp
    other = (await office.identity_providers.add(ROOT, OTHER)).idp
    return Departure(office, entries, way, acme, other)


async def populate(at: Departure) -> None:
    """Make people of every fate, and people with whom acme has nothing to do."""
    acme, other = at.acme, at.other
    await at.person("ada", (acme, "a-1"))
    await at.person("twice", (acme, "a-2"), (acme, "a-3"))
    await at.person("outside", (acme, "a-4"), outside=Entry("e-1", "outside", stamp="u-outside"))
    await at.person("vanished", (acme, "a-5"), outside=Entry("e-2", ""))
    await at.person("orphan")
    await at.person("elsewhere", (acme, "a-6"), (other, "o-1"))
    await at.person("grace", (acme, "a-7"), has_password=True)
    await at.person("known", (acme, "a-8"), outside=Entry("e-3", "known", stamp="u-known"), has_password=True)
    await at.person("local", (acme, "a-9"), (acme, "a-10"), origin=None)
    await at.person("desk", (acme, "a-11"), roles=(Grant("operator.helpdesk", BY_ROOT),))
    await at.person("strange", (acme, "a-12"), outside=Entry("e-4", "strange", stamp="somebody-elses"))
    await at.person("orphan-with-password", has_password=True)
    await at.person("others", (other, "o-2"), origin=other.id)
