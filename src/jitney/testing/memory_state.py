"""Memory state: everything that is kept, as dictionaries of nouns; a commit works on a copy."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from jitney.errors import Conflict
from jitney.model.account_link import AccountLink
from jitney.model.application import Application
from jitney.model.attempts import AttemptKind, Attempts
from jitney.model.audit_event import AuditEvent
from jitney.model.consent import ConsentReceipt, Purpose
from jitney.model.factor import ChallengeFor, Factor, FactorChallenge, FactorKind
from jitney.model.grant import Authentication, Code, TokenFamily
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.model.identity_provider import IdentityProvider
from jitney.model.kept_form import KeptForm
from jitney.model.logout_trip import LogoutTrip
from jitney.model.look import Look
from jitney.model.mail import Mail
from jitney.model.operation import Operation
from jitney.model.outcome import Outcome
from jitney.model.provider_removal import ProviderRemoval
from jitney.model.recorded_arrival import RecordedArrival
from jitney.model.session import LocalPerson, Session
from jitney.model.setup_link import SetupLink
from jitney.model.sign_in import SignIn
from jitney.model.signing_key import SigningKeyRecord
from jitney.model.user import User
from jitney.model.user_store_record import UserStoreRecord

Place = tuple[str, ChallengeFor, FactorKind]
Locked = tuple[str, LockedBy, str]
Tried = tuple[str, AttemptKind]


@dataclass(slots=True)
class MemoryState:
    """All records by their keys; the records themselves are frozen."""

    users: dict[str, User] = field(default_factory=dict[str, User])
    password_hashes: dict[str, str] = field(default_factory=dict[str, str])
    links: dict[tuple[str, str], AccountLink] = field(default_factory=dict[tuple[str, str], AccountLink])
    factors: dict[str, Factor] = field(default_factory=dict[str, Factor])
    recovery_codes: dict[tuple[str, str], datetime] = field(default_factory=dict[tuple[str, str], datetime])
    factor_challenges: dict[Place, FactorChallenge] = field(default_factory=dict[Place, FactorChallenge])
    attempts: dict[Tried, Attempts] = field(default_factory=dict[Tried, Attempts])
    identity_locks: dict[Locked, IdentityLock] = field(default_factory=dict[Locked, IdentityLock])
    provider_removals: dict[str, ProviderRemoval] = field(default_factory=dict[str, ProviderRemoval])
    sign_ins: dict[str, SignIn] = field(default_factory=dict[str, SignIn])
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    logout_trips: dict[str, LogoutTrip] = field(default_factory=dict[str, LogoutTrip])
    codes: dict[str, Code] = field(default_factory=dict[str, Code])
    families: dict[str, TokenFamily] = field(default_factory=dict[str, TokenFamily])
    spent: dict[tuple[str, str], object] = field(default_factory=dict[tuple[str, str], object])
    identity_providers: dict[str, IdentityProvider] = field(default_factory=dict[str, IdentityProvider])
    user_stores: dict[str, UserStoreRecord] = field(default_factory=dict[str, UserStoreRecord])
    operations: dict[str, Operation] = field(default_factory=dict[str, Operation])
    applications: dict[str, Application] = field(default_factory=dict[str, Application])
    purposes: dict[str, Purpose] = field(default_factory=dict[str, Purpose])
    receipts: dict[str, ConsentReceipt] = field(default_factory=dict[str, ConsentReceipt])
    outbox: dict[str, Mail] = field(default_factory=dict[str, Mail])
    roles: dict[str, None] = field(default_factory=dict[str, None])
    signing_keys: dict[str, SigningKeyRecord] = field(default_factory=dict[str, SigningKeyRecord])
    setup_links: dict[str, SetupLink] = field(default_factory=dict[str, SetupLink])
    looks: dict[None, Look] = field(default_factory=dict[None, Look])
    kept_forms: dict[str, KeptForm] = field(default_factory=dict[str, KeptForm])
    arrivals: dict[str, RecordedArrival] = field(default_factory=dict[str, RecordedArrival])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    events: list[AuditEvent] = field(default_factory=list[AuditEvent])

    def copy(self) -> "MemoryState":
        """Return a state that can be changed without changing this one."""
        return MemoryState(**{each.name: getattr(self, each.name).copy() for each in fields(self)})


CarryOut = Callable[[MemoryState, Any], None]
"""Changes a state as one change says, or raises ``Conflict``."""


def must(holds: bool, guard: str) -> None:
    """Go on only if what a change took for granted holds; raises ``Conflict`` with the guard."""
    if not holds:
        raise Conflict("conflict", "This was changed by somebody else meanwhile.", what=guard)


def user_of(of: Session | Authentication) -> str | None:
    """Return the id of the local user behind a session or a grant."""
    return of.person.user_id if isinstance(of.person, LocalPerson) else None
