"""``/console/look/templates``: our templates, and those that stand in their place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.errors import NotFound
from jitney.model.look import Look
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.look.proposing import HERE, LookForm, Proposing, tabs
from jitney.web.console.look.samples import PAGES
from jitney.web.console.record_fields import Field, Kind
from jitney.web.console.versions import Present, version_in
from jitney.web.kit.templating import TEMPLATES

OURS: Final = f"{HERE}/templates"
ONE: Final = f"{OURS}/{{name}}"


@dataclass(frozen=True, slots=True)
class Overriding:
    """The pages of the templates."""

    proposing: Proposing

    def doorways(self) -> list[Doorway]:
        """Return the addresses of these pages."""
        return [
            ConsolePage(OURS, Right.SEE, self.show),
            ConsolePage(ONE, Right.SEE, self.show_one),
            ConsoleForm(ONE, Right.ADMINISTER, self.act, self.show_one, risky=True),
            ConsoleForm(f"{ONE}/remove", Right.ADMINISTER, self.remove, self.show_one),
        ]

    async def show(self, visit: Visit) -> Response:
        """List the templates, with what each is."""
        look = await self.proposing.look.get(visit.operator)
        folder = self.proposing.live.settings.templates
        return self.proposing.desk.page(
            visit,
            "console/look/templates.html",
            title="Look",
            section="look",
            tabs=tabs(OURS),
            templates=[
                (name, title, name in look.templates, folder is not None and (folder / name).is_file())
                for name, title in sorted(PAGES.items())
            ],
        )

    async def show_one(self, visit: Visit) -> Response:
        """Show our template, and the one in its place or a copy to begin with."""
        look, name = await self.proposing.look.get(visit.operator), _name_in(visit)
        ours = (TEMPLATES / name).read_text(encoding="utf-8")
        typed, shown, path = visit.typed or {}, _shown(look, name, ours), f"templates.{name}"
        sentence = "A template of Jinja2. Whatever it prints is escaped."
        return self.proposing.desk.page(
            visit,
            "console/look/template.html",
            title=name,
            section="look",
            here=f"{OURS}/{name}",
            templates_href=OURS,
            about=PAGES[name],
            ours=ours,
            is_overridden=name in look.templates,
            field=Field(path, "The template in its place", Kind.LONG, sentence=sentence),
            shown={**shown.made_from(), **shown.texts, **typed},
        )

    async def act(self, visit: Visit, typed: Fields) -> Response:
        """Save, or show first."""
        name = _name_in(visit)
        ours = (TEMPLATES / name).read_text(encoding="utf-8")
        form = LookForm(
            lambda look: _shown(look, name, ours),
            lambda look, said: _with(look, {name: said.get(f"templates.{name}", "").replace("\r\n", "\n")}),
            f"{OURS}/{name}",
        )
        return await self.proposing.settle(visit, typed, form)

    async def remove(self, visit: Visit, typed: Fields) -> Response:
        """Take a template away, so that the page is ours again."""
        name = _name_in(visit)
        asked = {"version": str(version_in(typed))}
        form = LookForm(
            lambda look: Present((), look.version, {}), lambda look, _: _without(look, name), f"{OURS}/{name}"
        )
        return await self.proposing.settle(visit, asked, form)


def _name_in(visit: Visit) -> str:
    """Return the template of an address; only names that are listed lead to a file (R-111)."""
    name = visit.place("name")
    if name not in PAGES:
        raise NotFound("look_template_unknown", "There is no such template.")
    return name


def _shown(look: Look, name: str, ours: str) -> Present:
    path = f"templates.{name}"
    return Present([Field(path, name, Kind.LONG)], look.version, {path: look.templates.get(name, ours)})


def _with(look: Look, more: Mapping[str, str]) -> Look:
    return replace(look, templates={**look.templates, **more})


def _without(look: Look, name: str) -> Look:
    return replace(look, templates={one: text for one, text in look.templates.items() if one != name})
