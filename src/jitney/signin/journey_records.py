"""The outcome and the audit events of a journey, as records that are committed with what they tell of."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import RecordArrival, RecordEvent, RecordOutcome, SettleOutcome
from jitney.model.claims import ClaimValue
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.half_way import FirstFactor
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.recorded_arrival import RecordedArrival
from jitney.model.session import LocalPerson, Person
from jitney.model.sign_in import SignIn
from jitney.ports import Clock, Entropy

MOST_RECORDED = 16 * 1024
"""Octets of JSON; an identity with more claims is not recorded."""


@dataclass(frozen=True, slots=True)
class JourneyRecords:
    """Makes the records; writing them is the commit's part.

    ``arrivals_kept`` is how long what came with a federated sign-in is kept; zero keeps nothing of it.
    """

    clock: Clock
    entropy: Entropy
    arrivals_kept: timedelta = timedelta(0)

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

    def keep(
        self, sign_in: SignIn, outcome: Outcome
    ) -> tuple[RecordOutcome | SettleOutcome | RecordArrival, ...]:
        """Return what keeps an outcome, in the place of the pending one if there is one, and what came with it."""
        is_pending = sign_in.pending or sign_in.half_way
        kept = SettleOutcome(outcome) if is_pending else RecordOutcome(outcome)
        return (kept, *self.arrival(sign_in, outcome))

    def arrival(self, sign_in: SignIn, outcome: Outcome) -> tuple[RecordArrival, ...]:
        """Return what keeps the identity that arrives, as far as a decision looks at it; nothing for local people.

        What opens anything elsewhere (the ID token that asks for a sign-out, the provider's session) stays out.
        Behind the halt for a second factor the identity is kept already, under the same reference.
        """
        identity = _arriving(sign_in)
        if (
            not self.arrivals_kept
            or not isinstance(identity, FederatedIdentity)
            or not _can_be_kept(identity)
        ):
            return ()
        described = FederatedIdentity(identity.idp, identity.subject, identity.claims, identity.signed_claims)
        return (
            RecordArrival(
                RecordedArrival(
                    outcome.reference, outcome.at, outcome.at + self.arrivals_kept, described,
                    outcome.application, outcome.user_id,
                )
            ),
        )  # fmt: skip

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


def _can_be_kept(identity: FederatedIdentity) -> bool:
    """Say whether the claims are no more, and no other, than is recorded: a record is never worth a sign-in.

    A provider may send every group of a person, and numbers beyond those that we keep.
    """
    return len(json.dumps(identity.claims)) <= MOST_RECORDED and _are_kept(list(identity.claims.values()))


def _are_kept(value: ClaimValue) -> bool:
    """Say whether every number in a value has at most 64 bits."""
    match value:
        case bool():
            return True
        case int():
            return -(2**63) <= value < 2**64
        case list():
            return all(map(_are_kept, value))
        case dict():
            return all(map(_are_kept, value.values()))
        case _:
            return True


def _arriving(sign_in: SignIn) -> FederatedIdentity | FirstFactor | None:
    """Return who arrives: also while they prove another account, and when only the second factor is owed."""
    if sign_in.half_way:
        return sign_in.half_way.first
    waiting = sign_in.pending.arriving if sign_in.pending else None
    return waiting or sign_in.identity
