"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class StandingClock:
    """Stands at ``now``; by default at noon of a Sunday."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return where the clock stands."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock; also backwards, for tests of a clock that was set back."""
        self._now += by
