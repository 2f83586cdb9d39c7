"""Decide what becomes of a person when their identity provider goes (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.model.account_link import AccountLink
from jitney.model.entry import Entry
from jitney.model.provider_removal import Fate
from jitney.model.user import User


@dataclass(frozen=True, slots=True)
class Going:
    """A provider that goes: its internal id, and whether the people whom it brought go with it."""

    idp: str
    deletes_users: bool


def fate_of(user: User, links: Sequence[AccountLink], going: Going, *, entry: Entry | None = None) -> Fate:
    """Return what becomes of a user; ``links`` are all that still open it, ``entry`` is what its store holds.

    ``user`` is our own record; ``entry`` is ``None`` for a user who lives in our database, and for one whose entry
    has vanished or was not asked for yet.
    Only those are deleted whom nobody but this provider could let in, and whom we made for it and for nobody else
    (R-034): whatever speaks for keeping somebody, keeps them.
    The attack: whoever administers a provider has it removed, and with it accounts that are somebody else's.
    """
    if not going.deletes_users:
        return Fate.DELETION_OFF
    if user.origin != going.idp:
        return Fate.NOT_PROVISIONED_BY_IT
    if any(link.idp != going.idp for link in links):
        return Fate.HAS_OTHER_LINK
    if user.has_password or (entry is not None and entry.has_password is True):
        return Fate.HAS_PASSWORD
    if user.is_operator:
        return Fate.IS_OPERATOR
    if entry is not None and entry.stamp != user.id:
        return Fate.ENTRY_NOT_OURS
    return Fate.DELETED
