"""Outcomes and audit events for the pages that show them, kept as sign-ins keep them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.web.console.console_house import ConsoleHouse

from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import RecordEvent, RecordOutcome
from jitney.model.outcome import Outcome, OutcomeKind, Reason

HOSTILE = "<script>alert('é')</script>\"'"
"""What somebody may be called at their provider."""


async def keep_outcome(
    house: ConsoleHouse,
    kind: OutcomeKind,
    *codes: str,
    about: Mapping[str, str] | None = None,
    ago: timedelta = timedelta(),
    **known: Any,
) -> Outcome:
    """Keep how a sign-in ended; ``about`` belongs to the last reason."""
    doors = house.house.doors
    reasons = [Reason(code) for code in codes]
    reasons[-1] = replace(reasons[-1], about=about or {})
    outcome = Outcome(doors.entropy.reference(), doors.clock.now() - ago, kind, tuple(reasons), **known)
    await doors.work.commit(RecordOutcome(outcome))
    return outcome


async def keep_event(
    house: ConsoleHouse, action: Action, actor: str, target: str, reference: str | None = None, **about: str
) -> AuditEvent:
    """Keep an audit event."""
    doors = house.house.doors
    event = AuditEvent(doors.entropy.id(), doors.clock.now(), action, actor, target, reference, about)
    await doors.work.commit(RecordEvent(event))
    return event
