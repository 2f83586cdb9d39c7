"""Lets an entry outside our database follow the changes of its user, before our own record says so.

There is no intent to keep: values are read from the entry, whole ones are written, and writing them again is the
same as once. What a crash leaves between the two is what the next reader finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.errors import NotFound
from jitney.model.changes import Change, ChangeUser
from jitney.model.user import User, UserChanges
from jitney.operations.entries_of_users import entry_changes, recorded
from jitney.ports import Clock, UserStore, UserStores


@dataclass(frozen=True, slots=True)
class EntryChanging:
    """Writes what has a place in the store of a user."""

    user_stores: UserStores
    clock: Clock

    async def follow(self, user: User, changes: UserChanges) -> Sequence[Change]:
        """Write the changes to the entry, if there is one, and return those of our own record.

        Raises ``UserStoreUnavailable``, ``UserStoreRejected``, ``NotFound`` (``entry_gone``); our record is then as
        it was.
        """
        user, recording = recorded(user, self.clock.now())
        store = await self.user_stores.find(user.username.domain)
        if store is not None and store.entries is not None:
            await _follow(store, user, changes)
        return (*recording, ChangeUser(user.id, user.version, changes))


async def _follow(store: UserStore, user: User, changes: UserChanges) -> None:
    if store.entries is None:
        return
    wanted = entry_changes(user, changes, store.entries)
    if wanted.is_empty():
        return
    if user.entry is None:
        raise NotFound("entry_gone", "The entry of this account has vanished from its user store.")
    await store.entries.change(user.entry, wanted)
