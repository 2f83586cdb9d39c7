"""Second factors of people, as an operator sees them: which there are, and all of them taken away (R-101)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.administration.operator_reach import check_reach
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.people.user_readiness import check_settled
from jitney.errors import NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import (
    AddMail,
    EndSessionsOfUser,
    RemoveFactor,
    ReplaceRecoveryCodes,
    SetHasSecondFactor,
)
from jitney.model.factor import FactorKind
from jitney.model.user import User
from jitney.ports import Clock, Entropy, Factors, UnitOfWork
from jitney.provisioning.factor_letters import reset_notice


@dataclass(frozen=True, slots=True)
class KnownFactor:
    """A factor as an operator may see it: never its secret, nor the address that codes go to."""

    kind: FactorKind
    label: str
    created: datetime
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class KnownFactors:
    """The second factors of one person, and how many recovery codes are left."""

    user: User
    factors: Sequence[KnownFactor]
    recovery_codes: int


@dataclass(frozen=True, slots=True)
class FactorReset:
    """What an operator may do with other people's second factors.

    The attack: somebody talks the help desk into it. So the owner gets a letter, every session ends, and the event
    names the operator; what the first step proves is then asked for anew, and a new factor where one is owed.
    """

    finding: UserFinding
    factors: Factors
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock
    entropy: Entropy
    issuer: str

    async def list(self, operator: Operator, reference: str) -> KnownFactors:
        """Return the factors of a user; raises ``NotFound``."""
        operator.need(Right.SEE)
        user = await self.finding.get_record(reference)
        known = [
            KnownFactor(one.kind, one.label, one.created, one.last_used)
            for one in await self.factors.of_user(user.id)
        ]
        return KnownFactors(user, known, await self.factors.count_recovery_codes(user.id))

    async def reset(self, operator: Operator, reference: str) -> int:
        """Take away every factor and recovery code of a user, and end the user's sessions; returns how many.

        Raises ``NotFound`` (``user_not_found``, ``factor_not_found`` where there is none), ``Locked``
        (``user_pending``, ``user_leaving``), ``NotAllowed`` (``operator_outranks_you``), and ``Conflict`` where a
        factor was just added.
        """
        operator.need(Right.HELP)
        user = await self.finding.get_record(reference)
        check_reach(operator, user)
        check_settled(user)
        mine = await self.factors.of_user(user.id)
        if not mine:
            raise NotFound("factor_not_found", "This person has no second factor.")
        now, kinds = self.clock.now(), ", ".join(sorted({one.kind.value for one in mine}))
        letter = reset_notice(user, id=self.entropy.id(), issuer=self.issuer, now=now)
        await self.work.commit(
            SetHasSecondFactor(user.id, user.version, has_second_factor=False),
            *(RemoveFactor(one.id, user.id) for one in mine),
            ReplaceRecoveryCodes(user.id, (), now),
            EndSessionsOfUser(user.id, now),
            *((AddMail(letter),) if letter else ()),
            self.trail.record(operator, Action.FACTORS_RESET, f"user:{user.id}", kinds=kinds),
        )
        return len(mine)
