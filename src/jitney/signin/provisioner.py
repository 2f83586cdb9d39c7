"""Carries out a Decision: safe to repeat, safe in a race, all or nothing.

Whatever a decision leads to, its durable trace is one commit: the user and the link, or the changes; the
session and the code made with it; the journey's last move; the outcome and the audit events.
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
    AddUser,
    Change,
    ChangeUser,
    RecordEvent,
    RecordOutcome,
    RemoveAccountLink,
    RequireApplication,
    RequireIdentityProvider,
    RequireUser,
    SaveSignIn,
)
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.session import LocalPerson, PassingPerson, Person
from jitney.model.sign_in import SignIn
from jitney.model.user import User
from jitney.ports import Clock, Entropy, UnitOfWork
from jitney.provisioning.decision import Ask, Decision, LinkTo, PassThrough, Provision, Refuse, SignInAs
from jitney.provisioning.facts import Facts
from jitney.signin.journey import Arrived, Refused
from jitney.signin.sessions import Sessions

NOT_YET = (
    "This way of joining an account is not available here yet. Please tell your help desk the reference."
)


@dataclass(frozen=True, slots=True)
class Work:
    """What a positive decision comes to: who the person is, what must change for it, and why."""

    person: Person
    changes: tuple[Change, ...]
    kind: OutcomeKind
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Provisioner:
    """Turns decisions into durable facts."""

    sessions: Sessions
    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def carry_out(
        self, decision: Decision, facts: Facts, sign_in: SignIn, *, application: Application | None
    ) -> Arrived | Refused:
        """Carry out a decision and end the journey with a session or without one.

        ``application`` is the one that the person is on the way to, as it was when this was decided.
        Raises ``Conflict`` when what the decision took for granted no longer holds; nothing has changed then.
        """
        still = _still(facts, application)
        match decision:
            case SignInAs():
                return await self._let_in(sign_in, facts, self._returning(decision, facts), still)
            case Provision():
                return await self._let_in(sign_in, facts, self._new(decision, facts), still)
            case PassThrough(attributes, reasons):
                person = PassingPerson(facts.idp.id, facts.identity.subject, attributes)
                work = Work(person, (), OutcomeKind.PASSED_THROUGH, reasons)
                return await self._let_in(sign_in, facts, work, still)
            case Refuse(sentence, reasons):
                return await self.refuse(sign_in, reasons, sentence)
            case LinkTo() | Ask():
                reasons = (*decision.reasons, Reason("decision_not_available"))
                return await self.refuse(sign_in, reasons, NOT_YET)
            case _:  # pragma: no cover (a decision that is missing here is a type error)
                assert_never(decision)

    async def refuse(
        self, sign_in: SignIn, reasons: tuple[Reason, ...], sentence: str, *, fault: JitneyError | None = None
    ) -> Refused:
        """End the journey without a session; nothing but the outcome and its event is kept."""
        said = {name: str(value)[:200] for name, value in fault.details.items()} if fault else {}
        noted = (*reasons[:-1], Reason(reasons[-1].code, {**reasons[-1].about, **said}))
        outcome = self._outcome(sign_in, OutcomeKind.REFUSED, noted)
        event = self._event(Action.SIGN_IN_REFUSED, sign_in, outcome, target=_origin(sign_in))
        await self.work.commit(SaveSignIn(sign_in.refused()), RecordOutcome(outcome), RecordEvent(event))
        return Refused(outcome, sentence, sign_in.request)

    async def turn_away(self, sign_in: SignIn, fault: JitneyError, *, idp: str) -> None:
        """Keep that somebody was turned away without moving the journey, whose owner may still go on with it.

        The fault gets the outcome's reference, so that the page and the record are found by one word.
        """
        outcome = replace(self._outcome(sign_in, OutcomeKind.REFUSED, (Reason(fault.code),)), idp=idp)
        event = self._event(Action.SIGN_IN_REFUSED, sign_in, outcome, target=f"idp:{idp}")
        await self.work.commit(RecordOutcome(outcome), RecordEvent(event))
        fault.reference = outcome.reference

    def _returning(self, decision: SignInAs, facts: Facts) -> Work:
        user, changes = decision.user, decision.changes
        person = LocalPerson(user.id, user.username.domain)
        if changes.is_empty():
            held = RequireUser(user.id, facts.now)
            return Work(person, (held,), OutcomeKind.UNCHANGED, decision.reasons)
        # The version guards the state too: a lock that was set meanwhile has raised it.
        sync = ChangeUser(user.id, user.version, changes)
        return Work(person, (sync,), OutcomeKind.UPDATED, decision.reasons)

    def _new(self, decision: Provision, facts: Facts) -> Work:
        draft, now = decision.draft, facts.now
        user = User(
            id=self.entropy.id(),
            username=draft.username,
            created=now,
            attributes=draft.attributes,
            roles=draft.roles,
            origin=draft.origin,
        )
        link = AccountLink(facts.idp.id, facts.identity.subject, user.id, user.username.domain, now)
        forgotten = (RemoveAccountLink(decision.forget),) if decision.forget else ()
        # The link comes first: whoever loses the race for it has made nothing (P-1).
        changes = (*forgotten, AddAccountLink(link), AddUser(user))
        person = LocalPerson(user.id, user.username.domain)
        return Work(person, changes, OutcomeKind.CREATED, decision.reasons)

    async def _let_in(
        self, sign_in: SignIn, facts: Facts, work: Work, still: tuple[Change, ...]
    ) -> Arrived:  # fmt: skip
        started = await self.sessions.start(work.person, sign_in.request, identity=facts.identity)
        outcome = self._outcome(sign_in, work.kind, work.reasons, person=work.person)
        await self.work.commit(
            *still,
            *work.changes,
            SaveSignIn(sign_in.done()),
            *started.changes,
            RecordOutcome(outcome),
            *(RecordEvent(event) for event in self._events(sign_in, outcome, work)),
        )
        return Arrived(started.session, started.token, sign_in.request, started.code)

    def _events(self, sign_in: SignIn, outcome: Outcome, work: Work) -> tuple[AuditEvent, ...]:
        target = f"user:{outcome.user_id}" if outcome.user_id else _origin(sign_in)
        arrived = self._event(Action.SIGN_IN_SUCCEEDED, sign_in, outcome, target=target)
        written = {OutcomeKind.CREATED: Action.USER_PROVISIONED, OutcomeKind.UPDATED: Action.USER_SYNCED}
        if work.kind not in written:
            return (arrived,)
        return (self._event(written[work.kind], sign_in, outcome, target=target), arrived)

    def _outcome(
        self,
        sign_in: SignIn,
        kind: OutcomeKind,
        reasons: tuple[Reason, ...],
        *,
        person: Person | None = None,
    ) -> Outcome:
        identity = sign_in.identity
        return Outcome(
            reference=self.entropy.reference(),
            at=self.clock.now(),
            kind=kind,
            reasons=reasons,
            application=sign_in.request.application if sign_in.request else None,
            idp=identity.idp if identity else sign_in.attempt.idp if sign_in.attempt else None,
            subject=identity.subject if identity and kind is not OutcomeKind.PASSED_THROUGH else None,
            user_id=person.user_id if isinstance(person, LocalPerson) else None,
        )

    def _event(self, action: Action, sign_in: SignIn, outcome: Outcome, *, target: str) -> AuditEvent:
        return AuditEvent(
            self.entropy.id(), outcome.at, action, _origin(sign_in), target, outcome.reference,
            {"reason": outcome.code},
        )  # fmt: skip


def _still(facts: Facts, application: Application | None) -> tuple[Change, ...]:
    """Return what must hold inside the commit as it held for the decision (R-021)."""
    provider = RequireIdentityProvider(facts.idp.id, facts.idp.version)
    if application is None:
        return (provider,)
    return (provider, RequireApplication(application.id, application.version))


def _origin(sign_in: SignIn) -> str:
    return f"idp:{sign_in.attempt.idp}" if sign_in.attempt else "local"
