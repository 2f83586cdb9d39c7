"""Carries out a Decision: safe to repeat, safe in a race, all or nothing.

Whatever a decision leads to, its durable trace is one commit: the user with the password and the link, or the
changes; the consent receipt; the session and the code made with it; the journey's last move; the outcome and the
audit events.
When somebody else was quicker, the commit is refused as a whole and the hall decides again.
A store outside our database is written before that commit: a new user's link, name and receipt are reserved first,
and the commit publishes what stands there (``operations/``).
"""

from dataclasses import dataclass, replace
from typing import TypeGuard, assert_never

from jitney.errors import Conflict, JitneyError
from jitney.model.application import Application
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import (
    Change,
    RecordEvent,
    RecordOutcome,
    RequireIdentityProvider,
    SaveSignIn,
)
from jitney.model.half_way import AwaitingLink
from jitney.model.outcome import OutcomeKind, Reason
from jitney.model.session import LocalPerson, PassingPerson
from jitney.model.sign_in import SignIn
from jitney.ports import Entropy, UnitOfWork
from jitney.provisioning.decision import (
    Ask,
    Decision,
    LinkTo,
    PassThrough,
    Provision,
    Refuse,
    Settle,
    SignInAs,
)
from jitney.provisioning.difference import written_lines
from jitney.provisioning.facts import Facts
from jitney.provisioning.second_factor import Owed
from jitney.signin.factor_halts import FactorHalts
from jitney.signin.first_factors import federated
from jitney.signin.journey import Arrived, FactorWanted, Refused, TurnedBack
from jitney.signin.journey_records import JourneyRecords, origin
from jitney.signin.own_pages import still_registered
from jitney.signin.receipts import ConsentGiven
from jitney.signin.said import NOTHING, Said
from jitney.signin.sessions import Sessions
from jitney.signin.work import Work, WorkPlanner


