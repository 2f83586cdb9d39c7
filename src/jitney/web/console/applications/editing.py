"""Editing an application part by part, and both versions where two operators edit."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from jitney.errors import Conflict, InvalidInput
from jitney.model.application import Application
from jitney.web.console.applications.fields import parts_for
from jitney.web.console.applications.room import ApplicationRoom, place, tabs
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.record_forms import read_record, typed_of
from jitney.web.console.record_parts import Part
from jitney.web.console.versions import both_versions, version_in


@dataclass(frozen=True, slots=True)
class ApplicationEditing:
    """Edits one part of an application, whose ``word`` ends the address."""

    room: ApplicationRoom
    word: str

    async def show(self, visit: Visit) -> Response:
        """``GET …/{part}``."""
        present, part = await self._find(visit, visit.typed)
        return self.room.page(
            replace(visit, typed=part.now(present, present.version).shown(visit.typed)),
            "edit",
            title=present.name,
            part=part,
            at=place(present.id, part.word),
            tabs=tabs(present.id, part.word),
        )

    async def save(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/{part}``."""
        present, part = await self._find(visit, fields)
        typed = part.now(present, present.version).settled(fields)
        wanted, version = read_record(present, part.fields, typed), version_in(typed)
        if wanted == present and version == present.version:
            return self.room.desk.done(place(present.id, part.word), "unchanged")
        try:
            saved = await self.room.applications.change(visit.operator, wanted, version=version)
        except Conflict as lost:
            if lost.what != "application":
                raise
            return await self._conflict(visit, fields)
        except InvalidInput as fault:
            raise part.placed(fault, parts_for([])) from fault
        return self.room.saved(visit, saved, "saved", further=part.word)

    async def _conflict(self, visit: Visit, fields: Fields) -> Response:
        theirs, part = await self._find(visit, fields)
        mine = read_record(theirs, part.fields, fields)
        return both_versions(
            self.room.desk, visit, part.now(theirs, theirs.version), fields, mine=typed_of(mine, part.fields),
            title=f"{theirs.name}: {part.title}", at=place(theirs.id, part.word),
        )  # fmt: skip

    async def _find(self, visit: Visit, typed: Fields | None) -> tuple[Application, Part]:
        present = await self.room.applications.get(visit.operator, visit.place("id"))
        names = await self.room.provider_names(visit) if self.word == "people" else []
        parts = parts_for(names, present, typed)
        return present, next(part for part in parts if part.word == self.word)
