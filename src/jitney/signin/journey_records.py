"""The outcome and the audit events of a journey, as records that are committed with what they tell of."""

from collections.abc import Iterable
from dataclasses import dataclass

from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import RecordEvent, RecordOutcome, SettleOutcome
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.half_way import FirstFactor
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.session import LocalPerson, Person
from jitney.model.sign_in import SignIn
from jitney.ports import Clock, Entropy


@dataclass(frozen=True, slots=True)
class JourneyRecords:
    """Makes the records; writing them is the commit's part."""

    clock: Clock
    entropy: Entropy

    def reference(self, sign_in: SignIn) -> str:
        """Return the reference of a journey's outcome: the one on its page, or a new one."""
        if sign_in.half_way:
            return sign_in.half_way.reference
        return sign_in.pending.reference if sign_in.pending else self.entropy.reference()

    def outcome(
        self,
        sign_in: SignIn,
        kind: OutcomeKind,
        reasons: tuple[Reason, ...],
        *,
        reference: str | None = None,
        person: Person | None = None,
        written: tuple[str, ...] = (),
    ) -> Outcome:
        """Return how a journey ends; a person who passes through leaves no subject behind (R-027)."""
        identity = _arriving(sign_in)
        passes = kind is OutcomeKind.PASSED_THROUGH
        return Outcome(
            reference=reference or self.reference(sign_in),
            at=self.clock.now(),
            kind=kind,
            reasons=reasons,
            application=sign_in.request.application if sign_in.request else None,
            idp=identity.idp if identity else sign_in.attempt.idp if sign_in.attempt else None,
            subject=identity.subject if identity and not passes else None,
            user_id=person.user_id if isinstance(person, LocalPerson) else None,
            written=written,
        )

    def keep(self, sign_in: SignIn, outcome: Outcome) -> RecordOutcome | SettleOutcome:
        """Return the change that keeps an outcome: in the place of the pending one, if there is one."""
        is_pending = sign_in.pending or sign_in.half_way
        return SettleOutcome(outcome) if is_pending else RecordOutcome(outcome)

    def event(self, action: Action, sign_in: SignIn, outcome: Outcome) -> RecordEvent:
        """Return one audit event about the journey's user, or about where the person came from."""
        target = f"user:{outcome.user_id}" if outcome.user_id else origin(sign_in)
        return RecordEvent(
            AuditEvent(
                self.entropy.id(), outcome.at, action, origin(sign_in), target, outcome.reference,
                {"reason": outcome.code},
            )
        )  # fmt: skip

    def events(self, actions: Iterable[Action], sign_in: SignIn, outcome: Outcome) -> tuple[RecordEvent, ...]:
        """Return an audit event for each act, in this order."""
        return tuple(self.event(action, sign_in, outcome) for action in actions)


def origin(sign_in: SignIn) -> str:
    """Return how audit events name where the person came from: the provider that they arrived through."""
    arriving = _arriving(sign_in)
    if arriving and arriving.idp:
        return f"idp:{arriving.idp}"
    return f"idp:{sign_in.attempt.idp}" if sign_in.attempt else "local"


def _arriving(sign_in: SignIn) -> FederatedIdentity | FirstFactor | None:
    """Return who arrives: also while they prove another account, and when only the second factor is owed."""
    if sign_in.half_way:
        return sign_in.half_way.first
    waiting = sign_in.pending.arriving if sign_in.pending else None
    return waiting or sign_in.identity
