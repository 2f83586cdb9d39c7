"""The one-time set-up link: how the first operator comes to be, without any default password (R-118)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import COMMAND_LINE, Operator
from jitney.administration.people.user_drafts import NewUser, draft_user
from jitney.errors import Conflict, Expired, UserStoreRejected
from jitney.model.audit_event import Action
from jitney.model.changes import AddRole, AddSetupLink, AddUser, RecordEvent, SpendSetupLink
from jitney.model.secret_hash import hash_secret
from jitney.model.setup_link import SetupLink
from jitney.model.user import OPERATOR_ROLE, PRIMARY, GivenBy, Provenance, User
from jitney.ports import Clock, Entropy, Passwords, Records, SetupLinks, UnitOfWork, UserStores
from jitney.provisioning.store_rules import RulesOf

LINK_TIME = timedelta(hours=24)
"""How long a set-up link waits."""

SET_UP = "set_up"
"""The target of the events which say that an operator was made."""

SET_UP_LINK = Operator("set_up_link", "the set-up link")


@dataclass(frozen=True, slots=True)
class SetupOffer:
    """A link that may be shown once: the token for ``/set-up?token=…``, and when it ends."""

    token: str = field(repr=False)
    expires: datetime


def set_up_mark(trail: AuditTrail, operator: Operator, user_id: str) -> RecordEvent:
    """Return the event which says that there is an operator now."""
    return trail.record(operator, Action.OPERATOR_SET_UP, SET_UP, user=f"user:{user_id}")


@dataclass(frozen=True, slots=True)
class Setup:
    """Offers a link while nobody was ever made operator, and makes the first one."""

    setup_links: SetupLinks
    records: Records
    user_stores: UserStores
    passwords: Passwords
    rules_of: RulesOf
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock
    entropy: Entropy

    async def offer(self) -> SetupOffer | None:
        """Return a new link where no operator was ever made, else ``None``; earlier links end."""
        if await self.records.events(target=SET_UP, limit=1):
            return None
        return await self.offer_anew()

    async def offer_anew(self) -> SetupOffer:
        """Return a new link in any case: for whoever has the machine in hand, and lost every operator."""
        token, now = self.entropy.token(), self.clock.now()
        link = SetupLink(hash_secret(token), now, now + LINK_TIME)
        await self.work.commit(AddSetupLink(link), self._offered(link))
        return SetupOffer(token, link.expires)

    async def check(self, token: str) -> None:
        """Refuse a link that is unknown, spent or too old: ``Expired`` (``setup_link_spent``)."""
        await self._find(token)

    async def complete(self, token: str, username: str, password: str) -> User:
        """Make the first operator and spend the link, in one commit.

        Raises ``Expired`` (``setup_link_spent``), ``UserStoreRejected`` (a rule of the store) and
        ``Conflict`` (``user_name_taken``); in each case the link can still be used where it was good.
        """
        link = await self._find(token)
        store = await self.user_stores.find(PRIMARY)
        if store is None or store.entries is not None or store.description.read_only:
            raise UserStoreRejected("user_store_read_only", "The PRIMARY user store takes no users.")
        now, giver = self.clock.now(), Provenance(GivenBy.OPERATOR, SET_UP_LINK.id)
        new = NewUser(username, roles=(OPERATOR_ROLE,), password=password, attributes=_own_address(username))
        rules = self.rules_of(store.description)
        user = draft_user(new, rules, id=self.entropy.id(), now=now, giver=giver)
        changes = (
            SpendSetupLink(link.token_hash, now),
            AddRole(OPERATOR_ROLE),
            AddUser(user, await self.passwords.hash(password)),
            self.trail.record(SET_UP_LINK, Action.USER_ADDED, f"user:{user.id}", roles=OPERATOR_ROLE),
            set_up_mark(self.trail, SET_UP_LINK, user.id),
        )
        try:
            await self.work.commit(*changes)
        except Conflict as lost:
            raise _translated(lost) from lost
        return user

    def _offered(self, link: SetupLink) -> RecordEvent:
        """Record that somebody with the machine in hand can make an operator from now on (R-121)."""
        expires = link.expires.isoformat(timespec="seconds")
        return self.trail.record(COMMAND_LINE, Action.SETUP_LINK_ADDED, "setup_link", expires=expires)

    async def _find(self, token: str) -> SetupLink:
        """Find the link by the hash of its token: what the database holds opens nothing (R-126)."""
        link = await self.setup_links.find(hash_secret(token)) if token else None
        if link is None or self.clock.now() >= link.expires:
            raise _spent()
        return link


def _own_address(username: str) -> dict[str, tuple[str, ...]]:
    return {"email": (username,)} if "@" in username else {}


def _translated(lost: Conflict) -> Conflict | Expired:
    if lost.what == SpendSetupLink.guard:
        return _spent()
    if lost.what == AddUser.guard:
        return Conflict("user_name_taken", "A user of this name exists. Choose another.", what=lost.what)
    return lost


def _spent() -> Expired:
    return Expired(
        "setup_link_spent", "This set-up link is not valid any more. Run “jitney set-up” for a new one."
    )