@dataclass(frozen=True, slots=True)
class Provisioner:
    """Turns decisions into durable facts."""

    planner: WorkPlanner
    sessions: Sessions
    work: UnitOfWork
    records: JourneyRecords
    halts: FactorHalts
    entropy: Entropy

    async def carry_out(
        self,
        decision: Decision,
        facts: Facts,
        sign_in: SignIn,
        *,
        application: Application | None,
        said: Said = NOTHING,
        owed: Owed | None = None,
    ) -> Arrived | FactorWanted | Refused | TurnedBack:
        """Carry out a decision and end the journey with a session or without one.

        ``application`` is the one that the person is on the way to, as it was when this was decided.
        Where a second factor is ``owed``, all becomes durable but the session: the journey waits half way (R-099).
        Raises ``Conflict`` when what the decision took for granted no longer holds, and ``StoreSaidNo``: nothing
        has changed then. Raises ``StoreUnanswered`` where recovery will tell whether something has.
        """
        reference = self.records.reference(sign_in)
        still = _still(facts, application)
        if _waits_for_factor(decision, said) and owed is not None:
            return await self._await_factor(decision, facts, sign_in, still, owed)
        spent = said.proven.changes if said.proven else ()
        kind = said.proven.kind if said.proven else None
        match decision:
            case SignInAs():
                work = await self.planner.of_returning(decision, facts)
            case Provision():
                given = ConsentGiven("", facts.idp.id, reference, said.language, facts.now)
                work = await self.planner.of_new(decision, facts, given, still)
            case LinkTo():
                work = await self.planner.of_linking(decision, facts)
            case PassThrough(attributes, reasons):
                person = PassingPerson(facts.idp.id, facts.identity.subject, attributes)
                work = Work(person, (), OutcomeKind.PASSED_THROUGH, reasons)
            case Refuse(sentence, reasons):
                refused = await self.refuse(sign_in, reasons, sentence)
                return TurnedBack(refused.request, refused.outcome) if decision.by_the_person else refused
            case Ask() | Settle():  # the hall asks and waits, and carries nothing out
                raise TypeError("a question cannot be carried out")
            case _:  # pragma: no cover (a decision that is missing here is a type error)
                assert_never(decision)
        outcome = self.records.outcome(
            sign_in, work.kind, work.reasons,
            reference=reference, person=work.person, written=written_lines(decision),
        )  # fmt: skip
        first = federated(work.person, facts.identity, facts.idp, facts.now)
        durable = (*still, *await self.planner.store_still(work.person), *work.changes)
        if owed is not None:
            halt = self.halts.halt(sign_in, first, outcome, owed, proven=kind)
            acts = self.records.events(work.acts, sign_in, outcome)
            await self._commit(
                work, *durable, *spent, SaveSignIn(halt.sign_in),
                *self.records.keep(sign_in, halt.outcome), *acts,
            )  # fmt: skip
            return FactorWanted(halt.key)
        started = await self.sessions.start(first, sign_in.request, factor=kind)
        await self._commit(
            work,
            *durable,
            *spent,
            SaveSignIn(sign_in.done()),
            *started.changes,
            *self.records.keep(sign_in, outcome),
            *self.records.events((*work.acts, Action.SIGN_IN_SUCCEEDED), sign_in, outcome),
        )
        return Arrived(started.session, started.token, sign_in.request, started.code)

    async def _await_factor(
        self, decision: LinkTo, facts: Facts, sign_in: SignIn, still: tuple[Change, ...], owed: Owed
    ) -> FactorWanted:
        """Halt before an account is joined that has a second factor; nothing is joined without it.

        The attack (R-007): a stolen password, or a mailbox at a trusted provider, opens a door of its own to an
        account whose owner relies on the second factor.
        """
        person, proof = LocalPerson(decision.user.id, decision.user.username.domain), facts.proof
        outcome = self.records.outcome(sign_in, OutcomeKind.LINKED, decision.reasons, person=person)
        link = AwaitingLink(
            facts.identity, facts.idp.connection.fingerprint, proof.by if proof else None,
            proof.through if proof else None, proof.idp_version if proof else 0,
        )  # fmt: skip
        first = federated(person, facts.identity, facts.idp, facts.now)
        halt = self.halts.halt(sign_in, first, outcome, owed, link=link)
        await self.work.commit(*still, SaveSignIn(halt.sign_in), *self.records.keep(sign_in, halt.outcome))
        return FactorWanted(halt.key)

    async def _commit(self, work: Work, *changes: Change) -> None:
        """Publish; what was made for this work and may not be published is taken back before anybody looks again.

        The attack: a provider or a store is switched off while the entry is being made, and the account that nobody
        may have any more is there (R-021, REL-04).
        """
        try:
            await self.work.commit(*changes)
        except Conflict:
            if work.made is not None:
                store = await self.planner.store_of(work.made.user)
                await self.planner.making.unmake(store, work.made)
            raise

    async def refuse(
        self, sign_in: SignIn, reasons: tuple[Reason, ...], sentence: str, *, fault: JitneyError | None = None
    ) -> Refused:
        """End the journey without a session; nothing but the outcome, its event and what came is kept.

        Whose account it was on the way to, and what was written before a second factor was asked for, is kept too.
        """
        said = {name: str(value)[:200] for name, value in fault.details.items()} if fault else {}
        noted = (*reasons[:-1], Reason(reasons[-1].code, {**reasons[-1].about, **said}))
        before = sign_in.half_way
        outcome = self.records.outcome(
            sign_in, OutcomeKind.REFUSED, noted,
            person=before.first.person if before else None, written=before.written if before else (),
        )  # fmt: skip
        await self.work.commit(
            SaveSignIn(sign_in.refused()),
            *self.records.keep(sign_in, outcome),
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


def _waits_for_factor(decision: Decision, said: Said) -> TypeGuard[LinkTo]:
    """Say whether an account would be joined whose own second factor has not been proven in this step."""
    return isinstance(decision, LinkTo) and decision.user.has_second_factor and said.proven is None


def _still(facts: Facts, application: Application | None) -> tuple[Change, ...]:
    """Return what must hold inside the commit as it held for the decision (R-021)."""
    provider = RequireIdentityProvider(facts.idp.id, facts.idp.version)
    if application is None:
        return (provider,)
    return (provider, *still_registered(application))
