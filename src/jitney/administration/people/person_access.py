"""Which person an operator means by an id, and whom a help desk may not reach."""

from dataclasses import dataclass

from jitney.administration.operator import Operator, Right, rights_of
from jitney.administration.operator_reach import check_reach
from jitney.administration.people.user_finding import UserFinding
from jitney.errors import NotFound
from jitney.model.user import User


@dataclass(frozen=True, slots=True)
class PersonAccess:
    """Finds people by exactly their id, and by our own records, which answer while a store does not (P-11)."""

    finding: UserFinding

    async def get(self, operator: Operator, id: str) -> User:
        """Return our record of the person of exactly this id.

        The attack (R-111): somebody takes another person's former id for a user name; an id is never a name here.
        Raises ``NotFound`` (``user_not_found``).
        """
        operator.need(Right.SEE)
        user = await self.finding.find_record(id)
        if user is None:
            raise NotFound("user_not_found", "There is no such person.")
        return user

    async def get_to_help(self, operator: Operator, id: str) -> User:
        """Return a person to whom something shall be done by an operator who helps people.

        Raises ``NotFound``, and ``NotAllowed`` (``operator_right_missing``, ``operator_outranks_you``).
        """
        operator.need(Right.HELP)
        user = await self.get(operator, id)
        check_reach(operator, user)
        return user

    def may_help(self, operator: Operator, user: User) -> bool:
        """Say whether an operator may help people, and reaches this one."""
        return operator.may(Right.HELP) and rights_of([grant.name for grant in user.roles]) <= operator.rights
