"""Myself: who acts on the pages of their own account; made from a live session, and from nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jitney.errors import NotAllowed
from jitney.model.changes import Change, RequireSession, RequireUser
from jitney.model.session import Session
from jitney.model.user import User

FRESH_FOR = timedelta(minutes=5)
"""How old a sign-in may be that opens or closes an account for good (R-009)."""

_SKEW = timedelta(seconds=60)
"""How far the clocks of two nodes may differ (P-12)."""


@dataclass(frozen=True, slots=True)
class Myself:
    """A person with a live session: ``user`` is as the user store said when the session was looked at."""

    session: Session
    user: User

    @property
    def id(self) -> str:
        """Return the internal id of the user."""
        return self.user.id

    @property
    def actor(self) -> str:
        """Return how audit events name the person, who acts and is acted on."""
        return f"user:{self.user.id}"

    def holding(self, now: datetime) -> tuple[Change, ...]:
        """Return what must still hold when something is done: the session, and an account that may be used.

        The attack: somebody ends the session of a stolen browser, or locks the account, and what that browser had
        just asked for is done all the same (R-021, P-7).
        """
        return (RequireUser(self.user.id, now), RequireSession(self.session.id_hash))

    def is_fresh(self, now: datetime) -> bool:
        """Say whether the person proved themselves just now; a clock that was set back makes nobody fresh."""
        return -_SKEW <= now - self.session.authenticated_at <= FRESH_FOR

    def check_fresh(self, now: datetime) -> None:
        """Refuse what a browser that was left open must not do (R-009), nor somebody with the first factor alone.

        The attack (R-101): whoever has got hold of the password takes the second factor away, or puts their own
        beside it. So who has one must have proven one in the same fresh sign-in.
        Raises ``NotAllowed`` (``sign_in_not_recent``, ``second_factor_not_recent``).
        """
        if not self.is_fresh(now):
            raise NotAllowed(
                "sign_in_not_recent", "Please sign in again first, so that we know that it is you."
            )
        if self.user.has_second_factor and self.session.factor is None:
            raise NotAllowed("second_factor_not_recent", "Please sign in again first, with your second step.")
