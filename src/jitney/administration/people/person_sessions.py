"""The sessions of somebody else, as an operator sees and ends them."""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator
from jitney.administration.people.person_access import PersonAccess
from jitney.errors import NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import EndSession
from jitney.model.session import Session
from jitney.ports import Clock, Sessions, UnitOfWork


@dataclass(frozen=True, slots=True)
class PersonSessions:
    """What an operator may do with single sessions; ``account_states`` ends all of them.

    ``idle_seconds`` is how long a session may rest unused.
    """

    access: PersonAccess
    sessions: Sessions
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock
    idle_seconds: int

    async def of(self, operator: Operator, id: str) -> Sequence[Session]:
        """List the live sessions of a person, the newest first; raises ``NotFound`` (``user_not_found``)."""
        user = await self.access.get(operator, id)
        now = self.clock.now()
        found = await self.sessions.of_user(user.id)
        return [one for one in found if one.is_live(now, idle_seconds=self.idle_seconds)]

    async def end(self, operator: Operator, id: str, public_id: str) -> None:
        """End one session with its codes and tokens.

        The attack (R-111): the public id of somebody else's session is sent with this person's; it is not found,
        exactly as one that does not exist.
        Raises ``NotFound`` (``user_not_found``, ``session_not_found``), ``NotAllowed``.
        """
        user = await self.access.get_to_help(operator, id)
        mine = await self.sessions.of_user(user.id)
        found = next((one for one in mine if one.public_id == public_id), None)
        if found is None:
            raise NotFound("session_not_found", "This session has ended already.")
        event = self.trail.record(operator, Action.SESSION_ENDED, f"user:{user.id}", which="one")
        await self.work.commit(EndSession(found.id_hash, self.clock.now()), event)
