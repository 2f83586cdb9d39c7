"""Editing a user store part by part: tried before it is saved, and both versions where two operators edit."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from jitney.administration.stores.rule_trial import RulesTried
from jitney.errors import Conflict, InvalidInput, NotFound
from jitney.model.diagnosis import Diagnosis
from jitney.model.user_store_record import StoreConnection, UserStoreRecord
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.record_forms import read_record, typed_of
from jitney.web.console.record_parts import Part
from jitney.web.console.user_stores.parts import parts_of
from jitney.web.console.user_stores.room import StoreRoom, place, tabs
from jitney.web.console.user_stores.trying import TRY, canonical_told, texts_in, verdicts
from jitney.web.console.versions import both_versions, version_in

SAME_PEOPLE = "same_people"


@dataclass(frozen=True, slots=True)
class StoreEditing:
    """Edits one part of a store, whose ``word`` ends the address."""

    room: StoreRoom
    word: str

    async def show(self, visit: Visit) -> Response:
        """``GET …/{part}``."""
        return await self._form(visit)

    async def save(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/{part}``: save the part, or try it as it was typed."""
        present = await self.room.stores.get(visit.operator, visit.place("domain"))
        part = self._part(present.connection)
        typed = part.now(present, present.version).settled(fields)
        wanted = read_record(present, part.fields, typed)
        again = replace(visit, typed=fields)
        match fields.get("do"):
            case "try":
                tried = self.room.rules.try_draft(visit.operator, wanted.description, texts_in(fields))
                return await self._form(again, tried=tried)
            case "test":
                diagnosis = await self.room.stores.test_draft(visit.operator, wanted)
                return await self._form(again, diagnosis=diagnosis)
            case _:
                try:
                    return await self._save(visit, typed, present, wanted)
                except Conflict as lost:
                    if lost.what != "user_store":
                        raise
                    return await self._conflict(visit, fields)

    async def _save(
        self, visit: Visit, typed: Fields, present: UserStoreRecord, wanted: UserStoreRecord
    ) -> Response:
        try:
            saved = await self.room.stores.edit(
                visit.operator, wanted, version=version_in(typed), same_people=SAME_PEOPLE in typed
            )
        except InvalidInput as fault:
            parts = parts_of(present.connection)
            raise self._part(present.connection).placed(fault, parts) from fault
        return self.room.saved(
            visit, saved, "saved" if saved.record.version != present.version else "unchanged"
        )

    async def _conflict(self, visit: Visit, fields: Fields) -> Response:
        theirs = await self.room.stores.get(visit.operator, visit.place("domain"))
        part, domain = self._part(theirs.connection), theirs.description.domain
        mine = read_record(theirs, part.fields, fields)
        return both_versions(
            self.room.desk, visit, part.now(theirs, theirs.version), _without_box(fields),
            mine=typed_of(mine, part.fields), title=f"{domain}: {part.title}", at=place(domain, part.word),
        )  # fmt: skip

    async def _form(
        self, visit: Visit, *, diagnosis: Diagnosis | None = None, tried: RulesTried | None = None
    ) -> Response:
        present = await self.room.stores.get(visit.operator, visit.place("domain"))
        part, domain = self._part(present.connection), present.description.domain
        shown = replace(visit, typed=part.now(present, present.version).shown(visit.typed))
        return self.room.page(
            shown, "edit", title=domain, part=part, at=place(domain, part.word),
            tabs=tabs(domain, present.connection, part.word), diagnosis=diagnosis,
            box=TRY if part.word == "rules" else (), tried=verdicts(tried) if tried else [],
            canonical=canonical_told(tried) if tried else [], may_test=part.risky,
            may_move=part.word == "connection",
        )  # fmt: skip

    def _part(self, connection: StoreConnection) -> Part:
        found = next((part for part in parts_of(connection) if part.word == self.word), None)
        if found is None:
            raise NotFound("page_unknown", "A store of this kind has no such part.")
        return found


def _without_box(fields: Fields) -> dict[str, str]:
    """Return the fields without what stood in the box to try."""
    return {name: text for name, text in fields.items() if not name.startswith("try.") and name != "do"}
