"""Purposes in the console: what people are asked to agree to, with versions, and as they read it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.purpose_rules import MOST_BOXES
from jitney.administration.purposes import PurposeAdministration
from jitney.errors import Conflict, NotFound
from jitney.model.consent import Purpose
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.record_forms import Choice, Column, Field, Kind, read_record, typed_of
from jitney.web.console.versions import Present, both_versions, version_in

PURPOSES = "/console/purposes"
NEW = f"{PURPOSES}/new"
ONE = f"{PURPOSES}/{{id}}"

FIELDS = (
    Field("name", "Name", sentence="3 to 60 characters. People read it as a heading.", required=True),
    Field(
        "description",
        "What the data is used for",
        Kind.LONG,
        "Up to 500 characters, in plain words: people read it before they tick.",
        required=True,
    ),
    Field(
        "attributes",
        "Attributes",
        Kind.ROWS,
        "Each is a box to tick. Without one that is needed no account is made.",
        columns=(
            Column("name", "Attribute"),
            Column(
                "mandatory", "How", (Choice("off", "May be left out"), Choice("on", "Needed for an account"))
            ),
        ),
    ),
)
NOT_EDITED = {"id": "It is generated and never changes.", "version": "It grows with every change."}
"""Fields that stand in no form, each with the reason."""


@dataclass(frozen=True, slots=True)
class PreviewBox:
    """A box as people see it."""

    label: str
    mandatory: bool


@dataclass(frozen=True, slots=True)
class PurposesSection:
    """The section; ``label_of`` says how the pages for arriving people call an attribute."""

    purposes: PurposeAdministration
    desk: Desk
    label_of: Callable[[str], str]

    def doorways(self) -> list[Doorway]:
        """Return the addresses of this section."""
        change = Right.ADMINISTER
        return [
            ConsolePage(PURPOSES, Right.SEE, self.list),
            ConsolePage(NEW, change, self.new),
            ConsoleForm(NEW, change, self.add, self.new),
            ConsolePage(ONE, Right.SEE, self.show),
            ConsoleForm(ONE, change, self.save, self.show),
            ConsolePage(f"{ONE}/remove", change, self.ask_removal),
            ConsoleForm(f"{ONE}/remove", change, self.remove, self.ask_removal),
        ]

    async def list(self, visit: Visit) -> Response:
        """``GET /console/purposes``."""
        found = await self.purposes.list(visit.operator)
        boxes = sum(len(one.attributes) for one in found)
        return self._page(
            visit, "list", title="Purposes", rows=[(one, _place(one)) for one in found], new=NEW,
            boxes=boxes, most=MOST_BOXES,
        )  # fmt: skip

    async def new(self, visit: Visit) -> Response:
        """``GET /console/purposes/new``."""
        return self._form(visit, Purpose("", "", "", ()), title="Add a purpose", at=NEW)

    async def add(self, visit: Visit, fields: Fields) -> Response:
        """``POST /console/purposes/new``: keep it, or show how people would read it."""
        wanted = read_record(Purpose("", "", "", ()), FIELDS, fields)
        if fields.get("do") == "preview":
            shown = replace(visit, typed=fields)
            return self._form(shown, Purpose("", "", "", ()), title="Add a purpose", at=NEW, read=wanted)
        made = await self.purposes.add(visit.operator, wanted)
        return self.desk.done(_place(made), "added")

    async def show(self, visit: Visit) -> Response:
        """``GET /console/purposes/{id}``."""
        present = await self._find(visit)
        return self._form(visit, present, title=present.name, at=_place(present), read=present)

    async def save(self, visit: Visit, fields: Fields) -> Response:
        """``POST /console/purposes/{id}``: make a new version, or show how people would read it."""
        present = await self._find(visit)
        typed = _now(present).settled(fields)
        wanted = read_record(present, FIELDS, typed)
        if fields.get("do") == "preview":
            shown = replace(visit, typed=fields)
            return self._form(shown, present, title=present.name, at=_place(present), read=wanted)
        try:
            saved = await self.purposes.change(
                visit.operator, present.name, wanted, version=version_in(typed)
            )
        except Conflict as lost:
            if lost.what != "purpose":
                raise
            return await self._conflict(visit, fields)
        return self.desk.done(_place(saved), "saved" if saved.version != present.version else "unchanged")

    async def ask_removal(self, visit: Visit) -> Response:
        """``GET /console/purposes/{id}/remove``."""
        present = await self._find(visit)
        return self.desk.confirm(
            visit,
            title=f"Remove {present.name}",
            section="purposes",
            sentences=[
                "Nobody is asked for it any more. What people agreed to stands, in the words that they read.",
                "An attribute that no other purpose lists is from then on stored without asking.",
            ],
            lines=[
                ("Version", str(present.version)),
                ("Attributes", ", ".join(each.name for each in present.attributes)),
            ],
            action=f"{_place(present)}/remove",
            button="Remove the purpose",
            back=_place(present),
        )

    async def remove(self, visit: Visit, _fields: Fields) -> Response:
        """``POST /console/purposes/{id}/remove``."""
        present = await self._find(visit)
        await self.purposes.remove(visit.operator, present.name)
        return self.desk.done(PURPOSES, "removed")

    async def _conflict(self, visit: Visit, fields: Fields) -> Response:
        theirs = await self._find(visit)
        mine = read_record(theirs, FIELDS, fields)
        return both_versions(
            self.desk, visit, _now(theirs), fields, mine=typed_of(mine, FIELDS),
            title=theirs.name, at=_place(theirs),
        )  # fmt: skip

    async def _find(self, visit: Visit) -> Purpose:
        """Return the purpose of this id: its name may hold anything, so that no address is made of it."""
        wanted = visit.place("id")
        found = next((one for one in await self.purposes.list(visit.operator) if one.id == wanted), None)
        if found is None:
            raise NotFound("purpose_not_found", "There is no such purpose.")
        return found

    def _form(
        self, visit: Visit, present: Purpose, *, title: str, at: str, read: Purpose | None = None
    ) -> Response:
        shown = replace(visit, typed=_now(present).shown(visit.typed))
        boxes = (
            [PreviewBox(self.label_of(one.name), one.mandatory) for one in read.attributes] if read else []
        )
        return self._page(
            shown,
            "edit",
            title=title,
            fields=FIELDS,
            at=at,
            purpose=present,
            read=read,
            boxes=boxes,
            is_unsaved=read is not None and read is not present,
        )

    def _page(self, visit: Visit, template: str, *, title: str, **values: object) -> Response:
        return self.desk.page(
            visit, f"console/purposes/{template}.html", title=title, section="purposes", **values
        )


def _now(purpose: Purpose) -> Present:
    return Present(FIELDS, purpose.version, typed_of(purpose, FIELDS))


def _place(purpose: Purpose) -> str:
    return f"{PURPOSES}/{quote(purpose.id, safe='')}"
