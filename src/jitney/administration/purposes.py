"""Define, change and remove the purposes that people are asked to agree to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.differences import changed_fields
from jitney.administration.operator import Operator, Right
from jitney.administration.purpose_rules import find_faults
from jitney.errors import Conflict, InvalidInput, NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import AddPurpose, RemovePurpose, SavePurpose
from jitney.model.consent import Purpose
from jitney.ports import Entropy, Purposes, UnitOfWork


@dataclass(frozen=True, slots=True)
class PurposeAdministration:
    """What an operator may do with purposes; receipts keep the words under which they were given."""

    purposes: Purposes
    work: UnitOfWork
    trail: AuditTrail
    entropy: Entropy

    async def list(self, operator: Operator) -> Sequence[Purpose]:
        """List all, by name."""
        operator.need(Right.SEE)
        return await self.purposes.list()

    async def get(self, operator: Operator, name: str) -> Purpose:
        """Return the purpose of this name; raises ``NotFound``."""
        operator.need(Right.SEE)
        purpose = await self.purposes.find_by_name(name)
        if purpose is None:
            raise NotFound("purpose_not_found", "There is no such purpose.", name=name)
        return purpose

    async def add(self, operator: Operator, wanted: Purpose) -> Purpose:
        """Define a purpose; its id and version are ours to give, so what ``wanted`` says of them is ignored.

        Raises ``InvalidInput`` (``purpose_invalid``, with fields) and ``Conflict`` (``purpose_name_taken``).
        """
        operator.need(Right.ADMINISTER)
        purpose = replace(wanted, id=self.entropy.id(), version=1)
        await self._check(purpose)
        event = self.trail.record(operator, Action.PURPOSE_ADDED, f"purpose:{purpose.id}", name=purpose.name)
        await self.work.commit(AddPurpose(purpose), event)
        return purpose

    async def change(self, operator: Operator, name: str, wanted: Purpose, *, version: int) -> Purpose:
        """Put ``wanted`` in the place of the purpose ``name``, if that still has ``version``.

        Every change grows the version, so that nobody has agreed to words that they never read (R-036);
        where nothing differs, nothing is written.
        Raises what ``add`` raises, ``NotFound``, and ``Conflict`` (``purpose_changed``).
        """
        operator.need(Right.ADMINISTER)
        present = await self.get(operator, name)
        if present.version != version:
            raise Conflict(
                "purpose_changed", "The purpose was changed meanwhile. Look again.", what="purpose",
                expected=version, found=present.version,
            )  # fmt: skip
        purpose = replace(wanted, id=present.id, version=present.version + 1)
        fields = changed_fields(present, purpose)
        if not fields:
            return present
        await self._check(purpose)
        about = {"name": purpose.name, "fields": ", ".join(fields), "version": str(purpose.version)}
        event = self.trail.record(operator, Action.PURPOSE_CHANGED, f"purpose:{purpose.id}", **about)
        await self.work.commit(SavePurpose(purpose), event)
        return purpose

    async def remove(self, operator: Operator, name: str) -> None:
        """Ask for a purpose no longer; what people agreed to under it stands. Raises ``NotFound``."""
        operator.need(Right.ADMINISTER)
        purpose = await self.get(operator, name)
        event = self.trail.record(operator, Action.PURPOSE_REMOVED, f"purpose:{purpose.id}", name=name)
        await self.work.commit(RemovePurpose(purpose.id, purpose.version), event)

    async def _check(self, purpose: Purpose) -> None:
        others = [other for other in await self.purposes.list() if other.id != purpose.id]
        if faults := find_faults(purpose, others):
            raise InvalidInput("purpose_invalid", "This purpose cannot be saved.", fields=faults)
        if any(other.name == purpose.name for other in others):
            raise Conflict("purpose_name_taken", "A purpose of this name exists.", what="purpose_name")
