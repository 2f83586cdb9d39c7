"""RecordedArrival: what came with one federated sign-in, kept for a while so that a changed policy can be tried."""

from dataclasses import dataclass, field
from datetime import datetime

from jitney.model.federated_identity import FederatedIdentity


@dataclass(frozen=True, slots=True)
class RecordedArrival:
    """Who arrived, as their provider described them, under the reference of the outcome.

    ``identity`` is personal, sealed where it rests (R-125) and gone after ``expires``; nobody signs in by it.
    ``application`` is the client id of the one that asked, ``user_id`` the user that the sign-in ended with.
    """

    reference: str
    at: datetime
    expires: datetime
    identity: FederatedIdentity = field(repr=False)
    application: str | None = None
    user_id: str | None = None
