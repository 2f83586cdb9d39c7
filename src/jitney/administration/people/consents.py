"""Read and withdraw what people said to the purposes."""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.administration.operator_reach import check_reach
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.people.user_readiness import check_settled
from jitney.administration.people.withdrawal import Withdrawal, plan_withdrawal, removal_of
from jitney.errors import Conflict, InvalidInput, NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import Change, ChangeUser, SaveConsentReceipt, WithholdAttributes
from jitney.model.consent import ConsentReceipt
from jitney.model.user import User, UserChanges, UserState
from jitney.operations.changing import EntryChanging
from jitney.ports import AccountLinks, Clock, ConsentReceipts, UnitOfWork

_LOOKS = 4
"""How often a withdrawal looks again when somebody changes the same user at the same moment."""


@dataclass(frozen=True, slots=True)
class ConsentAdministration:
    """What a person may do with the receipts of their own, and an operator with everybody's."""

    receipts: ConsentReceipts
    account_links: AccountLinks
    finding: UserFinding
    changing: EntryChanging
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock

    async def receipts_of(self, user_id: str) -> Sequence[ConsentReceipt]:
        """List the receipts of a user, newest first."""
        return await self.receipts.of_user(user_id)

    async def list_for(self, operator: Operator, reference: str) -> Sequence[ConsentReceipt]:
        """List the receipts of the user that a reference means, newest first; raises ``NotFound``."""
        operator.need(Right.SEE)
        return await self.receipts_of((await self.finding.get_record(reference)).id)

    async def get(self, operator: Operator, receipt_id: str) -> ConsentReceipt:
        """Return a receipt; raises ``NotFound``."""
        operator.need(Right.SEE)
        return await self._get(receipt_id)

    async def name_of_giver(self, operator: Operator, receipt: ConsentReceipt) -> str | None:
        """Return the user name of whoever gave a receipt, ``None`` where they are gone."""
        operator.need(Right.SEE)
        user = await self.finding.find_record(receipt.user_id)
        return str(user.username) if user else None

    async def withdraw(
        self, operator: Operator, receipt_id: str, purpose_ids: Sequence[str] | None = None
    ) -> ConsentReceipt:
        """Take back, for a person who asked for it, the agreement to these purposes of a receipt, or to all.

        Returns the receipt as it is now kept; one from which nothing is left to take stays as it was.
        Raises ``NotFound``, ``InvalidInput`` (``purpose_not_in_receipt``), ``UserStoreRejected``,
        ``UserStoreUnavailable``, ``Locked`` (``user_pending``, ``user_leaving``), ``NotAllowed``
        (``operator_outranks_you``), ``Conflict``.
        """
        operator.need(Right.HELP)
        user = await self.finding.find_record((await self._get(receipt_id)).user_id)
        if user is not None:
            check_reach(operator, user)
        return await self._withdraw(operator.actor, receipt_id, purpose_ids)

    async def withdraw_own(
        self, user_id: str, receipt_id: str, purpose_ids: Sequence[str] | None = None
    ) -> ConsentReceipt:
        """Take back one's own agreement; raises as ``withdraw`` does.

        The attack: somebody who is signed in posts the id of another person's receipt. It is not found for
        them, exactly as one that does not exist.
        """
        if (await self._get(receipt_id)).user_id != user_id:
            raise _not_found()
        return await self._withdraw(f"user:{user_id}", receipt_id, purpose_ids)

    async def _withdraw(
        self, actor: str, receipt_id: str, purpose_ids: Sequence[str] | None, looks: int = _LOOKS
    ) -> ConsentReceipt:
        receipt = await self._get(receipt_id)
        chosen = _chosen(receipt, purpose_ids)
        if not chosen:
            return receipt
        try:
            return await self._commit(actor, receipt, chosen)
        except Conflict as lost:
            if looks == 1 or lost.what not in (ChangeUser.guard, SaveConsentReceipt.guard):
                raise
        return await self._withdraw(actor, receipt_id, purpose_ids, looks - 1)

    async def _commit(
        self, actor: str, receipt: ConsentReceipt, purpose_ids: Sequence[str]
    ) -> ConsentReceipt:
        """Write the withdrawal and all that follows from it, in one commit (R-036).

        The user is changed even where no attribute goes: two withdrawals at once of two receipts that name the
        same attribute would else each leave it to the other, and a sync under way would write it again.
        From a store outside our database the attribute goes first: after a crash between, the receipt still says
        yes, and withdrawing it again brings all to its end.
        """
        user = await self.finding.get_by_id(receipt.user_id)
        check_settled(user)
        await self.finding.writable_store(user.username.domain)
        planned = plan_withdrawal(
            receipt,
            purpose_ids,
            await self.receipts.of_user(user.id),
            links=await self.account_links.of_user(user.id),
            now=self.clock.now(),
        )
        about = _about(planned, purpose_ids)
        event = self.trail.record_as(actor, Action.CONSENT_WITHDRAWN, f"user:{user.id}", **about)
        await self.work.commit(
            *await self._followed(user, UserChanges(removal_of(user, planned.removed))),
            SaveConsentReceipt(planned.receipt),
            WithholdAttributes(user.id, planned.withheld),
            event,
        )
        return planned.receipt

    async def _followed(self, user: User, changes: UserChanges) -> Sequence[Change]:
        """Let the user's store follow; where the entry has vanished, nothing is left there to take away."""
        if user.state is UserState.GONE:
            return [ChangeUser(user.id, user.version, changes)]
        return await self.changing.follow(user, changes)

    async def _get(self, receipt_id: str) -> ConsentReceipt:
        receipt = await self.receipts.find(receipt_id)
        if receipt is None:
            raise _not_found()
        return receipt


def _chosen(receipt: ConsentReceipt, purpose_ids: Sequence[str] | None) -> tuple[str, ...]:
    """Return the purposes that are still to be withdrawn of those that are wanted; ``None`` wants all."""
    if unknown := set(purpose_ids or ()) - {one.id for one in receipt.purposes}:
        raise InvalidInput(
            "purpose_not_in_receipt", "The receipt does not speak of this purpose.", purposes=sorted(unknown)
        )
    return tuple(
        one.id
        for one in receipt.purposes
        if one.withdrawn is None and (purpose_ids is None or one.id in purpose_ids)
    )


def _about(planned: Withdrawal, purpose_ids: Sequence[str]) -> dict[str, str]:
    names = [one.name for one in planned.receipt.purposes if one.id in purpose_ids]
    about = {"receipt": planned.receipt.id, "purposes": ", ".join(names)}
    return {**about, "attributes": ", ".join(planned.removed)} if planned.removed else about


def _not_found() -> NotFound:
    return NotFound("consent_receipt_not_found", "There is no such consent receipt.")
