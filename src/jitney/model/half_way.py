"""HalfWay: what a journey remembers between its first factor and its second: who was proven, and nothing more."""

from dataclasses import dataclass, field
from datetime import datetime

from jitney.model.account_link import AccountLink
from jitney.model.factor import FactorKind
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.outcome import OutcomeKind, Reason
from jitney.model.session import Person


@dataclass(frozen=True, slots=True)
class FirstFactor:
    """How somebody has proven themselves so far: what their session will say, once there is one.

    ``connection`` is the fingerprint of the settings under which a provider's word was verified;
    ``None`` for people of our own stores, and where a session is raised to a higher level.
    ``session`` is the hash of the id of such a session.
    ``password`` is the fingerprint of the password's hash where one was compared here: another password since then
    proves nothing any more.
    """

    person: Person
    authenticated_at: datetime
    amr: tuple[str, ...] = ()
    acr: str | None = None
    idp: str | None = None
    subject: str | None = None
    upstream_session: str | None = None
    upstream_name: str | None = None
    logout_hint: str | None = field(default=None, repr=False)
    connection: str | None = None
    session: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AwaitingLink:
    """An identity that shall join an account which has a second factor: not before that is proven (R-007).

    ``connection`` is the fingerprint of the settings under which it was verified.
    ``by``, ``through`` and ``idp_version`` are those of the proof that was given already; ``by`` is ``None`` where
    the account was found without one.
    """

    identity: FederatedIdentity
    connection: str
    by: str | None = None
    through: AccountLink | None = None
    idp_version: int = 0


@dataclass(frozen=True, slots=True)
class HalfWay:
    """A journey whose person is known and owes a second factor (R-022): it opens its page, and nothing else.

    ``page_hash`` is the SHA-256 of the key in the page's address; ``reference`` names the pending outcome, which is
    settled as ``kind`` with ``reasons`` and ``written`` when the person arrives.
    ``proven`` is the second factor that was proven or enrolled in this very journey (R-026).
    """

    page_hash: str
    reference: str
    first: FirstFactor
    kind: OutcomeKind
    reasons: tuple[Reason, ...] = ()
    written: tuple[str, ...] = ()
    proven: FactorKind | None = None
    link: AwaitingLink | None = None
