"""Places: where a person is asked for an answer, and what was asked there, once for each page and purpose."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jitney.errors import Conflict, Overloaded
from jitney.model.changes import SaveFactorChallenge, SpendFactorChallenge
from jitney.model.factor import Asked, ChallengeFor, FactorChallenge, FactorKind
from jitney.ports import Clock, Factors, UnitOfWork
from jitney.signin.guesses import MOST_LOOKS


@dataclass(frozen=True, slots=True)
class Place:
    """One page of one person, and what it asks for; it holds one challenge at most (R-097)."""

    bound_to: str
    user_id: str
    wanted_for: ChallengeFor
    kind: FactorKind

    def challenge(
        self, asked: Asked, kept: FactorChallenge | None, *, now: datetime, holds: timedelta
    ) -> FactorChallenge:
        """Return the challenge that takes the place of what was asked here before, if anything was."""
        version = kept.version + 1 if kept else 1
        return FactorChallenge(self.bound_to, self.user_id, self.wanted_for, asked, now, now + holds, version)


@dataclass(frozen=True, slots=True)
class Places:
    """Finds and keeps what was asked."""

    factors: Factors
    work: UnitOfWork
    clock: Clock

    async def standing(self, place: Place) -> FactorChallenge | None:
        """Return what was asked here, whether it may still be answered or not."""
        return await self.factors.find_challenge(place.bound_to, place.wanted_for, place.kind)

    async def live(self, place: Place) -> FactorChallenge | None:
        """Return what may be answered here now: asked of this very person, and not too long ago."""
        kept = await self.standing(place)
        is_live = kept is not None and kept.user_id == place.user_id and self.clock.now() < kept.expires
        return kept if is_live else None

    async def ask(self, place: Place, draw: Callable[[], Asked], *, holds: timedelta) -> FactorChallenge:
        """Return what may be answered here, asked anew where nothing is: two tabs are asked the same.

        Raises ``Overloaded`` where others were always faster.
        """
        for _ in range(MOST_LOOKS):
            if live := await self.live(place):
                return live
            kept = await self.standing(place)
            new = place.challenge(draw(), kept, now=self.clock.now(), holds=holds)
            try:
                await self.work.commit(SaveFactorChallenge(new))
            except Conflict as lost:
                if lost.what != SaveFactorChallenge.guard:
                    raise
            else:
                return new
        raise contended()


def tried(challenge: FactorChallenge, asked: Asked) -> FactorChallenge:
    """Return a challenge with one more try on it."""
    return replace(challenge, asked=asked, version=challenge.version + 1)


def spent(challenge: FactorChallenge) -> SpendFactorChallenge:
    """Return the change that spends a challenge; it belongs into the commit of its effect (R-020)."""
    return SpendFactorChallenge(challenge.bound_to, challenge.wanted_for, challenge.kind, challenge.version)


def contended() -> Overloaded:
    """Return the fault for whoever has always been too late."""
    return Overloaded("factor_challenge_contended", "This was asked too often at once. Please try again.")
