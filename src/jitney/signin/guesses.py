"""Guesses: counts every try before it is compared, and gives the right one back (R-096)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jitney.errors import Conflict, Locked, Overloaded
from jitney.model.attempts import AttemptKind, Attempts
from jitney.model.changes import Change, SaveAttempts
from jitney.ports import AttemptRecords, Clock, UnitOfWork

MOST_LOOKS: Final = 25
"""How often a try that lost a race looks again; who loses so often has lost to as many tries that were counted."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A try that was counted, and what may be compared now; ``moment`` is when."""

    attempts: Attempts
    moment: datetime

    def given_back(self) -> SaveAttempts:
        """Return the change by which the try was none; it belongs into the commit of its effect."""
        return SaveAttempts(self.attempts.given_back(self.moment))


@dataclass(frozen=True, slots=True)
class Guesses:
    """Counts tries, durably and one after the other, on however many nodes."""

    attempts: AttemptRecords
    work: UnitOfWork
    clock: Clock

    async def count(self, key: str, kind: AttemptKind, *also: Change) -> Counted:
        """Count one try, in a commit of its own together with ``also``; only then may anything be compared.

        The attack: two hundred guesses at once on two nodes, each of which is compared before any is counted.
        Raises ``Locked`` (``too_many_attempts``) where there have been too many, ``Overloaded``
        (``attempts_contended``) where others were always faster, and ``Conflict`` for a guard of ``also``.
        """
        for _ in range(MOST_LOOKS):
            now = self.clock.now()
            attempts = (await self.attempts.find(key, kind)).counted(now)
            if attempts is None:
                raise too_many_attempts()
            try:
                await self.work.commit(SaveAttempts(attempts), *also)
            except Conflict as lost:
                if lost.what != SaveAttempts.guard:
                    raise
            else:
                return Counted(attempts, now)
        raise _contended()

    async def commit(self, *changes: Change, counted: Sequence[Counted] = ()) -> None:
        """Commit what a right answer leads to, with every counted try given back.

        ``changes`` may hold the tries given back already, as they stood when they were counted; where others were
        counted since, they are looked at again, since nobody's wrong guesses may undo a right one.
        Raises what the unit of work raises for any other change, and ``Overloaded`` (``attempts_contended``).
        """
        rest = tuple(each for each in changes if not _gives_back(each, counted))
        giving_back = [each.given_back() for each in counted]
        for _ in range(MOST_LOOKS):
            try:
                await self.work.commit(*rest, *giving_back)
            except Conflict as lost:
                if lost.what != SaveAttempts.guard or not counted:
                    raise
            else:
                return
            giving_back = [await self._looked_again(each) for each in counted]
        raise _contended()

    async def _looked_again(self, counted: Counted) -> SaveAttempts:
        now_kept = await self.attempts.find(counted.attempts.key, counted.attempts.kind)
        return SaveAttempts(now_kept.given_back(counted.moment))


def too_many_attempts() -> Locked:
    """Return the one fault for whoever has tried too often."""
    return Locked("too_many_attempts", "There have been too many tries. Please wait a while.")


def _contended() -> Overloaded:
    return Overloaded("attempts_contended", "There are too many tries at once. Please try again.")


def _gives_back(change: Change, counted: Sequence[Counted]) -> bool:
    tried = {(each.attempts.key, each.attempts.kind) for each in counted}
    return isinstance(change, SaveAttempts) and (change.attempts.key, change.attempts.kind) in tried
