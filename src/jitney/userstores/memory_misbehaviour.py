"""How a store in memory misbehaves when a test tells it to: faults, lost answers, writes that come late."""

from collections import defaultdict, deque
from collections.abc import Callable
from typing import TypeVar

from jitney.errors import JitneyError, StoreUnanswered, UserStoreUnavailable

_Answer = TypeVar("_Answer")


class Misbehaviour:
    """What is to go wrong next, by the name of the method; and what was asked so far, in order."""

    def __init__(self) -> None:
        self.is_down = False
        self.asked: list[str] = []
        self._faults: dict[str, deque[JitneyError]] = defaultdict(deque)
        self._unanswered: dict[str, deque[bool]] = defaultdict(deque)
        self._held: list[Callable[[], object]] = []

    def fails_next(self, method: str, fault: JitneyError) -> None:
        """Let the next call of a method raise this, having done nothing."""
        self._faults[method].append(fault)

    def answers_late(self, method: str = "add") -> None:
        """Let the next write be done, and its answer get lost (``StoreUnanswered``)."""
        self._unanswered[method].append(True)

    def arrives_late(self, method: str = "add") -> None:
        """Let the next write go unanswered, and be done only when ``arrive`` is called."""
        self._unanswered[method].append(False)

    def arrive(self) -> None:
        """Do what was held back; what is refused now is refused unheard."""
        held, self._held = self._held, []
        for write in held:
            try:
                write()
            except JitneyError:
                continue

    def ask(self, method: str) -> None:
        """Note a call, and raise what is to be raised instead of it."""
        self.asked.append(method)
        if self._faults[method]:
            raise self._faults[method].popleft()
        if self.is_down:
            raise UserStoreUnavailable("user_store_unreachable", "The user store cannot be reached.")

    def write(self, method: str, do: Callable[[], _Answer]) -> _Answer:
        """Carry a write out, as well as it is to go."""
        self.ask(method)
        if not self._unanswered[method]:
            return do()
        if self._unanswered[method].popleft():
            do()
        else:
            self._held.append(do)
        raise StoreUnanswered("user_store_unanswered", "The user store has not answered.")
