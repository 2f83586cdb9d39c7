"""Change order: which changes of a commit are carried out first, on every storage alike."""

from collections.abc import Iterable

from jitney.model.changes import (
    AddAccountLink,
    Change,
    RemoveAccountLink,
    RequireAccountLink,
    RequireApplication,
    RequireIdentityProvider,
    RequirePurpose,
    RequireSession,
    RequireUser,
    RequireUserStore,
    RetireIdentityProvider,
    SaveApplication,
)

_FIRST: dict[type[Change], int] = {
    RequireIdentityProvider: 0,
    RetireIdentityProvider: 0,
    RequireApplication: 1,
    SaveApplication: 1,
    RequireUserStore: 2,
    RequireUser: 3,
    RequireSession: 4,
    RequirePurpose: 5,
    RequireAccountLink: 6,
    RemoveAccountLink: 7,
    AddAccountLink: 8,
}


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return the changes in the order in which they are carried out, and so the order in which guards are asked.

    What is required comes first and always in the same order,
    so that two commits never wait for each other in a circle.
    A provider that is retired, and the applications that are changed with it, stand among those: so whoever has
    required them already has come first with everything, and whoever has not comes too late with everything.
    Then the link: of many first sign-ins of one person at once all but one then fail on the link,
    and none gets as far as to a user that nobody would open.
    A stale link goes before it, since the new one takes its key.
    All other changes follow as they were given.
    """
    return sorted(changes, key=lambda change: _FIRST.get(type(change), len(_FIRST)))
