"""Operation: a write to a store outside our own database, from its intent to its end."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class OperationKind(StrEnum):
    """What shall be done to the entry."""

    ADD = "add"
    REMOVE = "remove"


class OperationState(StrEnum):
    """How far it has come; one that has succeeded is not kept.

    ``UNDONE`` is watched for a while: an answer that never came may have been a yes, and what the store made of
    it late must not stay.
    """

    PENDING = "pending"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Operation:
    """An intent that is durable before the store is asked, so that whatever happens then is finished or undone.

    ``user_id`` is the stamp that the entry bears.
    ``fence`` grows with everyone who takes the operation over: only the last one may end it (P-5).
    Nobody else takes it before ``lease_until``; what is ``UNDONE`` is looked at again from then on, until
    ``expires``.
    ``reference`` is that of the journey or the act that began it; ``actor`` who began it (``idp:…``,
    ``operator:…``), for the audit.
    """

    id: str
    kind: OperationKind
    user_id: str
    domain: str
    name: str
    began: datetime
    lease_until: datetime
    actor: str
    reference: str | None = None
    state: OperationState = OperationState.PENDING
    fence: int = 1
    expires: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        """Say whether somebody is at it, as far as one can know."""
        return self.state is OperationState.PENDING and now < self.lease_until

    def taken(self, lease_until: datetime) -> "Operation":
        """Return the operation as it is once somebody has taken it over."""
        return replace(self, lease_until=lease_until, fence=self.fence + 1)

    def undone(self, *, look_again: datetime, expires: datetime) -> "Operation":
        """Return the operation as given up, and watched until ``expires``."""
        return replace(
            self,
            state=OperationState.UNDONE,
            fence=self.fence + 1,
            lease_until=look_again,
            expires=expires,
        )
