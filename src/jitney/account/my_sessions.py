"""The sessions of one's own account: where somebody is signed in, and how they sign out elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jitney.account.own_trail import OwnTrail
from jitney.errors import NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import AddSession, Change, EndSession, EndSessionsOfUser
from jitney.model.myself import Myself
from jitney.model.session import Session
from jitney.ports import Clock, Sessions, UnitOfWork


@dataclass(frozen=True, slots=True)
class MySessions:
    """What a person may do with their sessions; ``idle_seconds`` is how long one may rest unused."""

    sessions: Sessions
    work: UnitOfWork
    trail: OwnTrail
    clock: Clock
    idle_seconds: int

    async def of(self, me: Myself) -> Sequence[Session]:
        """List the live sessions, this one first, then the newest."""
        now = self.clock.now()
        found = await self.sessions.of_user(me.id)
        live = [one for one in found if one.is_live(now, idle_seconds=self.idle_seconds)]
        return sorted(live, key=lambda one: one.id_hash != me.session.id_hash)

    async def end(self, me: Myself, public_id: str) -> bool:
        """End one session with everything that was issued from it; say whether it was this very one.

        The attack: somebody posts the public id of another person's session. It is not found for them, exactly as
        one that does not exist (R-111).
        Raises ``NotFound`` (``session_not_found``) and ``Conflict``.
        """
        found = next((one for one in await self.sessions.of_user(me.id) if one.public_id == public_id), None)
        if found is None:
            raise NotFound("session_not_found", "This session has ended already.")
        now = self.clock.now()
        event = self.trail.record(me, Action.SESSION_ENDED, which="one")
        await self.work.commit(*me.holding(now), EndSession(found.id_hash, now), event)
        return found.id_hash == me.session.id_hash

    async def end_others(self, me: Myself) -> None:
        """End every session but this one, and all tokens of this account; raises ``Conflict``."""
        now = self.clock.now()
        event = self.trail.record(me, Action.SESSION_ENDED, which="others")
        await self.work.commit(*me.holding(now), *ending_all_but_this(me, now), event)


def ending_all_but_this(me: Myself, now: datetime) -> tuple[Change, ...]:
    """Return what ends every session of a person and keeps the one that acts.

    The attack: a refresh token outlives the session that it came from, so that ending the sessions which are still
    there leaves it to whoever has stolen it. So all is ended (R-084), and this one session begins again.
    """
    return (EndSessionsOfUser(me.id, now), AddSession(replace(me.session, last_seen=now)))
