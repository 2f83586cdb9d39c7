"""Makes the audit event that goes into the same commit as what a person does to their own account."""

from dataclasses import dataclass

from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import RecordEvent
from jitney.model.myself import Myself
from jitney.ports import Clock, Entropy


@dataclass(frozen=True, slots=True)
class OwnTrail:
    """Turns an act into the change that records it (R-121)."""

    clock: Clock
    entropy: Entropy

    def record(self, me: Myself, action: Action, **about: str) -> RecordEvent:
        """Return the record of what somebody did to their own account; ``about`` holds no secret."""
        return RecordEvent(
            AuditEvent(self.entropy.id(), self.clock.now(), action, me.actor, me.actor, None, about)
        )
