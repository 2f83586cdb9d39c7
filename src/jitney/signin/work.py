"""What a positive decision comes to: who the person is, and the changes that make it so.

A store outside our database is written here, before the changes are committed: a new user's link, name and receipt
are reserved first, and the changes publish what stands there (``operations/``).
"""

from dataclasses import dataclass, replace

from jitney.errors import (
    Conflict,
    JitneyError,
    NotFound,
    StoreUnanswered,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.account_link import AccountLink
from jitney.model.audit_event import Action
from jitney.model.changes import (
    AddAccountLink,
    AddMail,
    AddUser,
    Change,
    EndSessionsOfUser,
    RemoveAccountLink,
    RequireAccountLink,
    RequireIdentityProvider,
    RequireUser,
    RequireUserStore,
)
from jitney.model.outcome import OutcomeKind, Reason
from jitney.model.session import LocalPerson, PassingPerson, Person
from jitney.model.user import User, UserChanges
from jitney.operations.changing import EntryChanging
from jitney.operations.making import Begun, EntryMaking, Made
from jitney.ports import Entropy, Passwords, UserStore, UserStores
from jitney.provisioning.decision import LinkTo, Provision, SignInAs
from jitney.provisioning.facts import Facts, LocalProof, StoreState
from jitney.provisioning.link_notice import link_notice
from jitney.provisioning.naming import NAME_OCCUPIED
from jitney.signin.receipts import ConsentGiven, ReceiptTerms, plan_receipt

_NUMBERS = ("result_code", "windows_code")


class StoreSaidNo(Exception):
    """A store outside our database did not take what was decided; nothing is left of it.

    ``why`` is a fact for the next decision; it never leaves this room.
    """

    def __init__(self, why: Reason) -> None:
        super().__init__(why.code)
        self.why = why


@dataclass(frozen=True, slots=True)
class Work:
    """What a positive decision comes to: who the person is, what must change for it, the acts, and why.

    ``made`` is an entry outside our database that the changes publish.
    """

    person: Person
    changes: tuple[Change, ...]
    kind: OutcomeKind
    reasons: tuple[Reason, ...]
    acts: tuple[Action, ...] = ()
    made: Made | None = None


@dataclass(frozen=True, slots=True)
class WorkPlanner:
    """Turns positive decisions into work; ``terms`` is what every consent receipt says."""

    user_stores: UserStores
    passwords: Passwords
    making: EntryMaking
    changing: EntryChanging
    entropy: Entropy
    terms: ReceiptTerms

    async def of_returning(self, decision: SignInAs, facts: Facts) -> Work:
        """Bring a known user up to date; raises ``StoreSaidNo``."""
        user, changes = decision.user, decision.changes
        person = LocalPerson(user.id, user.username.domain)
        if changes.is_empty():
            # The version guards the second factor too: one that is enrolled in this moment is owed.
            held = RequireUser(user.id, facts.now, user.version or None)
            return Work(person, (held,), OutcomeKind.UNCHANGED, decision.reasons)
        # The version guards the state too: a lock that was set meanwhile has raised it.
        sync = await self._followed(user, changes)
        return Work(person, sync, OutcomeKind.UPDATED, decision.reasons, (Action.USER_SYNCED,))

    async def _followed(self, user: User, changes: UserChanges) -> tuple[Change, ...]:
        """Let the user's store follow, and return the changes of our record; raises ``StoreSaidNo``."""
        try:
            return tuple(await self.changing.follow(user, changes))
        except (UserStoreRejected, UserStoreUnavailable, NotFound) as fault:
            raise StoreSaidNo(_said_by_store(fault, user.username.domain)) from fault

    async def of_new(
        self, decision: Provision, facts: Facts, given: ConsentGiven, still: tuple[Change, ...]
    ) -> Work:
        """Make a user with its link and its receipt; ``still`` is what must hold when they are reserved.

        Raises ``StoreSaidNo``, ``Conflict``, and ``StoreUnanswered``.
        """
        draft, now, user_id = decision.draft, facts.now, self.entropy.id()
        user = User(
            id=user_id,
            username=draft.username,
            created=now,
            attributes=draft.attributes,
            roles=draft.roles,
            has_password=decision.password is not None,
            origin=draft.origin,
        )
        link = AccountLink(
            facts.idp.id, facts.identity.subject, user_id, user.username.domain, now,
            anchor=decision.anchor, withheld=decision.withheld,
        )  # fmt: skip
        forgotten = (RemoveAccountLink(decision.forget),) if decision.forget else ()
        receipt = plan_receipt(
            self.entropy.id() if decision.consented else "",
            decision.consented, replace(given, user_id=user_id), self.terms,
        )  # fmt: skip
        acts = (Action.USER_PROVISIONED, *((Action.CONSENT_GIVEN,) if receipt else ()))
        person = LocalPerson(user_id, user.username.domain)
        # The link comes first: whoever loses the race for it has made nothing (P-1).
        bound = (*forgotten, AddAccountLink(link), *receipt)
        store = await self.store_of(user)
        if store.entries is None:
            password_hash = await self.passwords.hash(decision.password) if decision.password else None
            changes = (*bound, AddUser(user, password_hash))
            return Work(person, changes, OutcomeKind.CREATED, decision.reasons, acts)
        reserving = (*still, *await self.store_still(person), *bound)
        made = await self._made(store, user, decision.password, reserving, given.reference)
        return Work(person, made.publishing, OutcomeKind.CREATED, decision.reasons, acts, made)

    async def _made(
        self,
        store: UserStore,
        user: User,
        password: str | None,
        reserving: tuple[Change, ...],
        reference: str,
    ) -> Made:
        """Make the entry; raises ``Conflict`` where somebody else was quicker here, ``StoreSaidNo`` otherwise."""
        begun = Begun(f"idp:{user.origin}", reference)
        try:
            return await self.making.make(store, user, password, reserving=reserving, begun=begun)
        except StoreUnanswered:
            raise
        except (UserStoreRejected, UserStoreUnavailable) as fault:
            raise StoreSaidNo(_said_by_store(fault, user.username.domain)) from fault
        except Conflict as lost:
            if lost.code != NAME_OCCUPIED:
                raise
            raise StoreSaidNo(Reason(NAME_OCCUPIED)) from lost

    async def of_linking(self, decision: LinkTo, facts: Facts) -> Work:
        """Join the arrival to the user; whoever was in the account before is out with the same commit.

        The attack (R-011): somebody makes an account for the victim, stays signed in to it, and waits until the
        victim has moved in.
        """
        user, now = decision.user, facts.now
        link = AccountLink(
            facts.idp.id, facts.identity.subject, user.id, user.username.domain, now, decision.linked_by,
            decision.anchor, decision.withheld,
        )  # fmt: skip
        notice = link_notice(user, facts.idp.display_name, id=self.entropy.id(), now=now)
        # The user's version grows, so that whoever is just deleting the user for want of links looks again.
        held = await self._followed(user, decision.changes)
        changes = (
            *_still_proven(facts.proof),
            *((RemoveAccountLink(decision.forget),) if decision.forget else ()),
            AddAccountLink(link),
            *held,
            EndSessionsOfUser(user.id, now),
            *((AddMail(notice),) if notice else ()),
        )
        acts = (Action.ACCOUNT_LINKED, *(() if decision.changes.is_empty() else (Action.USER_SYNCED,)))
        person = LocalPerson(user.id, user.username.domain)
        return Work(person, changes, OutcomeKind.LINKED, decision.reasons, acts)

    async def store_of(self, user: User) -> UserStore:
        """Return the store of a user; raises ``Conflict`` where it has gone."""
        store = await self.user_stores.find(user.username.domain)
        if store is None:
            raise Conflict("conflict", "The user store has gone meanwhile.", what="user_store")
        return store

    async def store_still(self, person: Person) -> tuple[Change, ...]:
        """Return that the person's store is still as it is, where an operator could change it meanwhile (R-021)."""
        if isinstance(person, PassingPerson):
            return ()
        store = await self.user_stores.find(person.domain)
        version = store.description.version if store else 0
        return (RequireUserStore(person.domain, version),) if version else ()


def _said_by_store(fault: JitneyError, domain: str) -> Reason:
    """Return what a store's answer is to the decision: that it cannot be asked is one thing, whatever the cause.

    Whoever is asked for help reads which store it was, and the number of its answer; never its words.
    """
    about = {"domain": domain}
    about |= {name: str(fault.details[name]) for name in _NUMBERS if name in fault.details}
    if isinstance(fault, UserStoreUnavailable):
        return Reason(StoreState.UNREACHABLE.value, {"cause": fault.code, **about})
    return Reason(fault.code, about)


def _still_proven(proof: LocalProof | None) -> tuple[Change, ...]:
    """Return what a proof through another provider took for granted: that provider, and the link that it opened."""
    through = proof.through if proof else None
    if proof is None or through is None:
        return ()
    return (
        RequireIdentityProvider(through.idp, proof.idp_version),
        RequireAccountLink(through.idp, through.subject, through.user_id),
    )
