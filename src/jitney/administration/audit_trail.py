"""Make the audit event that goes into the same commit as the change that it tells of."""

from dataclasses import dataclass

from jitney.administration.operator import Operator
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import RecordEvent
from jitney.ports import Clock, Entropy


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Turns an operator's act into the change that records it."""

    clock: Clock
    entropy: Entropy

    def record(self, operator: Operator, action: Action, target: str, **about: str) -> RecordEvent:
        """Return the record of ``action`` on ``target`` (``idp:…``); ``about`` holds no secret."""
        event = AuditEvent(
            id=self.entropy.id(),
            at=self.clock.now(),
            action=action,
            actor=operator.actor,
            target=target,
            about=about,
        )
        return RecordEvent(event)
