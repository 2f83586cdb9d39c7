"""Remember an answer for a minute in this process: for dear questions whose answer may be that old."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from jitney.ports import Clock

T = TypeVar("T")

MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """An answer, and when it was asked for."""

    value: T
    at: datetime


@dataclass(frozen=True, slots=True)
class Minute(Generic[T]):
    """The last answer to each of a few questions."""

    clock: Clock
    answers: dict[str, Dated[T]] = field(default_factory=dict[str, Dated[T]])

    async def get(self, question: str, ask: Callable[[datetime], Awaitable[T]]) -> Dated[T]:
        """Return the answer of the last minute, or ask now; what raises is not remembered."""
        now = self.clock.now()
        known = self.answers.get(question)
        if known is not None and timedelta() <= now - known.at < MINUTE:
            return known
        fresh = Dated(await ask(now), now)
        self.answers[question] = fresh
        return fresh
