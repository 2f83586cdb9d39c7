"""Attempts: how often something was tried for one person lately, and whether it may be tried once more.

The attack (R-096): two hundred guesses at once on two nodes, of which each believes to be the first.
So a guess is counted, durably and by compare-and-set, before it is compared; a right one is given back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class AttemptKind(StrEnum):
    """What is counted; each kind apart from all others, so that one used up closes no other way."""

    PASSWORD = "password"
    TOTP = "totp"
    EMAIL_CODE = "email_code"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"
    EMAIL_SENT = "email_sent"
    EMAIL_SENT_TO_NETWORK = "email_sent_to_network"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` within any stretch of time of this length."""

    most: int
    within: timedelta


_GUESSES: Final = (Limit(5, timedelta(minutes=15)), Limit(20, timedelta(days=1)))

LIMITS: Final[Mapping[AttemptKind, tuple[Limit, ...]]] = {
    AttemptKind.PASSWORD: _GUESSES,
    AttemptKind.TOTP: _GUESSES,
    AttemptKind.EMAIL_CODE: _GUESSES,
    AttemptKind.PASSKEY: _GUESSES,
    AttemptKind.RECOVERY_CODE: _GUESSES,
    AttemptKind.EMAIL_SENT: (Limit(1, timedelta(seconds=60)), Limit(5, timedelta(hours=1))),
    AttemptKind.EMAIL_SENT_TO_NETWORK: (Limit(30, timedelta(hours=1)),),
}
"""R-096 and R-097."""

LONGEST: Final = max(limit.within for limits in LIMITS.values() for limit in limits)
"""After this time nothing of an attempt is remembered."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempts of one kind for one ``key``, oldest first.

    ``key`` is a user's internal id, so that no alias of the name opens a fresh budget (R-046); or the keyed hash of
    something that is no user.
    ``version`` is 0 where nothing is kept yet.
    """

    key: str
    kind: AttemptKind
    moments: tuple[datetime, ...] = ()
    version: int = 0

    def counted(self, now: datetime) -> "Attempts | None":
        """Return these with one more; ``None`` where there have been too many."""
        if any(self._lately(limit, now) >= limit.most for limit in LIMITS[self.kind]):
            return None
        most = max(limit.most for limit in LIMITS[self.kind])
        return replace(self, moments=(*self.moments, now)[-most:], version=self.version + 1)

    def given_back(self, moment: datetime) -> "Attempts":
        """Return these without the attempt of this moment: it was no wrong one."""
        rest = list(self.moments)
        if moment in rest:
            rest.remove(moment)
        return replace(self, moments=tuple(rest), version=self.version + 1)

    def _lately(self, limit: Limit, now: datetime) -> int:
        # A clock that was set back makes no attempt younger than the present (P-12): those ahead of us count too.
        return sum(now - moment < limit.within for moment in self.moments)
