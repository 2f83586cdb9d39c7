"""Carries out a Decision: safe to repeat, safe in a race, all or nothing.

Whatever a decision leads to, its durable trace is one commit: the user with the password and the link, or the
changes; the consent receipt; the session and the code made with it; the journey's last move; the outcome and the
audit events.
When somebody else was quicker, the commit is refused as a whole and the hall decides again.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from jitney.errors import JitneyError
from jitney.model.account_link import AccountLink
from jitney.model.application import Application
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import (
    AddAccountLink,
    AddMail,
    AddUser,
    Change,
    ChangeUser,
    EndSessionsOfUser,
    RecordEvent,
    RecordOutcome,
    RemoveAccountLink,
    RequireAccountLink,
    RequireApplication,
    RequireIdentityProvider,
    RequireUser,
    SaveSignIn,
)
from jitney.model.outcome import OutcomeKind, Reason
from jitney.model.session import LocalPerson, PassingPerson, Person
from jitney.model.sign_in import SignIn
from jitney.model.user import User
from jitney.ports import Entropy, Passwords, UnitOfWork
from jitney.provisioning.decision import Ask, Decision, LinkTo, PassThrough, Provision, Refuse, SignInAs
from jitney.provisioning.difference import written_lines
from jitney.provisioning.facts import Facts, LocalProof
from jitney.provisioning.link_notice import link_notice
from jitney.signin.journey import Arrived, Refused, TurnedBack
from jitney.signin.journey_records import JourneyRecords, origin
from jitney.signin.receipts import ConsentGiven, ReceiptTerms, plan_receipt
from jitney.signin.said import NOTHING, Said
from jitney.signin.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Work:
    """What a positive decision comes to: who the person is, what must change for it, the acts, and why."""

    person: Person
    changes: tuple[Change, ...]
    kind: OutcomeKind
    reasons: tuple[Reason, ...]
    acts: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Provisioner:
    """Turns decisions into durable facts; ``terms`` is what every consent receipt says."""

    sessions: Sessions
    passwords: Passwords
    work: UnitOfWork
    records: JourneyRecords
    entropy: Entropy
    terms: ReceiptTerms

    async def carry_out(
        self,
        decision: Decision,
        facts: Facts,
        sign_in: SignIn,
        *,
        application: Application | None,
        said: Said = NOTHING,
    ) -> Arrived | Refused | TurnedBack:
        """Carry out a decision and end the journey with a session or without one.

        ``application`` is the one that the person is on the way to, as it was when this was decided.
        Raises ``Conflict`` when what the decision took for granted no longer holds; nothing has changed then.
        """
        reference = self.records.reference(sign_in)
        match decision:
            case SignInAs():
                work = self._returning(decision, facts)
            case Provision():
                given = ConsentGiven("", facts.idp.id, reference, said.language, facts.now)
                work = await self._new(decision, facts, given)
            case LinkTo():
                work = self._linking(decision, facts)
            case PassThrough(attributes, reasons):
                person = PassingPerson(facts.idp.id, facts.identity.subject, attributes)
                work = Work(person, (), OutcomeKind.PASSED_THROUGH, reasons)
            case Refuse(sentence, reasons):
                refused = await self.refuse(sign_in, reasons, sentence)
                return TurnedBack(refused.request, refused.outcome) if decision.by_the_person else refused
            case Ask():  # the hall asks, and carries nothing out
                raise TypeError("a question cannot be carried out")
            case _:  # pragma: no cover (a decision that is missing here is a type error)
                assert_never(decision)
        outcome = self.records.outcome(
            sign_in, work.kind, work.reasons,
            reference=reference, person=work.person, written=written_lines(decision),
        )  # fmt: skip
        started = await self.sessions.start(work.person, sign_in.request, identity=facts.identity)
        await self.work.commit(
            *_still(facts, application),
            *work.changes,
            SaveSignIn(sign_in.done()),
            *started.changes,
            self.records.keep(sign_in, outcome),
            *self.records.events((*work.acts, Action.SIGN_IN_SUCCEEDED), sign_in, outcome),
        )
        return Arrived(started.session, started.token, sign_in.request, started.code)

    async def refuse(
        self, sign_in: SignIn, reasons: tuple[Reason, ...], sentence: str, *, fault: JitneyError | None = None
    ) -> Refused:
        """End the journey without a session; nothing but the outcome and its event is kept."""
        said = {name: str(value)[:200] for name, value in fault.details.items()} if fault else {}
        noted = (*reasons[:-1], Reason(reasons[-1].code, {**reasons[-1].about, **said}))
        outcome = self.records.outcome(sign_in, OutcomeKind.REFUSED, noted)
        await self.work.commit(
            SaveSignIn(sign_in.refused()),
            self.records.keep(sign_in, outcome),
            self.records.event(Action.SIGN_IN_REFUSED, sign_in, outcome),
        )
        return Refused(outcome, sentence, sign_in.request)

    async def turn_away(self, sign_in: SignIn, fault: JitneyError, *, idp: str) -> None:
        """Keep that somebody was turned away without moving the journey, whose owner may still go on with it.

        The fault gets the outcome's reference, so that the page and the record are found by one word.
        """
        reason, reference = (Reason(fault.code),), self.entropy.reference()
        outcome = self.records.outcome(sign_in, OutcomeKind.REFUSED, reason, reference=reference)
        outcome = replace(outcome, idp=idp)
        event = AuditEvent(
            self.entropy.id(), outcome.at, Action.SIGN_IN_REFUSED, origin(sign_in), f"idp:{idp}", reference,
            {"reason": outcome.code},
        )  # fmt: skip
        await self.work.commit(RecordOutcome(outcome), RecordEvent(event))
        fault.reference = reference

    def _returning(self, decision: SignInAs, facts: Facts) -> Work:
        user, changes = decision.user, decision.changes
        person = LocalPerson(user.id, user.username.domain)
        if changes.is_empty():
            held = RequireUser(user.id, facts.now)
            return Work(person, (held,), OutcomeKind.UNCHANGED, decision.reasons)
        # The version guards the state too: a lock that was set meanwhile has raised it.
        sync = ChangeUser(user.id, user.version, changes)
        return Work(person, (sync,), OutcomeKind.UPDATED, decision.reasons, (Action.USER_SYNCED,))

    async def _new(self, decision: Provision, facts: Facts, given: ConsentGiven) -> Work:
        draft, now, user_id = decision.draft, facts.now, self.entropy.id()
        password_hash = await self.passwords.hash(decision.password) if decision.password else None
        user = User(
            id=user_id,
            username=draft.username,
            created=now,
            attributes=draft.attributes,
            roles=draft.roles,
            has_password=password_hash is not None,
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
        # The link comes first: whoever loses the race for it has made nothing (P-1).
        changes = (*forgotten, AddAccountLink(link), AddUser(user, password_hash), *receipt)
        acts = (Action.USER_PROVISIONED, *((Action.CONSENT_GIVEN,) if receipt else ()))
        person = LocalPerson(user_id, user.username.domain)
        return Work(person, changes, OutcomeKind.CREATED, decision.reasons, acts)

    def _linking(self, decision: LinkTo, facts: Facts) -> Work:
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
        held = (
            RequireUser(user.id, now, user.version)
            if decision.changes.is_empty()
            else ChangeUser(user.id, user.version, decision.changes)
        )
        changes = (
            *_still_proven(facts.proof),
            *((RemoveAccountLink(decision.forget),) if decision.forget else ()),
            AddAccountLink(link),
            held,
            EndSessionsOfUser(user.id, now),
            *((AddMail(notice),) if notice else ()),
        )
        acts = (Action.ACCOUNT_LINKED, *(() if decision.changes.is_empty() else (Action.USER_SYNCED,)))
        person = LocalPerson(user.id, user.username.domain)
        return Work(person, changes, OutcomeKind.LINKED, decision.reasons, acts)


def _still_proven(proof: LocalProof | None) -> tuple[Change, ...]:
    """Return what a proof through another provider took for granted: that provider, and the link that it opened."""
    through = proof.through if proof else None
    if proof is None or through is None:
        return ()
    return (
        RequireIdentityProvider(through.idp, proof.idp_version),
        RequireAccountLink(through.idp, through.subject, through.user_id),
    )


def _still(facts: Facts, application: Application | None) -> tuple[Change, ...]:
    """Return what must hold inside the commit as it held for the decision (R-021)."""
    provider = RequireIdentityProvider(facts.idp.id, facts.idp.version)
    if application is None:
        return (provider,)
    return (provider, RequireApplication(application.id, application.version))
