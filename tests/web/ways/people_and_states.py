"""A person who can be reached by a way in, and what may be the matter with them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tests.web.pages.pages_house import PASSWORD, PagesHouse

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.people.identity_locks import SocialIdentity
from jitney.model.account_link import AccountLink, LinkedBy
from jitney.model.changes import AddAccountLink, SaveIdentityLock, SetUserState
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.model.user import AttributeValue, GivenBy, Lock, Provenance, User, UserState


@dataclass(frozen=True)
class Somebody:
    """A person of one cell; ``name`` is the subject by which their provider knows them."""

    house: PagesHouse
    name: str
    idp: str = "idp-acme"

    @property
    def email(self) -> str:
        """The address that the fake providers give to a stranger of this name."""
        return f"{self.name}@acme.example"

    @property
    def account(self) -> str:
        """The user name of an account that was there before anybody came."""
        return f"{self.name}-account"

    async def user(self) -> User:
        """The account, which must be there."""
        link = await self.house.house.doors.links.find(self.idp, self.name)
        assert link is not None, f"{self.name} is not linked"
        store = await self.house.house.doors.user_stores.find(link.domain)
        found = await store.find(link.user_id) if store else None
        assert found is not None, self.name
        return found

    async def have_account(self) -> None:
        """Have an account with a password, linked to the provider, which has given the address."""
        given = Provenance(GivenBy.IDENTITY_PROVIDER, self.idp)
        attributes = {"email": (AttributeValue(self.email, given),)}
        user = await self.house.add_local(self.account, password=PASSWORD, attributes=attributes)
        now = self.house.house.doors.clock.now()
        link = AccountLink(self.idp, self.name, user.id, "PRIMARY", now, LinkedBy.OPERATOR)
        await self.house.house.doors.work.commit(AddAccountLink(link))

    def lock(self, *, is_over: bool = False) -> Lock:
        """A lock that is in force, or one that has just run out."""
        now = self.house.house.doors.clock.now()
        since = now - timedelta(hours=1)
        return Lock("stolen", since, now - timedelta(seconds=1) if is_over else None)

    async def set(self, *, state: UserState = UserState.ACTIVE, lock: Lock | None = None) -> None:
        """Change the account behind everybody's back, so that no session or token ends by it."""
        user = await self.user()
        await self.house.house.doors.work.commit(SetUserState(user.id, user.version, state, lock))

    async def lock_alone(self, by: LockedBy, *, is_over: bool = False) -> None:
        """Lock the identity and not the account, as where the account was made anew."""
        value = self.name if by is LockedBy.SUBJECT else self.email
        lock = IdentityLock(self.idp, by, value, self.lock(is_over=is_over))
        await self.house.house.doors.work.commit(SaveIdentityLock(lock))

    async def be_locked(self, by: LockedBy) -> None:
        """Be locked by an operator, by the social identity."""
        value = self.name if by is LockedBy.SUBJECT else self.email
        who = SocialIdentity(self.idp.removeprefix("idp-"), by, value)
        locked = await self.house.house.verbs.identity_locks.lock(COMMAND_LINE, who, reason="stolen")
        assert locked.on_identity, who

    async def be_removed(self) -> None:
        """Be removed by an operator."""
        await self.house.house.verbs.users.remove(COMMAND_LINE, (await self.user()).id)


Put = Callable[[Somebody], Awaitable[None]]

STATES: Mapping[str, Put] = {
    "locked": lambda one: one.set(lock=one.lock()),
    "disabled": lambda one: one.set(state=UserState.DISABLED),
    "expired lock": lambda one: one.set(lock=one.lock(is_over=True)),
    "deleted": lambda one: one.be_removed(),
    "locked by subject": lambda one: one.be_locked(LockedBy.SUBJECT),
    "locked by e-mail": lambda one: one.be_locked(LockedBy.EMAIL),
    "subject alone": lambda one: one.lock_alone(LockedBy.SUBJECT),
    "e-mail alone": lambda one: one.lock_alone(LockedBy.EMAIL),
    "expired, identity": lambda one: one.lock_alone(LockedBy.SUBJECT, is_over=True),
}
"""What an operator, or time, may do to somebody; ``alone``: the identity is locked, and the account is not."""
