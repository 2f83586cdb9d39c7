"""What is done with every form of the look: save it, or keep it as a draft and show that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from jitney.administration.look import LookAdministration, SavedLook
from jitney.administration.look_parts import changed_parts
from jitney.errors import Conflict
from jitney.model.look import Look
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.look.words import title_of, told
from jitney.web.console.versions import Present, version_in
from jitney.web.kit.live_theme import LiveTheme
from jitney.web.kit.render import redirect

HERE: Final = "/console/look"
PREVIEW: Final = f"{HERE}/preview"
NOW: Final = "now"
"""What stands in the place of a draft's key where the look is shown as it is."""


@dataclass(frozen=True, slots=True)
class LookForm:
    """A form of the look: what it shows of one, what it makes of one, and the page on which it stands."""

    shows: Callable[[Look], Present]
    change: Callable[[Look, Fields], Look]
    back: str

    def over(self, look: Look, typed: Fields) -> Look:
        """Return a look with what was typed; what only somebody else has changed since the form was made stays."""
        return self.change(look, self.shows(look).kept_up(typed))


@dataclass(frozen=True, slots=True)
class Proposing:
    """Carries out the forms; ``live`` is what the pages of people are dressed in."""

    look: LookAdministration
    desk: Desk
    live: LiveTheme

    async def settle(self, visit: Visit, typed: Fields, form: LookForm) -> Response:
        """Save what a form changes, or show it first where its button says so."""
        present, version = await self.look.get(visit.operator), version_in(typed)
        wanted = form.over(present, typed)
        if typed.get("action") == "preview":
            return redirect(preview_address(await self.look.keep_draft(visit.operator, wanted, version)))
        try:
            saved = await self.look.save(visit.operator, wanted, version)
        except Conflict:
            newest = await self.look.get(visit.operator)
            return await self.conflict(visit, form.over(newest, typed), newest, back=form.back)
        return self.saved(saved, back=form.back)

    def saved(self, saved: SavedLook, *, back: str) -> Response:
        """Lead on after a look was saved; pages of this process show it at once."""
        self.live.forget()
        return self.desk.done(back, "look_saved_hard_to_read" if saved.warnings else "look_saved")

    async def conflict(self, visit: Visit, mine: Look, theirs: Look, *, back: str) -> Response:
        """Show both versions; this operator's waits as a draft, since no form carries a picture back."""
        parts = changed_parts(theirs, mine)
        if not parts:
            return self.desk.done(back, "unchanged")
        key = await self.look.keep_draft(visit.operator, mine, theirs.version)
        return self.desk.conflict(
            visit,
            title="The look was changed meanwhile",
            rows=[(title_of(part), told(mine, part), told(theirs, part)) for part in parts],
            action=f"{preview_address(key)}/save",
            fields={},
            back=back,
        )


def preview_address(key: str) -> str:
    """Return where a draft is shown."""
    return f"{PREVIEW}/{quote(key, safe='')}"


def tabs(current: str) -> list[tuple[str, str, bool]]:
    """Return the parts of the section, with the one that is open."""
    places = (
        ("Name, logo, colours", HERE),
        ("Texts", f"{HERE}/texts"),
        ("Templates", f"{HERE}/templates"),
        ("All pages", f"{PREVIEW}/{NOW}"),
    )
    return [(text, href, href == current) for text, href in places]
