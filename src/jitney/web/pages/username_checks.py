"""Counts how often a page asked whether a user name is free, so that nobody asks for a whole list of them."""

from collections import OrderedDict
from dataclasses import dataclass, field

MOST_CHECKS = 60
"""How many names one page may ask about; somebody who chooses a name needs a few."""

MOST_PAGES = 10_000
"""How many pages are remembered; the one that was idle for longest is forgotten first."""


@dataclass(slots=True)
class UsernameChecks:
    """Checks by page, in the memory of this process (R-109, R-151).

    The attack: somebody with one account at a provider asks, name by name, which accounts exist here.
    A check is taken before the question is asked, and given back where the page turned out to be none: keys
    that somebody makes up take no place that a page needs.
    """

    most_checks: int = MOST_CHECKS
    most_pages: int = MOST_PAGES
    _taken: OrderedDict[str, int] = field(default_factory=OrderedDict[str, int], init=False)

    def take(self, page: str) -> bool:
        """Use up one check of this page; ``False`` where none is left."""
        taken = self._taken.get(page, 0)
        if taken >= self.most_checks:
            return False
        self._taken[page] = taken + 1
        self._taken.move_to_end(page)
        if len(self._taken) > self.most_pages:
            self._taken.popitem(last=False)
        return True

    def give_back(self, page: str) -> None:
        """Undo a ``take``."""
        left = self._taken.get(page, 0) - 1
        if left > 0:
            self._taken[page] = left
        else:
            self._taken.pop(page, None)
