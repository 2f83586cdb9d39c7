"""Make the audit event that goes into the same commit as the change that it tells of."""

from dataclasses import dataclass

from jitney.administration.operator import Operator
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import RecordEvent
from jitney.ports import Clock, Entropy


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Turns an act into the change that records it."""

    clock: Clock
    entropy: Entropy

    def record(self, operator: Operator, action: Action, target: str, **about: str) -> RecordEvent:
        """Return the record of an operator's ``action`` on ``target`` (``idp:…``); ``about`` holds no secret."""
        return self.record_as(operator.actor, action, target, **about)

    def record_as(self, actor: str, action: Action, target: str, **about: str) -> RecordEvent:
        """Return the record of what ``actor`` did, ``user:…`` where people act for themselves."""
        return RecordEvent(
            AuditEvent(self.entropy.id(), self.clock.now(), action, actor, target, None, about)
        )
