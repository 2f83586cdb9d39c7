"""The pages on which a provider is edited: one for each part, with a preview where people would fare otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.errors import Conflict, InvalidInput
from jitney.model.identity_provider import IdentityProvider
from jitney.signin.policy_replay import PolicyReplay
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.identity_providers.part_forms import (
    PartForms,
    by_inputs,
    without_secrets,
)
from jitney.web.console.identity_providers.part_view import PartView
from jitney.web.console.identity_providers.parts import BASIC_PART, PARTS, Part
from jitney.web.console.identity_providers.places import BASE, SECTION, address_of
from jitney.web.console.rehearsal.replay_view import replay_view
from jitney.web.console.versions import both_versions, version_in

GO, SAVE, BACK = "go", "save", "back"
"""The buttons of the preview; a form that was never previewed has none of them."""


@dataclass(frozen=True, slots=True)
class PartPages:
    """Shows the parts of a provider, and saves them one by one."""

    desk: Desk
    providers: IdentityProviderAdministration
    replay: PolicyReplay
    forms: PartForms
    view: PartView

    def doorways(self) -> list[Doorway]:
        """Return the address of each part; the provider's own address shows the first."""
        doorways: list[Doorway] = [ConsolePage(f"{BASE}/{{name}}", Right.SEE, partial(self.show, BASIC_PART))]
        for part in PARTS:
            path, show = f"{BASE}/{{name}}/{part.key}", partial(self.show, part)
            doorways += [
                ConsolePage(path, Right.SEE, show),
                ConsoleForm(path, Right.ADMINISTER, partial(self.update, part), show, risky=part.risky),
            ]
        return doorways

    async def show(self, part: Part, visit: Visit, *, beside: Fields | None = None) -> Response:
        """``GET /console/identity-providers/{name}/{part}``, and the form again with what was typed.

        ``beside`` is what was typed into another form of the page.
        """
        idp = await self.providers.get(visit.operator, visit.place("name"))
        typed = self.forms.now(part, idp).shown(visit.typed)
        return await self.view.page(visit, part, idp, {**typed, **(beside or {})})

    async def update(self, part: Part, visit: Visit, typed: Fields) -> Response:
        """``POST`` to the same: save the part, unless somebody else was first, or people would fare otherwise."""
        present = await self.providers.get(visit.operator, visit.place("name"))
        if typed.get(GO) == BACK:
            return await self.show(part, replace(visit, typed=typed))
        posted, typed = typed, self.forms.now(part, present).settled(typed)
        wanted = self.forms.read(part, present, typed)
        if version_in(typed) != present.version:
            return self._conflict(part, visit, posted, present)
        if wanted == without_secrets(present):
            return self.desk.done(address_of(present.name, part.key), "unchanged")
        try:
            return await self._previewed_or_saved(part, visit, typed, wanted=wanted, present=present)
        except InvalidInput as fault:
            raise InvalidInput(fault.code, fault.sentence, fields=by_inputs(fault.fields)) from fault
        except Conflict as lost:
            if lost.what != "identity_provider":
                raise
            now = await self.providers.get(visit.operator, present.name)
            return self._conflict(part, visit, posted, now)

    async def _previewed_or_saved(
        self, part: Part, visit: Visit, typed: Fields, *, wanted: IdentityProvider, present: IdentityProvider
    ) -> Response:
        warnings = plain_warnings(await self.providers.look_over(visit.operator, wanted))
        if part.previewed and typed.get(GO) != SAVE:
            replayed = await self.replay.replay(present, wanted)
            if warnings or replayed.changed or replayed.is_cut_short:
                rows = self.forms.now(part, present).differences(self.forms.typed(part, wanted))
                fields = {name: text for name, text in typed.items() if name != GO}
                return self.desk.page(
                    visit, "console/identity_providers/preview.html",
                    title=f"{present.display_name}: look before you save", section=SECTION, rows=rows,
                    warnings=warnings, replay=replay_view(replayed), fields=fields,
                    action=address_of(present.name, part.key), idp=present,
                )  # fmt: skip
        saved = await self.providers.change(visit.operator, wanted, version=present.version)
        if part.previewed or not warnings:
            said = "saved_nobody" if part.previewed and typed.get(GO) != SAVE else "saved"
            return self.desk.done(address_of(present.name, part.key), said)
        return await self.view.page(
            visit, part, saved.idp, self.forms.now(part, saved.idp).shown(None), warnings=warnings
        )

    def _conflict(self, part: Part, visit: Visit, posted: Fields, present: IdentityProvider) -> Response:
        typed = {name: text for name, text in posted.items() if name != GO}
        mine = self.forms.typed(part, self.forms.read(part, present, typed))
        return both_versions(
            self.desk, visit, self.forms.now(part, present), typed, mine=mine,
            title=f"{present.display_name} was changed meanwhile", at=address_of(present.name, part.key),
        )  # fmt: skip


def plain_warnings(warnings: Sequence[str]) -> list[str]:
    """Return the verbs' warnings as sentences; each begins with the path of its field, which no operator sees."""
    return [
        text.strip()[:1].upper() + text.strip()[1:]
        for one in warnings
        for text in [one.partition(": ")[2] or one]
    ]
