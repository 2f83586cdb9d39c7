"""Short memory: answers that are kept for half a second, and dropped at once where a change shows."""

from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

SECONDS: Final = 0.5
"""How old an answer may be: P-7 allows one second."""

MOST_REMEMBERED = 1000
"""How many answers are kept at most, since ids that are asked for come from strangers (R-151)."""

_Noun = TypeVar("_Noun")


class ShortMemory(Generic[_Noun]):
    """Answers by key, each with the monotonic second at which it ends (P-12)."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._answers: dict[object, tuple[float, _Noun]] = {}
        self._generation = 0

    async def get(self, key: object, ask: Callable[[], Awaitable[_Noun]]) -> _Noun:
        """Return what is remembered, or ask and remember."""
        now = self._monotonic()
        known = self._answers.get(key)
        if known is not None and now < known[0]:
            return known[1]
        generation = self._generation
        answer = await ask()
        # An answer that was on its way while somebody called forget() may be the old one: use it, do not
        # keep it.
        if generation == self._generation:
            if len(self._answers) >= MOST_REMEMBERED:
                self._answers.clear()
            # The half second counts from the question, not from the answer.
            self._answers[key] = (now + self._seconds, answer)
        return answer

    def forget(self) -> None:
        """Drop everything."""
        self._generation += 1
        self._answers.clear()
