"""SignIn: the one record of a journey from arrival to session, and its legal moves."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from jitney.errors import Expired
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.grant import AuthorizationRequest
from jitney.model.half_way import HalfWay

UPSTREAM_TIME = timedelta(minutes=10)
"""How long a person may take to come back from the provider (R-023)."""

PAGE_TIME = timedelta(minutes=30)
"""How long a page of ours waits for its answer (R-023)."""


MOST_TRIES = 20
"""How often one page may be answered wrongly, and an account be proven in vain, before the journey ends."""


class Stage(StrEnum):
    """Where a journey stands; each move leads to exactly one of these."""

    CHOOSING = "choosing"
    UPSTREAM = "upstream"
    RETURNED = "returned"
    PROVEN = "proven"
    HALF_WAY = "half_way"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class UpstreamAttempt:
    """One trip to an identity provider: everything that its answer is checked against, sealed here (R-017).

    ``state_hash`` is the SHA-256 of the state that travelled; ``idp_version`` the settings under which
    the trip began; ``fresh_since`` is set where a fresh sign-in was demanded (R-089).
    ``request_id`` is that of a SAML request, empty where the protocol has none.
    """

    idp: str
    idp_version: int
    state_hash: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    redirect_uri: str
    fresh_since: datetime | None = None
    max_age: int | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """What a journey remembers while the person is asked something (R-019).

    ``page_hash`` is the SHA-256 of the key in the page's address: drawn for the page, told to no provider.
    ``reference`` names the pending outcome.
    ``connection`` is the fingerprint of the settings under which the arriving identity was verified.
    ``tries`` counts answers that would not do; ``problems`` maps the fields of the last one to their reasons;
    ``ignored`` names fields of any of them that nobody had asked for.
    ``arriving`` is the identity that waits at the door while the person proves, through another provider, the
    account that it shall be linked to; each keeps its own subject and claims.
    """

    page_hash: str
    reference: str
    connection: str
    tries: int = 0
    problems: Mapping[str, str] = field(default_factory=dict[str, str])
    ignored: tuple[str, ...] = ()
    arriving: FederatedIdentity | None = None

    @property
    def tries_left(self) -> int:
        """Return how many more answers are taken."""
        return max(0, MOST_TRIES - self.tries)

    @property
    def is_exhausted(self) -> bool:
        """Say whether the last answer was one too many."""
        return self.tries_left == 0


@dataclass(frozen=True, slots=True)
class SignIn:
    """A journey, bound to the browser that began it, used once, and expiring.

    ``handle_hash`` and ``browser_hash`` are SHA-256 of the handle in our addresses and of the browser's
    cookie (R-017, R-126); ``version`` is the compare-and-set on which each move is saved (R-018).
    ``request`` is what the application asked for; ``None`` where somebody signs in to Jitney itself.
    ``pending`` is there from the first question on.
    ``half_way`` is there while a second factor is owed, and rests sealed.
    ``trial_of`` is the id of the identity provider that an operator tries: such a journey shows what would happen,
    and ends there.
    ``trial_for`` is what an application would have asked for, where the provider is tried on its behalf; it is no
    ``request``, so that nothing which answers an application takes it for one.
    """

    handle_hash: str
    browser_hash: str
    created: datetime
    expires: datetime
    request: AuthorizationRequest | None = None
    stage: Stage = Stage.CHOOSING
    attempt: UpstreamAttempt | None = None
    identity: FederatedIdentity | None = None
    pending: Pending | None = None
    version: int = 1
    trial_of: str | None = None
    half_way: HalfWay | None = None
    trial_for: AuthorizationRequest | None = None

    @property
    def page_hash(self) -> str | None:
        """Return the hash of the key of the page that this journey shows, if it shows one."""
        if self.half_way is not None:
            return self.half_way.page_hash
        return self.pending.page_hash if self.pending else None

    def check_open(self, now: datetime, *stages: Stage) -> None:
        """Refuse a journey that is over, or that stands elsewhere than ``stages`` say (R-018).

        Raises ``Expired`` with ``sign_in_expired`` or ``sign_in_moved_on``.
        """
        if now >= self.expires:
            raise Expired("sign_in_expired", "This sign-in took too long. Please start again.")
        if self.stage not in stages:
            raise Expired(
                "sign_in_moved_on", "This sign-in has moved on since that page. Please start again.",
                stage=self.stage.value,
            )  # fmt: skip

    def begun(self, attempt: UpstreamAttempt, now: datetime) -> "SignIn":
        """Leave for an identity provider."""
        return self._moved(Stage.UPSTREAM, attempt=attempt, identity=None, expires=now + UPSTREAM_TIME)

    def returned(self) -> "SignIn":
        """Come back: the state is spent by this move, before anything is done with the answer (R-020)."""
        return self._moved(Stage.RETURNED)

    def proven(self, identity: FederatedIdentity, now: datetime) -> "SignIn":
        """Seal what the provider proved, before any page is shown (R-019).

        When it was proven is sealed with it: a page that waits makes no sign-in younger (R-089).
        The documents that proved it have been spent by now.
        """
        said = identity.authenticated_at
        sealed = replace(identity, authenticated_at=now if said is None else min(said, now), one_time=())
        return self._moved(Stage.PROVEN, identity=sealed, expires=now + PAGE_TIME)

    def asked(self, pending: Pending, now: datetime) -> "SignIn":
        """Wait for the person's answer, with what the provider proved sealed."""
        return self._moved(Stage.PROVEN, pending=pending, expires=now + PAGE_TIME)

    def tried(self, problems: Mapping[str, str], *, ignored: tuple[str, ...] = ()) -> "SignIn":
        """Count an answer that would not do; how long the page waits does not change."""
        if self.pending is None:
            return self
        known = self.pending
        pending = replace(known, tries=known.tries + 1, problems=problems, ignored=ignored or known.ignored)
        return self._moved(Stage.PROVEN, pending=pending)

    def away_to_prove(self, attempt: UpstreamAttempt, now: datetime) -> "SignIn":
        """Leave for another provider to prove an account there; the arriving identity waits, sealed."""
        if self.pending is None:
            return self
        pending = replace(self.pending, arriving=self.identity)
        return self._moved(
            Stage.UPSTREAM, attempt=attempt, identity=None, pending=pending, expires=now + UPSTREAM_TIME
        )

    def owing_factor(self, half_way: HalfWay, now: datetime) -> "SignIn":
        """Wait for the second factor; of what proved the first only that is kept which the session will say."""
        attempt = replace(self.attempt, nonce="", code_verifier="") if self.attempt else None
        return self._moved(
            Stage.HALF_WAY, attempt=attempt, identity=None, pending=None, half_way=half_way,
            expires=now + PAGE_TIME,
        )  # fmt: skip

    def done(self) -> "SignIn":
        """Arrive: a session exists."""
        return self._over(Stage.DONE)

    def refused(self) -> "SignIn":
        """End without a session."""
        return self._over(Stage.REFUSED)

    def _over(self, stage: Stage) -> "SignIn":
        """End, and keep nothing about the person, and no secret: only that the journey was made, and its page."""
        attempt = replace(self.attempt, nonce="", code_verifier="") if self.attempt else None
        pending = replace(self.pending, problems={}, ignored=(), arriving=None) if self.pending else None
        if self.half_way is not None:
            pending = Pending(self.half_way.page_hash, self.half_way.reference, "")
        return self._moved(stage, attempt=attempt, identity=None, pending=pending, half_way=None)

    def _moved(self, stage: Stage, **changes: object) -> "SignIn":
        return replace(self, stage=stage, version=self.version + 1, **changes)  # pyright: ignore[reportArgumentType]
