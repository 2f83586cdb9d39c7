"""Session: a browser that is signed in."""

from dataclasses import dataclass, field
from datetime import datetime

from jitney.model.claims import Attributes
from jitney.model.factor import FactorKind


@dataclass(frozen=True, slots=True)
class LocalPerson:
    """Somebody who has a user in one of our stores."""

    user_id: str
    domain: str


@dataclass(frozen=True, slots=True)
class PassingPerson:
    """Somebody who has no user here: their attributes pass to the application for this session only."""

    idp: str
    subject: str
    attributes: Attributes


Person = LocalPerson | PassingPerson


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser; ``id_hash`` is the SHA-256 of the cookie's value (R-103, R-126).

    ``public_id`` is the ``sid`` that applications may see.
    ``idp``, ``subject`` and ``upstream_session`` say where the person came from, so that a logout of the
    provider finds the sessions that it began;
    ``upstream_name`` is the hash of the name by which a SAML provider knows
    the person, and ``logout_hint`` what it wants to see when we ask it to end its session, sealed where it rests.
    ``factor`` is the second factor that was proven here, beside the first step of the sign-in.
    ``applications`` are those that got tokens from this session.
    """

    id_hash: str
    public_id: str
    person: Person
    authenticated_at: datetime
    created: datetime
    last_seen: datetime
    expires: datetime
    idp: str | None = None
    subject: str | None = None
    upstream_session: str | None = None
    amr: tuple[str, ...] = ()
    acr: str | None = None
    upstream_name: str | None = None
    logout_hint: str | None = field(default=None, repr=False)
    factor: FactorKind | None = None

    def is_live(self, now: datetime, *, idle_seconds: int) -> bool:
        """Say whether the session holds at ``now``: neither idle for too long nor past its end."""
        return now < self.expires and (now - self.last_seen).total_seconds() < idle_seconds
