"""Change how the pages look and speak that arriving people see, or keep a draft of it to look at first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.look_parts import changed_parts, look_in, rebased, texts_of
from jitney.administration.look_rules import Judged, PageKnowledge, judge_look
from jitney.administration.operator import Operator, Right
from jitney.errors import Conflict, Expired, InvalidInput
from jitney.model.audit_event import Action
from jitney.model.changes import KeepForm, SaveLook
from jitney.model.kept_form import KeptForm
from jitney.model.look import Look
from jitney.model.secret_hash import hash_secret
from jitney.ports import Clock, Entropy, KeptForms, Looks, UnitOfWork

DRAFT_LIVES: Final = timedelta(hours=2)
"""For how long a draft can be looked at and saved."""
DRAFT_PATH: Final = "/console/look"
"""What a kept form says of itself that is a draft."""
_BASE: Final = "base."
"""How the fields of the look begin that a draft was made from."""


class TemplateTrial(Protocol):
    """Makes every page of templates once, where nothing of ours is within their reach."""

    async def find_faults(self, templates: Mapping[str, str]) -> Mapping[str, str]:
        """Return what is wrong with each template, as sentences by its name; empty where all pages can be made."""
        ...


@dataclass(frozen=True, slots=True)
class SavedLook:
    """A look as it was saved, and what had better be otherwise."""

    look: Look
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LookAdministration:
    """What an operator may do with the look.

    Everybody who may see the console sees the look; who administers changes it.
    """

    looks: Looks
    forms: KeptForms
    pages: PageKnowledge
    trial: TemplateTrial
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock
    entropy: Entropy

    async def get(self, operator: Operator) -> Look:
        """Return the look as it is; the plain one with version 0 where none was saved."""
        operator.need(Right.SEE)
        return await self.looks.find()

    async def save(self, operator: Operator, wanted: Look, version: int) -> SavedLook:
        """Put ``wanted`` in the place of the look, if that still has ``version``.

        Where nothing differs, nothing is written.
        Raises ``NotAllowed``, ``InvalidInput`` (``look_invalid``, with every fault by its field), and ``Conflict``
        (``look_changed``).
        """
        operator.need(Right.ADMINISTER)
        present = await self.looks.find()
        if present.version != version:
            raise _changed()
        parts = changed_parts(present, wanted)
        if not parts:
            return SavedLook(present)
        judged = await self._judge(wanted, present)
        saved = replace(wanted, version=version + 1)
        event = self.trail.record(
            operator, Action.LOOK_CHANGED, "look", parts=", ".join(parts), version=str(saved.version)
        )
        try:
            await self.work.commit(SaveLook(saved), event)
        except Conflict as fault:
            raise _changed() from fault
        return SavedLook(saved, judged.warnings)

    async def keep_draft(self, operator: Operator, wanted: Look, version: int) -> str:
        """Keep a look that is not saved; return the key by which its operator finds it again.

        Raises ``NotAllowed`` and ``InvalidInput`` as ``save`` does: what could not be saved cannot be looked at.
        """
        operator.need(Right.ADMINISTER)
        present = await self.looks.find()
        await self._judge(wanted, present)
        key, now = self.entropy.token(), self.clock.now()
        draft = texts_of(replace(wanted, version=version))
        draft |= {f"{_BASE}{name}": text for name, text in texts_of(present).items()}
        form = KeptForm(hash_secret(key), _owner(operator), DRAFT_PATH, draft, now, now + DRAFT_LIVES)
        await self.work.commit(KeepForm(form))
        return key

    async def get_draft(self, operator: Operator, key: str) -> Look:
        """Return a draft of this operator's; its version is that of the look which it was made from.

        Raises ``NotAllowed`` and ``Expired`` (``look_draft_gone``).
        """
        return look_in((await self._draft(operator, key)).fields)

    async def rebase_draft(self, operator: Operator, key: str) -> Look:
        """Return what a draft changes, over the look as it is now; raises what ``get_draft`` raises."""
        fields = (await self._draft(operator, key)).fields
        base = {name.removeprefix(_BASE): text for name, text in fields.items() if name.startswith(_BASE)}
        mine = look_in(fields)
        theirs = await self.looks.find()
        return rebased(mine, base=look_in(base), theirs=theirs) if base else mine

    async def _draft(self, operator: Operator, key: str) -> KeptForm:
        """Find the kept form that is a draft of this operator's.

        The attack (R-111): the key of somebody else's draft, or of a form that waits for a sign-in, is tried here.
        """
        operator.need(Right.SEE)
        form = await self.forms.find(hash_secret(key))
        is_mine = form is not None and (form.bound_to, form.path) == (_owner(operator), DRAFT_PATH)
        if form is None or not is_mine or form.expires <= self.clock.now():
            raise Expired("look_draft_gone", "This draft is not there any more. Please make it again.")
        return form

    async def save_draft(self, operator: Operator, key: str) -> SavedLook:
        """Save a draft; raises what ``get_draft`` and ``save`` raise."""
        draft = await self.get_draft(operator, key)
        return await self.save(operator, draft, draft.version)

    async def _judge(self, wanted: Look, present: Look) -> Judged:
        judged = judge_look(wanted, self.pages)
        faults = dict(judged.faults)
        # A trial takes a second: what was tried when it was saved is not tried again.
        is_tried = not wanted.templates or wanted.templates == present.templates
        if not is_tried and not any(field.startswith("templates") for field in faults):
            found = await self.trial.find_faults(wanted.templates)
            faults |= {f"templates.{name}": sentence for name, sentence in found.items()}
        if faults:
            raise InvalidInput("look_invalid", "This look cannot be saved.", fields=faults)
        return judged


def _owner(operator: Operator) -> str:
    return hash_secret(f"look draft of operator {operator.id}")


def _changed() -> Conflict:
    return Conflict(
        "look_changed", "Somebody else changed the look meanwhile. Look at both versions.", what="look"
    )
