"""FactorRemoval: takes a second factor away, and makes new recovery codes."""

from dataclasses import dataclass

from jitney.errors import NotAllowed, NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import (
    AddMail,
    Change,
    RemoveFactor,
    ReplaceRecoveryCodes,
    RequireUser,
    SetHasSecondFactor,
)
from jitney.model.factor import FactorKind
from jitney.model.user import User
from jitney.provisioning.factor_letters import removed_notice
from jitney.signin.factor_desk import FactorDesk
from jitney.signin.factor_outcomes import NOT_ENROLLED, RecoveryCodesMade


@dataclass(frozen=True, slots=True)
class FactorRemoval:
    """Plans what a person does to the factors that they have; the caller commits.

    The attack (R-101): whoever finds a browser open takes the owner's factor away.
    So the caller has seen a fresh proof by a second factor of this very user.
    """

    desk: FactorDesk

    async def removal(self, user: User, factor_id: str) -> tuple[Change, ...]:
        """Return the changes that take one factor away; with the last one the recovery codes go too.

        Raises ``NotFound`` (``factor_not_found``).
        """
        mine = await self.desk.factors.of_user(user.id)
        gone = next((each for each in mine if each.id == factor_id), None)
        if gone is None:
            raise NotFound("factor_not_found", "There is no such second step.")
        is_last, now = len(mine) == 1, self.desk.clock.now()
        letter = removed_notice(
            user, gone.kind, id=self.desk.entropy.id(), issuer=self.desk.settings.issuer, now=now
        )  # fmt: skip
        return (
            SetHasSecondFactor(user.id, user.version, has_second_factor=not is_last),
            RemoveFactor(gone.id, user.id),
            *((ReplaceRecoveryCodes(user.id, (), now),) if is_last else ()),
            *((AddMail(letter),) if letter else ()),
            self.desk.event(Action.FACTOR_REMOVED, user.id, kind=gone.kind),
        )

    async def new_recovery_codes(self, user: User) -> RecoveryCodesMade:
        """Return ten new recovery codes; the earlier ones open nothing once the changes are committed.

        Raises ``NotAllowed`` (``factor_not_enrolled``) where there is no factor for them to stand in for.
        """
        if not await self.desk.factors.of_user(user.id):
            raise NotAllowed(
                NOT_ENROLLED, "There is no second step yet that recovery codes could stand in for."
            )
        made = self.desk.recovery_codes(user.id)
        return RecoveryCodesMade(
            made.codes,
            (
                RequireUser(user.id, self.desk.clock.now(), user.version),
                *made.changes,
                self.desk.event(Action.RECOVERY_CODES_MADE, user.id, kind=FactorKind.RECOVERY),
            ),
        )
