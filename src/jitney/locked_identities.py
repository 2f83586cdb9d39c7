"""Whether a social identity is locked: the one question of every way in, asked before anything else (R-035).

The attack is patience: somebody is locked, and comes in as a new person after the account was deleted, or goes on
with a session, a code or a refresh token of yesterday.
So the lock stands on the identity itself, and whoever lets anybody in by one asks here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.model.identity_lock import IdentityLock
from jitney.model.session import PassingPerson
from jitney.model.user import User
from jitney.ports import Clock, IdentityLocks
from jitney.provisioning.identity_locks import emails_given_by, holding_longest


@dataclass(frozen=True, slots=True)
class LockedIdentities:
    """Finds the lock in force on somebody; where nobody of a provider is locked, nothing more is read."""

    locks: IdentityLocks
    clock: Clock

    async def find(self, idp: str, subject: str | None, *, emails: Sequence[str]) -> IdentityLock | None:
        """Return the lock in force on this subject, or on one of these addresses, which are folded already."""
        if not await self.locks.any_of(idp):
            return None
        found = await self.locks.of_identity(idp, subject=subject, emails=emails)
        now = self.clock.now()
        return holding_longest(one for one in found if one.lock.is_in_force(now))

    async def find_behind(
        self, idp: str | None, subject: str | None, person: User | PassingPerson
    ) -> IdentityLock | None:
        """Return the lock in force on the identity by which somebody came here; ``idp`` ``None``: by none.

        Of the addresses those count that this provider gave, and that are kept.
        """
        if idp is None:
            return None
        if isinstance(person, PassingPerson) and person.idp == idp:
            subject = person.subject
        return await self.find(idp, subject, emails=emails_given_by(idp, person))
